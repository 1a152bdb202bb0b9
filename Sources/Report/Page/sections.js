// Which plots the report's sections have.
'use strict';

/** From 0 to the next ten above every interval, the same for all conditions, so that lengths compare. */
function shareLimits(estimates) {
  const highest = Math.max(...estimates.map((estimate) => 100 * (estimate.high ?? estimate.value)), 10);
  return { min: 0, max: Math.min(100, 10 * Math.ceil(highest / 10)) };
}

function accuracyPlots(grader, dataset) {
  const rows = report.accuracies.filter((row) => row.grader === grader && (row.dataset ?? '') === dataset);
  const limits = shareLimits(rows.map((row) => row.share));
  return unique(rows.map((row) => row.condition)).map((condition) => {
    const own = rows.filter((row) => row.condition === condition);
    return dotPlot(conditionLabel(condition), own.map((row) => ({
      name: methodLabel(row.method), colour: colourName(row.method), estimate: row.share,
    })), {
      title: 'right, %, with 95 % interval', limits, show: percent,
      summary: own.map((row) => `${methodLabel(row.method)} ${withInterval(row.share, percent)} %`).join(', '),
    });
  });
}

plots('accuracy', '', () => {
  const datasets = unique(report.accuracies.map((row) => row.dataset ?? ''));
  const chosen = { grader: report.graders[0], dataset: datasets[0] };
  const place = element('div', { className: 'plots' });
  const show = () => { place.replaceChildren(...accuracyPlots(chosen.grader, chosen.dataset)); draw(); };
  const controls = [];
  if (report.graders.length > 1) {
    controls.push(choice('Graded by', report.graders.map((name) => [name, name]), (name) => { chosen.grader = name; show(); }));
  }
  if (datasets.length > 1) {
    controls.push(choice('Data set', datasets.map((name) => [name, name || 'all questions']),
      (name) => { chosen.dataset = name; show(); }));
  }
  place.replaceChildren(...accuracyPlots(chosen.grader, chosen.dataset));
  return [element('div', { className: 'controls', hidden: controls.length === 0 }, ...controls), place];
});

// --------------------------------------------------------------------------------------------------------- curves

function curvePlot(name, over) {
  const curves = report.curves.filter((curve) => curve.name === name);
  const firstSeeds = new Set(unique(curves.map((curve) => curve.method))
    .map((method) => curves.findIndex((curve) => curve.method === method)));
  return figure(name, 340, `Training curves: ${name} over ${over}`, () => ({
    type: 'line',
    data: {
      datasets: curves.map((curve) => ({
        label: methodLabel(curve.method), method: curve.method, seed: curve.seed,
        data: curve.values.map((y, place) => ({ x: curve[over][place], y })),
        borderColor: colour(colourName(curve.method)), backgroundColor: colour(colourName(curve.method)),
        borderWidth: 1.5, pointRadius: curve.values.length < 15 ? 3 : 0, spanGaps: false,
      })),
    },
    options: {
      parsing: false, normalized: true, interaction: { mode: 'nearest', axis: 'x', intersect: false },
      scales: { x: axis(over === 'steps' ? 'step' : 'seconds of training', { type: 'linear' }), y: axis('') },
      plugins: {
        // One entry a method, which shows and hides all of its seeds.
        legend: legend(true, {
          labels: { filter: (entry) => firstSeeds.has(entry.datasetIndex) },
          onClick: (_, entry, { chart }) => {
            const isVisible = chart.isDatasetVisible(entry.datasetIndex);
            curves.forEach((curve, index) => {
              if (curve.method === curves[entry.datasetIndex].method) chart.setDatasetVisibility(index, !isVisible);
            });
            chart.update();
          },
        }),
        tooltip: tooltip((item) => `${item.dataset.label}, seed ${item.dataset.seed}: ${item.parsed.y.toPrecision(4)}`),
      },
    },
  }));
}

plots('curves', '', () => {
  if (report.curves.length === 0) return [];
  const names = unique(report.curves.map((curve) => curve.name));
  const usual = names.filter((name) => name.endsWith('.loss'));
  const chosen = { name: '', over: 'steps' };
  const place = element('div', { className: 'plots' });
  const fill = () => {
    const shown = chosen.name ? [chosen.name] : usual.length ? usual : names;
    place.replaceChildren(...shown.map((name) => curvePlot(name, chosen.over)));
  };
  const update = (changes) => { Object.assign(chosen, changes); fill(); draw(); };
  fill();
  return [element('div', { className: 'controls' },
    choice('Curve', [['', usual.length ? 'losses' : 'all'], ...names.map((name) => [name, name])], (name) => update({ name })),
    choice('Over', [['steps', 'steps'], ['seconds', 'time']], (over) => update({ over }))), place];
});

// ------------------------------------------------------------------------------------------- sweeps and retrieval

plots('sweeps', 'plots', () => report.sweeps.flatMap((sweep) =>
  unique(sweep.points.map((point) => point.dataset ?? '')).map((dataset) => {
    const own = sweep.points.filter((point) => (point.dataset ?? '') === dataset);
    const conditions = unique(own.map((point) => point.condition));
    const lines = unique(own.map(entryKey)).map((key) => {
      const [method, condition] = key.split('\n');
      return {
        name: methodLabel(method) + (conditions.length > 1 ? `, ${conditionLabel(condition)}` : ''),
        colour: colourName(method), dash: [[], [6, 4], [2, 3], [8, 3, 2, 3]][conditions.indexOf(condition) % 4],
        points: own.filter((point) => point.method === method && point.condition === condition)
          .sort((a, b) => a.parameter - b.parameter).map((point) => ({ x: point.parameter, estimate: point.share })),
      };
    });
    return linePlot(dataset || sweep.parameter, lines, {
      xTitle: sweep.parameter, yTitle: 'right, %', isLogarithmic: sweep.isLogarithmic,
      summary: `Right answers over ${sweep.parameter}${dataset ? `, ${dataset}` : ''}`,
    });
  })));

plots('recall', 'plots', () => {
  // One k is no line: the table says it.
  if (unique(report.recall.map((row) => row.k)).length < 2) return [];
  const lines = unique(report.recall.map((row) => row.retriever)).map((name, place) => ({
    name, colour: `--series-${1 + (place % 8)}`, dash: [],
    points: report.recall.filter((row) => row.retriever === name).sort((a, b) => a.k - b.k)
      .map((row) => ({ x: row.k, estimate: row.share })),
  }));
  return [linePlot('Recall', lines, {
    xTitle: 'documents taken, k', yTitle: 'found, %', isLogarithmic: false, summary: 'Recall at k',
  })];
});

// ------------------------------------------------------------------------------------------------------ forgetting

plots('forgetting', '', () => {
  const methods = unique(report.forgetting.map((row) => row.method));
  const place = element('div', { className: 'plots one' });
  const fill = (method) => {
    const rows = report.forgetting.filter((row) => row.method === method);
    const limits = shareLimits(rows.flatMap((row) => [row.before, row.after]));
    const dots = (name, colourOf, estimates) => ({
      label: name, data: estimates.map((estimate) => 100 * estimate.value), showLine: false, pointRadius: 5,
      pointBackgroundColor: colour(colourOf), pointBorderColor: colour(colourOf),
      backgroundColor: colour(colourOf), borderColor: colour(colourOf), clip: false,
    });
    place.replaceChildren(figure(`${methodLabel(method)}: before and after`, 96 + 26 * rows.length,
      rows.map((row) => `${row.category} ${percent(row.before.value)} to ${percent(row.after.value)} %`).join(', '), () => ({
        type: 'line',
        data: {
          labels: rows.map((row) => rowName(row.category)),
          datasets: [dots('before', '--series-0', rows.map((row) => row.before)),
            { ...dots('after', '--series-1', rows.map((row) => row.after)),
              // The way from before to after.
              intervals: rows.map((row) => ({ low: 100 * row.before.value, high: 100 * row.after.value })),
              intervalColor: `${colour('--series-1')}66` }],
        },
        options: {
          indexAxis: 'y', interaction: { mode: 'nearest', axis: 'y', intersect: false },
          scales: {
            x: axis('right, %', limits),
            y: axis('', { offset: true, grid: { display: false }, ticks: { color: colour('--ink'), autoSkip: false } }),
          },
          plugins: {
            legend: legend(true),
            tooltip: tooltip((item) => `${item.dataset.label}: ${withInterval(
              rows[item.dataIndex][item.dataset.label], percent)} %`),
          },
        },
      })));
  };
  fill(methods[0]);
  return [element('div', { className: 'controls', hidden: methods.length < 2 },
    choice('Method', methods.map((name) => [name, methodLabel(name)]), (name) => { fill(name); draw(); })), place];
});

// ------------------------------------------------------------------------------------------------------------ time

plots('stages', 'plots one', () => {
  const stages = unique(report.stages.map((row) => row.stage));
  const methods = unique(report.stages.map((row) => row.method));
  const minutes = (stage, method) => {
    const own = report.stages.filter((row) => row.method === method);
    const sum = own.filter((row) => row.stage === stage).reduce((total, row) => total + row.seconds, 0);
    return sum / 60 / unique(own.map((row) => row.seed)).length;
  };
  return [figure('Minutes of one run', 90 + 30 * methods.length, 'Time of each stage, the figures of the table', () => ({
    type: 'bar',
    data: {
      labels: methods.map((method) => rowName(methodLabel(method))),
      datasets: stages.map((stage, place) => ({
        label: stage, data: methods.map((method) => minutes(stage, method)),
        backgroundColor: colour(`--stage-${place % 6}`), maxBarThickness: 22,
      })),
    },
    options: {
      indexAxis: 'y',
      scales: {
        x: axis('minutes', { stacked: true }),
        y: axis('', { stacked: true, grid: { display: false }, ticks: { color: colour('--ink'), autoSkip: false } }),
      },
      plugins: { legend: legend(true), tooltip: tooltip((item) => `${item.dataset.label}: ${item.parsed.x.toFixed(1)} min`) },
    },
  }))];
});

// --------------------------------------------------------------------------------------------------------- drawing

draw();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
isNarrow.addEventListener('change', draw);
// Paper is light, whatever the screen is.
addEventListener('beforeprint', () => { document.documentElement.classList.add('printing'); draw(); });
addEventListener('afterprint', () => { document.documentElement.classList.remove('printing'); draw(); });
