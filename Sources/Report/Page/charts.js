// The plots, drawn by Chart.js. Without it nothing is drawn: every figure is in a table too.
'use strict';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const drawn = [];

/** Lines from `low` to `high` of each point that has them, through the point. */
const errorBars = {
  id: 'errorBars',
  beforeDatasetsDraw(chart) {
    const across = chart.options.indexAxis === 'y';
    const scale = across ? chart.scales.x : chart.scales.y;
    chart.data.datasets.forEach((dataset, index) => {
      if (!dataset.intervals || !chart.isDatasetVisible(index)) return;
      chart.getDatasetMeta(index).data.forEach((point, place) => {
        const interval = dataset.intervals[place];
        if (!interval || interval.low == null || interval.high == null) return;
        const [low, high] = [scale.getPixelForValue(interval.low), scale.getPixelForValue(interval.high)];
        chart.ctx.save();
        chart.ctx.strokeStyle = [dataset.intervalColor].flat()[place] ?? [dataset.intervalColor].flat()[0];
        chart.ctx.lineWidth = across ? 3 : 1.5;
        chart.ctx.beginPath();
        chart.ctx.moveTo(across ? low : point.x, across ? point.y : low);
        chart.ctx.lineTo(across ? high : point.x, across ? point.y : high);
        chart.ctx.stroke();
        chart.ctx.restore();
      });
    });
  },
};

/** An axis with a title; `settings` are Chart.js's own. */
function axis(title, settings = {}) {
  return {
    title: { display: title !== '', text: title, color: colour('--muted') },
    border: { color: colour('--rule') },
    ...settings,
    grid: { color: colour('--grid'), ...settings.grid },
    ticks: { color: colour('--muted'), ...settings.ticks },
  };
}

/**
 * A figure whose plot is `configure()`, asked again whenever the colours change.
 * `height` is in pixels; `summary` says in words what is plotted.
 */
function figure(caption, height, summary, configure) {
  const canvas = element('canvas', { role: 'img', 'aria-label': summary });
  const box = element('div', { className: 'canvas' }, canvas);
  box.style.height = `${height}px`;
  drawn.push({ canvas, configure, chart: null });
  return element('figure', {}, element('figcaption', {}, caption), box);
}

/** Draws every figure that is on the page, and forgets those that are no longer. */
function draw() {
  if (typeof Chart === 'undefined') return;
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 12;
  Chart.defaults.color = colour('--ink');
  for (const plot of drawn.splice(0)) {
    plot.chart?.destroy();
    if (!plot.canvas.isConnected) continue;
    const settings = plot.configure();
    settings.options = { animation: false, responsive: true, maintainAspectRatio: false, ...settings.options };
    settings.plugins = [errorBars];
    plot.chart = new Chart(plot.canvas, settings);
    drawn.push(plot);
  }
}

/** Fills the place of a plot; `build` gives its elements. */
function plots(name, className, build) {
  const place = document.querySelector(`[data-plot="${name}"]`);
  if (!place || typeof Chart === 'undefined') return;
  place.className = className;
  place.replaceChildren(...build());
}

const isNarrow = matchMedia('(max-width: 40rem)');

/** A row's name, on narrow screens in two lines where it is long. */
function rowName(name) {
  const spaces = [...name.matchAll(/ /g)].map((match) => match.index);
  if (!isNarrow.matches || name.length < 15 || spaces.length === 0) return name;
  const middle = spaces.reduce((best, place) =>
    Math.abs(place - name.length / 2) < Math.abs(best - name.length / 2) ? place : best);
  return [name.slice(0, middle), name.slice(middle + 1)];
}

const tooltip = (label) => ({ callbacks: { label }, displayColors: false });
const withInterval = (estimate, show) =>
  show(estimate.value) + (estimate.low == null ? '' : ` (${show(estimate.low)} – ${show(estimate.high)})`);
const legend = (isShown, settings = {}) => ({
  display: isShown, position: 'bottom',
  ...settings, labels: { usePointStyle: true, boxHeight: 7, color: colour('--ink'), ...settings.labels },
});

/** Dots with intervals, one row a name: `rows` are { name, colour, estimate }, shares from 0 to 1. */
function dotPlot(caption, rows, { title, show, limits, summary }) {
  const scaled = rows.map(({ estimate }) => ({
    low: estimate.low == null ? null : 100 * estimate.low, high: estimate.high == null ? null : 100 * estimate.high,
  }));
  return figure(caption, 64 + 30 * rows.length, summary, () => {
    const colours = rows.map((row) => colour(row.colour));
    return {
      type: 'line',
      data: {
        labels: rows.map((row) => rowName(row.name)),
        datasets: [{
          data: rows.map((row) => 100 * row.estimate.value), intervals: scaled, intervalColor: colours.map((c) => c + '88'),
          showLine: false, clip: false, pointRadius: 4, pointHoverRadius: 6, pointBackgroundColor: colours,
          pointBorderColor: colours,
        }],
      },
      options: {
        indexAxis: 'y', layout: { padding: { right: 12 } },
        interaction: { mode: 'nearest', axis: 'y', intersect: false },
        scales: {
          x: axis(title, { ...limits, grid: { color: (line) => colour(line.tick?.value === 0 ? '--muted' : '--grid') } }),
          y: axis('', { offset: true, grid: { display: false }, ticks: { color: colour('--ink'), autoSkip: false } }),
        },
        plugins: {
          legend: { display: false },
          tooltip: tooltip((item) => withInterval(rows[item.dataIndex].estimate, show)),
        },
      },
    };
  });
}

/** Lines with error bars over a numeric axis: `lines` are { name, colour, dash, points: [{ x, estimate }] }. */
function linePlot(caption, lines, { xTitle, yTitle, isLogarithmic, summary }) {
  const ends = lines.flatMap((line) => line.points.flatMap(({ estimate: { value, low, high } }) => [low ?? value, high ?? value]));
  const places = unique(lines.flatMap((line) => line.points.map((point) => point.x)));
  return figure(caption, 320, summary, () => ({
    type: 'line',
    data: {
      datasets: lines.map((line) => ({
        label: line.name, data: line.points.map((point) => ({ x: point.x, y: 100 * point.estimate.value })),
        intervals: line.points.map(({ estimate }) =>
          estimate.low == null ? null : { low: 100 * estimate.low, high: 100 * estimate.high }),
        intervalColor: colour(line.colour), borderColor: colour(line.colour), backgroundColor: colour(line.colour),
        borderDash: line.dash, borderWidth: 2, pointRadius: 4,
      })),
    },
    options: {
      interaction: { mode: 'nearest', intersect: false },
      scales: {
        x: axis(xTitle, {
          type: isLogarithmic ? 'logarithmic' : 'linear',
          // A parameter's own values are the ticks.
          afterBuildTicks: (scale) => { scale.ticks = [...places].sort((a, b) => a - b).map((value) => ({ value })); },
          ticks: { callback: (value) => value.toLocaleString('en'), autoSkip: true },
        }),
        y: axis(yTitle, { suggestedMin: 100 * Math.min(...ends), suggestedMax: 100 * Math.max(...ends) }),
      },
      plugins: {
        legend: legend(lines.length > 1),
        tooltip: tooltip((item) =>
          `${lines[item.datasetIndex].name}: ${withInterval(lines[item.datasetIndex].points[item.dataIndex].estimate, percent)} %`),
      },
    },
  }));
}
