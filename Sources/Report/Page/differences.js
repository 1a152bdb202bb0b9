// Paired differences against one method under one condition, which the reader chooses.
'use strict';

/** The figures of all other entries against `reference`, each turned so that the reference is what is taken away. */
function differencesAgainst(reference, grader) {
  const isReference = (entry) => entryKey(entry) === reference;
  return report.differences.filter((row) => row.grader === grader).flatMap((row) => {
    if (isReference(row.second)) return [{ entry: row.first, estimate: row.difference, questions: row.questions }];
    if (!isReference(row.first)) return [];
    const { value, low, high } = row.difference;
    return [{ entry: row.second, estimate: { value: -value, low: -high, high: -low }, questions: row.questions }];
  });
}

/** Methods by conditions, as in the table of right answers. */
function differencesTable(rows, name) {
  const conditions = report.conditions.filter(({ name }) => rows.some(({ entry }) => entry.condition === name));
  const methods = report.methods.filter(({ name }) => rows.some(({ entry }) => entry.method === name));
  const counts = unique(rows.map((row) => row.questions)).sort((a, b) => a - b).map((count) => count.toLocaleString('en'));
  const cell = (row) => row === undefined ? '–' : element('span', {},
    element(row.estimate.low > 0 || row.estimate.high < 0 ? 'strong' : 'span', {}, points(row.estimate.value)),
    element('small', {}, `${points(row.estimate.low)} … ${points(row.estimate.high)}`));
  return table(`Percentage points more than ${name}, with 95 % intervals over ${counts.join(' or ')} questions.`,
    ['Method', ...conditions.map(({ label }) => label)],
    methods.map((method) => [
      element('span', {}, swatch(method.name), method.label),
      ...conditions.map((condition) => cell(rows.find(({ entry }) =>
        entry.method === method.name && entry.condition === condition.name))),
    ]));
}

function differencesPlots(rows) {
  const ends = rows.flatMap(({ estimate }) => [100 * estimate.low, 100 * estimate.high]);
  const limits = { min: 10 * Math.floor(Math.min(0, ...ends) / 10), max: 10 * Math.ceil(Math.max(0, ...ends) / 10) };
  return unique(rows.map(({ entry }) => entry.condition)).map((condition) => {
    const own = rows.filter(({ entry }) => entry.condition === condition);
    return dotPlot(conditionLabel(condition), own.map(({ entry, estimate }) => ({
      name: methodLabel(entry.method), colour: colourName(entry.method), estimate,
    })), {
      title: 'percentage points, with 95 % interval', limits, show: points,
      summary: own.map(({ entry, estimate }) => `${methodLabel(entry.method)} ${withInterval(estimate, points)}`).join(', '),
    });
  });
}

const differencesList = document.querySelector('[data-list="differences"]');
if (differencesList) {
  const keys = unique(report.differences.flatMap((row) => [row.second, row.first]).map(entryKey));
  const options = keys.map((key) => [key, entryName(key)]);
  const chosen = { reference: keys[0], grader: report.graders[0] };
  const place = element('div', {});
  const show = () => {
    const rows = differencesAgainst(chosen.reference, chosen.grader);
    place.replaceChildren(differencesTable(rows, entryName(chosen.reference)));
    plots('differences', 'plots', () => differencesPlots(rows));
    draw();
  };
  const controls = [choice('Against', options, (key) => { chosen.reference = key; show(); })];
  if (report.graders.length > 1) {
    controls.push(choice('Graded by', report.graders.map((name) => [name, name]), (name) => { chosen.grader = name; show(); }));
  }
  differencesList.replaceChildren(element('div', { className: 'controls' }, ...controls), place);
  show();
}
