// What the other scripts share: the report's data, its names, and elements made of text, never of markup.
'use strict';

const report = JSON.parse(document.getElementById('report').textContent);
const methodLabels = new Map(report.methods.map((method) => [method.name, method.label]));
const conditionLabels = new Map(report.conditions.map((condition) => [condition.name, condition.label]));
const methodLabel = (name) => methodLabels.get(name) ?? name;
const conditionLabel = (name) => conditionLabels.get(name) ?? name;

// The base model is grey; the others take the colours in their order, the same in every plot.
const seriesOf = new Map();
for (const { name } of report.methods) {
  const others = [...seriesOf.values()].filter((number) => number > 0).length;
  seriesOf.set(name, name === 'base' ? 0 : 1 + (others % 8));
}
const colourName = (method) => `--series-${seriesOf.get(method) ?? 0}`;

/** A method under a condition as one string, and as people read it. */
const entryKey = ({ method, condition }) => `${method}\n${condition}`;
const entryName = (key) => {
  const [method, condition] = key.split('\n');
  return `${methodLabel(method)} · ${conditionLabel(condition)}`;
};

/** A dot in a method's colour. */
function swatch(method) {
  const dot = element('span', { className: 'swatch' });
  dot.style.background = `var(${colourName(method)})`;
  return dot;
}

const unique = (values) => [...new Set(values)];
const percent = (share) => (100 * share).toFixed(1);
const points = (share) => {
  const text = Math.abs(100 * share).toFixed(1);
  return text === '0.0' ? '±0.0' : (share < 0 ? '−' : '+') + text;
};

/** An element with properties and children; strings among the children are text. */
function element(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** A labelled choice. `options` are [value, text] pairs; `onChange` is called with the chosen value. */
function choice(text, options, onChange) {
  const select = element('select', {}, ...options.map(([value, label]) => element('option', { value }, label)));
  select.addEventListener('change', () => onChange(select.value));
  return element('label', {}, text, select);
}

/** A table whose rows are arrays of cells, the first of them the row's name. Cells are strings or elements. */
function table(caption, head, rows) {
  return element('div', { className: 'table' }, element('table', {},
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...head.map((text) => element('th', { scope: 'col' }, text)))),
    element('tbody', {}, ...rows.map(([name, ...cells]) => element('tr', {},
      element('th', { scope: 'row' }, name), ...cells.map((cell) => element('td', {}, cell)))))));
}

for (const head of document.querySelectorAll('[data-method]')) head.prepend(swatch(head.dataset.method));
