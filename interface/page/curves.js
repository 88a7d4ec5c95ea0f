// ---- the few curves that matter, both classrooms on one scale, and the spread of other lucks behind them ----
const share = (name, slot) => ({ name, of: (run, week) => meanOf(run, slot, week), low: 0, high: 1, show: percent });
// The curve that shows an outcome week by week; those of a headline lead, and others fill up the rest.
const CURVE_OF = {
  practice_error_rate: { ...share("error", "practice_error"), high: null },
  below_criterion_rate: { ...share("failed", "below_criterion"), high: null },
  learning: { name: "gained", of: gainedMean, low: 0, high: null, show: x => say("curve.unit_sd", { x: number(x, 2) }) },
  affect: { name: "affect", of: (run, week) => meanOf(run, "affect", week), low: 0, high: null, show: x => number(x, 2) },
  control: share("control", "control"),
  expectancy: share("expectancy", "expectancy"),
  effort: share("effort", "effort"),
  failing_grade_told_rate: { ...share("told", "failing_grade_told"), high: null },
};
const plainMeasures = () => ({ one: aheadOf(1), some: DATA.meaning[1].affect, much: DATA.meaning[2].affect });
const FILL = 6; // curves on the page, and on paper
const curveWords = ({ name, outcome }) => outcome ? [capital(say(`headline.${outcome}`)), say(`outcome.${outcome}`)] : [say(`curve.${name}`), say(`curve.${name}_says`, plainMeasures())];
const columnOf = (curve, side) => say("curve.column", { what: curveWords(curve)[0], side });
// An outcome that has no curve of its own is drawn as it would be if the year ended here.
const curveOf = name => CURVE_OF[name] ?? {
  outcome: name, of: (run, week) => soFarMean(run, name, week + 1), low: 0, high: null,
  show: x => Number.isFinite(x) ? saidAs(name).show(x, 1) : say("headline.none"),
};
const LUCKS = 100; // other years of luck behind the bands, of which the middle four fifths are drawn
const BOX = { width: 320, height: 168, left: 40, right: 306, top: 14, bottom: 140 };
const WAIT = 250; // milliseconds without a change before bands are computed

let curves = [], series = {}, bands = {}, bandTask = 0, charts = [], touched = 0;

const opened = new WeakMap(); // the class mean of lasting knowledge when a year began
function gainedMean(run, week) {
  if (!opened.has(run)) opened.set(run, Array.from({ length: run.size }, (_, seat) => run.opening(GAINED, seat)).reduce((a, b) => a + b) / run.size);
  return (meanOf(run, GAINED, week) - opened.get(run)) / SETBACK.norms.year_conceptual;
}

// A year has changed: its lines are made again, and the bands wait until nothing changes any more.
function forgetCurves(side) {
  series[side] = curves.map(curve => seriesOf(curve, school.years[side]));
  bands = {};
  bandTask++;
}
const seriesOf = (curve, run) => Float64Array.from({ length: run.weeks }, (_, week) => curve.of(run, week));

function buildCurves() {
  write($("bands-done"), say("curve.note", { n: LUCKS }));
  $("curves-table").addEventListener("toggle", drawTable);
}

// The curves of the headline lead.
function arrangeCurves() {
  const leading = school.headline.map(curveOf);
  curves = [...new Set([...leading, ...Object.values(CURVE_OF)])].slice(0, FILL);
  bands = {};
  charts = curves.map((curve, k) => {
    const chart = { curve, lines: {}, areas: {}, ends: {}, grid: svg("g", { class: "grid" }) };
    for (const side of SIDES) {
      chart.areas[side] = svg("path", { class: `band ${side}` });
      chart.lines[side] = svg("path", { class: `line ${side}` });
      chart.ends[side] = svg("text", { class: `end ${side}` }, side);
    }
    chart.now = svg("line", { class: "now", y1: BOX.top, y2: BOX.bottom });
    chart.svg = svg("svg", { viewBox: `0 0 ${BOX.width} ${BOX.height}`, role: "img", direction: "ltr" },
      chart.grid, ...SIDES.map(s => chart.areas[s]), chart.now, ...SIDES.map(s => chart.lines[s]), ...SIDES.map(s => chart.ends[s]));
    chart.value = el("p", { class: "value" });
    chart.figure = el("figure", { class: `${k < leading.length ? "curve leads" : "curve"}${curve.name === "gained" ? " in-sd" : ""}` },
      el("figcaption", {}, el("strong", {}, curveWords(curve)[0]), el("span", {}, curveWords(curve)[1])), el("div", { class: "plot" }, chart.svg), chart.value);
    return chart;
  });
  fill($("curves"), ...charts.map(chart => chart.figure));
}

// A round number at or above x.
function roundUp(x) {
  const unit = 10 ** Math.floor(Math.log10(Math.max(x, 0.01)));
  return [1, 1.2, 1.6, 2, 2.5, 3, 4, 5, 6, 8, 10].map(k => k * unit).find(top => top >= x - 1e-12);
}

function scaleOf(k) {
  const { curve } = charts[k], all = [];
  for (const side of hasTwo() ? SIDES : ["A"]) {
    all.push(...series[side][k]);
    if (bands[side]) all.push(...bands[side][k].low, ...bands[side][k].high);
  }
  if (!all.every(Number.isFinite)) all.splice(0, all.length, 0, ...all.filter(Number.isFinite));
  const least = Math.min(...all), most = Math.max(...all);
  return { low: curve.high === null && least < 0 ? -roundUp(-least) : curve.low, high: curve.high ?? Math.max(roundUp(most), 0.1) };
}

function drawCurves() {
  const weeks = school.weeks, isAhead = !school.week && isTouched(), until = isAhead ? weeks : school.week;
  write($("curves-title"), ofChanged(say(isAhead ? "curve.ahead" : "curve.heading")));
  const x = week => BOX.left + (BOX.right - BOX.left) * (weeks > 1 ? week / (weeks - 1) : 0);
  charts.forEach((chart, k) => {
    const { low, high } = scaleOf(k), y = value => BOX.bottom - (BOX.bottom - BOX.top) * (value - low) / (high - low);
    drawGrid(chart, low, high, weeks, x, y);
    chart.figure.classList.toggle("ahead", isAhead);
    for (const side of SIDES) {
      const shown = side === "A" || hasTwo(), values = series[side][k];
      let path = "";
      for (let week = 0; week < until; week++) if (Number.isFinite(values[week])) path += `${path ? "L" : "M"}${x(week).toFixed(1)} ${y(values[week]).toFixed(1)}`;
      put(chart.lines[side], "d", shown ? path : "");
      put(chart.areas[side], "d", shown && bands[side] && until && !isAhead ? areaOf(bands[side][k], until, x, y) : "");
    }
    const here = Math.max(until - 1, 0);
    for (const name of ["x1", "x2"]) put(chart.now, name, x(here));
    placeEnds(chart, k, here, until, x, y);
    describe(chart, k, here, until);
  });
  if ($("curves-table").open) drawTable();
}

function areaOf(band, until, x, y) {
  let up = "", down = "";
  for (let week = 0; week < until; week++) {
    up += `${week ? "L" : "M"}${x(week).toFixed(1)} ${y(band.high[week]).toFixed(1)}`;
    down = `L${x(week).toFixed(1)} ${y(band.low[week]).toFixed(1)}${down}`;
  }
  return `${up}${down}Z`;
}

function drawGrid(chart, low, high, weeks, x, y) {
  const key = `${low} ${high} ${weeks}`;
  if (chart.key === key) return;
  chart.key = key;
  const lines = [low, (low + high) / 2, high].flatMap(value => [
    svg("line", { x1: BOX.left, x2: BOX.right, y1: y(value), y2: y(value) }),
    svg("text", { x: BOX.left - 5, y: y(value) + 4, "text-anchor": "end" }, chart.curve.show === percent ? percent(value) : number(value)),
  ]);
  const mid = Math.max(Math.round(weeks / 2), 1), marks = [...new Set([1, mid, weeks])].map(week =>
    svg("text", { x: x(week - 1), y: BOX.bottom + 17, "text-anchor": "middle" }, mid === week ? say("curve.week", { week }) : number(week)));
  chart.grid.replaceChildren(...lines, ...marks);
}

// The letters A and B stand at the ends of their lines, and never on one another.
function placeEnds(chart, k, here, until, x, y) {
  const shown = until > 0, two = hasTwo();
  const ys = SIDES.map(side => { const v = series[side][k][here]; return y(Number.isFinite(v) ? v : 0); });
  const apart = two && Math.abs(ys[0] - ys[1]) < 13 ? (13 - Math.abs(ys[0] - ys[1])) / 2 : 0;
  const sign = ys[0] <= ys[1] ? -1 : 1;
  SIDES.forEach((side, i) => {
    const end = chart.ends[side], at = ys[i] + (i ? -sign : sign) * apart;
    put(end, "x", Math.min(x(here) + 5, BOX.width - 10));
    put(end, "y", Math.min(Math.max(at + 4, BOX.top), BOX.bottom + 4));
    put(end, "visibility", shown && (two || side === "A") ? "visible" : "hidden");
  });
}

function describe(chart, k, here, until) {
  const curve = curveWords(chart.curve)[0], [a, b] = SIDES.map(side => chart.curve.show(series[side][k][here]));
  const text = hasTwo() ? say("curve.label", { curve, a, b, week: here + 1 }) : say("curve.label_one", { curve, a, week: here + 1 });
  put(chart.svg, "aria-label", text);
  if (!until) { fill(chart.value); return; }
  if (!chart.numbers) chart.numbers = SIDES.map(side => el("b", { class: side }));
  SIDES.forEach((side, i) => write(chart.numbers[i], `${side} ${i ? b : a}`));
  chart.numbers[1].hidden = !hasTwo();
  if (!chart.value.firstChild) fill(chart.value, ...chart.numbers);
}

function drawTable() {
  const details = $("curves-table");
  if (!details.open) return;
  details.lastElementChild.tagName === "DIV" && details.lastElementChild.remove();
  const sides = hasTwo() ? SIDES : ["A"];
  const head = el("tr", {}, el("th", { scope: "col" }, say("player.week")), ...curves.flatMap(curve =>
    sides.map(side => el("th", { scope: "col" }, columnOf(curve, side)))));
  const rows = Array.from({ length: school.week }, (_, week) => el("tr", {}, el("th", { scope: "row" }, number(week + 1)),
    ...curves.flatMap((curve, k) => sides.map(side => el("td", {}, curve.show(series[side][k][week]))))));
  details.append(el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": say("curve.table") },
    el("table", {}, isEdited() && el("caption", {}, titleNow()), el("thead", {}, head), el("tbody", {}, ...rows))));
}

// ---- the bands fill in between frames, once nothing has been changed for a moment --------------------------
function startBands() {
  if (bands.A) return;
  const task = ++bandTask;
  const found = { A: [], B: [] };
  const after = () => {
    if (task !== bandTask) return;
    if (performance.now() - touched < WAIT) { setTimeout(after, WAIT); return; } // a slider that is dragged comes first
    const end = performance.now() + 8;
    while (found.B.length < LUCKS && performance.now() < end) {
      const side = found.A.length > found.B.length ? "B" : "A";
      const run = yearOf(school[side], { luck: school.luck + found[side].length + 1, keep: [...CURVED, ...HEADLINED] });
      found[side].push(curves.map(curve => seriesOf(curve, run)));
    }
    write($("bands-filling"), say("curve.filling", { n: found.B.length, all: LUCKS }));
    if (found.B.length < LUCKS) { requestAnimationFrame(after); return; }
    for (const side of SIDES) bands[side] = curves.map((_, k) => middle(found[side].map(year => year[k])));
    document.body.dataset.bands = "done";
    drawCurves();
  };
  document.body.dataset.bands = "filling";
  write($("bands-filling"), say("curve.filling", { n: 0, all: LUCKS }));
  setTimeout(after, WAIT); // no frame is asked for yet: a slider that is dragged leaves many of these behind
}

// Week by week, the values below which a tenth and nine tenths of the years lie.
function middle(years) {
  const low = [], high = [];
  for (let week = 0; week < years[0].length; week++) {
    const values = Float64Array.from(years, year => year[week]).sort();
    low.push(values[Math.floor(0.1 * (values.length - 1))]);
    high.push(values[Math.ceil(0.9 * (values.length - 1))]);
  }
  return { low, high };
}
