// The list of questions: every method's replies side by side, filtered and paged. Only the page at hand is in the document.
'use strict';

const pageSize = 20;
const longReply = 420;
const gradeWords = { correct: '✓ right', incorrect: '✗ wrong', unparsed: '? unparsed', none: 'not graded' };

// Replies are looked up by condition, then method: an array of { seed, replies }.
const sheets = new Map();
for (const evaluation of report.evaluations) {
  const methods = sheets.get(evaluation.condition) ?? new Map();
  sheets.set(evaluation.condition, methods.set(evaluation.method, [...methods.get(evaluation.method) ?? [], evaluation]));
}

/** How a method did at a question: right where most of its seeds are; undefined where none was graded. */
function verdict(method, question, { condition, grader }) {
  const outcomes = (sheets.get(condition)?.get(method) ?? [])
    .map((evaluation) => evaluation.replies[question]?.outcomes[grader]).filter(Boolean);
  if (outcomes.length === 0) return undefined;
  if (2 * outcomes.filter((outcome) => outcome === 'correct').length > outcomes.length) return 'correct';
  return outcomes.every((outcome) => outcome === 'unparsed') ? 'unparsed' : 'incorrect';
}

const agreements = {
  disagree: ['methods disagree', (verdicts) => verdicts.includes('correct') && verdicts.some((one) => one !== 'correct')],
  all: ['all questions', () => true],
  right: ['all methods are right', (verdicts) => verdicts.length > 0 && verdicts.every((one) => one === 'correct')],
  wrong: ['no method is right', (verdicts) => verdicts.length > 0 && !verdicts.includes('correct')],
  unparsed: ['a grade is unparsed', (verdicts) => verdicts.includes('unparsed')],
};

const filter = {
  text: '', condition: report.conditions[0]?.name, grader: report.graders[0], agreement: 'disagree', right: '', wrong: '',
};

/** All that is said about a question, in lower case; made when the first search needs it. */
const haystacks = [];
function haystack(question) {
  return haystacks[question] ??= [
    report.questions[question].text, report.questions[question].id, report.questions[question].document ?? '',
    ...report.questions[question].golds,
    ...report.evaluations.map((evaluation) => evaluation.replies[question]?.text ?? ''),
  ].join('\n').toLowerCase();
}

/** The numbers of the questions that pass the filter. */
function matching() {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const agrees = agreements[filter.agreement][1];
  const methods = report.methods.map((method) => method.name);
  return report.questions.map((_, question) => question).filter((question) => {
    const verdicts = methods.map((method) => verdict(method, question, filter)).filter(Boolean);
    if (!agrees(verdicts)) return false;
    if (filter.right && verdict(filter.right, question, filter) !== 'correct') return false;
    if (filter.wrong && [undefined, 'correct'].includes(verdict(filter.wrong, question, filter))) return false;
    return words.every((word) => haystack(question).includes(word));
  });
}

// ------------------------------------------------------------------------------------------------------ one question

/** Text with the gold answers marked in it. */
function marked(text, golds) {
  const pattern = golds.filter(Boolean).sort((a, b) => b.length - a.length)
    .map((gold) => gold.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  if (!pattern) return [text];
  return text.split(new RegExp(`(${pattern})`, 'gi')).map((piece, place) => place % 2 ? element('mark', {}, piece) : piece);
}

/** A reply's words, the end of long ones behind a button. */
function words(text, golds) {
  const paragraph = element('p', { dir: 'auto' });
  if (text === '') {
    paragraph.append(element('em', {}, '(nothing)'));
  } else if (text.length <= longReply) {
    paragraph.append(...marked(text, golds));
  } else {
    const more = element('button', { type: 'button' }, 'show all');
    more.addEventListener('click', () => paragraph.replaceChildren(...marked(text, golds)));
    paragraph.append(...marked(`${text.slice(0, longReply)}… `, golds), more);
  }
  return paragraph;
}

/** What a method said, equal replies of several seeds once. */
function replyCards(method, question) {
  const said = new Map();
  const evaluations = sheets.get(filter.condition)?.get(method) ?? [];
  for (const evaluation of evaluations) {
    const reply = evaluation.replies[question];
    if (!reply) continue;
    const key = `${reply.outcomes[filter.grader]}\n${reply.text}`;
    said.set(key, { reply, seeds: [...said.get(key)?.seeds ?? [], evaluation.seed] });
  }
  return [...said.values()].map(({ reply, seeds }) => {
    const outcome = reply.outcomes[filter.grader] ?? 'none';
    const which = evaluations.length < 2 ? '' : ` · seed${seeds.length > 1 ? 's' : ''} ${seeds.join(', ')}`;
    const reason = reply.reasoning?.[filter.grader];
    return element('div', { className: `reply ${outcome}` },
      element('div', { className: 'who' }, element('span', {}, methodLabel(method) + which),
        element('span', { className: 'grade' }, gradeWords[outcome] + (reply.repeats ? ' · without end' : ''))),
      words(reply.text, report.questions[question].golds),
      ...reason ? [element('p', { className: 'reason', dir: 'auto' }, reason)] : []);
  });
}

function questionCard(number) {
  const question = report.questions[number];
  const golds = element('p', { className: 'golds', dir: 'auto' }, 'Right: ');
  question.golds.forEach((gold, place) => golds.append(place ? ' · ' : '', element('b', {}, gold)));
  if (question.document) golds.append(` — ${question.document}`);
  if (question.dataset) golds.append(` (${question.dataset})`);
  return element('article', { className: 'question' }, element('h3', { dir: 'auto' }, question.text), golds,
    element('div', { className: 'replies' }, ...report.methods.flatMap((method) => replyCards(method.name, number))));
}

// ---------------------------------------------------------------------------------------------------------- the list

const questionList = document.querySelector('[data-list="questions"]');
if (questionList) {
  let found = [];
  let page = 0;
  const count = element('p', { className: 'count', role: 'status' });
  const cards = element('div', {});
  const back = element('button', { type: 'button' }, '← Back');
  const next = element('button', { type: 'button' }, 'Next →');
  const place = element('span', {});
  const pages = element('nav', { className: 'pages', 'aria-label': 'Pages of questions' }, back, place, next);

  const show = () => {
    const last = Math.max(0, Math.ceil(found.length / pageSize) - 1);
    page = Math.min(Math.max(page, 0), last);
    cards.replaceChildren(...found.slice(page * pageSize, (page + 1) * pageSize).map(questionCard));
    count.textContent = `${found.length.toLocaleString('en')} of ${report.questions.length.toLocaleString('en')} questions`;
    place.textContent = `${page + 1} of ${last + 1}`;
    pages.hidden = last === 0;
    [back.disabled, next.disabled] = [page === 0, page === last];
  };
  const turn = (by) => { page += by; show(); questionList.scrollIntoView({ block: 'start' }); };
  const search = (changes) => { Object.assign(filter, changes); found = matching(); page = 0; show(); };
  back.addEventListener('click', () => turn(-1));
  next.addEventListener('click', () => turn(1));

  const text = element('input', { type: 'search', placeholder: 'in questions and replies' });
  let typing;
  text.addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(() => search({ text: text.value }), 150); });
  const methods = report.methods.map((method) => [method.name, method.label]);
  const controls = [
    element('label', {}, 'Search', text),
    choice('Condition', report.conditions.map((one) => [one.name, one.label]), (condition) => search({ condition })),
    choice('Show', Object.entries(agreements).map(([key, [label]]) => [key, label]), (agreement) => search({ agreement })),
    choice('Right', [['', 'any'], ...methods], (right) => search({ right })),
    choice('Wrong', [['', 'any'], ...methods], (wrong) => search({ wrong })),
  ];
  if (report.graders.length > 1) {
    controls.push(choice('Graded by', report.graders.map((name) => [name, name]), (grader) => search({ grader })));
  }
  questionList.replaceChildren(element('div', { className: 'controls' }, ...controls), count, cards, pages);
  search({});
}
