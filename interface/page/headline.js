// ---- what a scene is about: its two or three outcomes, in numbers, and as they are drawn in a seat -----------
// How an outcome is said, by its unit, and at how much of it its mark in a seat is full; shares need no line here.
const SAID = {
  "share of weeks": { full: 1, show: (x, weeks) => number(x * weeks, 1) },
  SD: { full: 1.2, show: x => say("curve.unit_sd", { x: signed(x, 2) }) },
  "SD apart": { full: 1.2, show: x => say("curve.unit_sd", { x: signed(x, 2) }) },
  points: { full: 1, show: x => number(x, 2) },
  units: { full: 36, show: x => number(x, 1) },
  "minutes per week": { full: 8, show: x => number(x, 1) },
};
const saidAs = name => SAID[SETBACK.outcomes[name].unit] ?? { full: 1, show: percent };

// The slots that an outcome asks for; a year keeps those of every headline on the page.
function slotsOf(name) {
  const slots = new Set();
  SETBACK.measure(name, slot => { slots.add(slot); return 1; }, 1);
  return [...slots];
}
const HEADLINED = [...new Set([DATA.headline, ...DATA.scenes.map(scene => scene.headline)].flat().flatMap(slotsOf))];

// An outcome as if the year ended after so many weeks: of a student, and its mean over those of whom it is known.
const soFar = (run, name, weeks, seat) => SETBACK.measure(name, slot => run.value(slot, weeks - 1, seat), weeks);
function soFarMean(run, name, weeks) {
  let sum = 0, n = 0;
  for (let seat = 0; seat < run.size; seat++) {
    const x = soFar(run, name, weeks, seat);
    if (Number.isFinite(x)) { sum += x; n++; }
  }
  return n ? sum / n : NaN;
}
const showMean = (run, name, weeks) => {
  const x = soFarMean(run, name, weeks);
  return Number.isFinite(x) ? saidAs(name).show(x, weeks) : say("headline.none");
};

// Of one student, what is counted in weeks is a whole number.
const saidIn = (name, x, weeks) => SETBACK.outcomes[name].unit === "share of weeks" ? number(Math.round(x * weeks)) : saidAs(name).show(x, weeks);

// Of 100 in the middle of a test, how many are behind who comes so many SD further.
function aheadOf(x) {
  let low = 0, high = 1;
  for (let k = 0; k < 30; k++) {
    const u = (low + high) / 2;
    if (SETBACK.quantile(u) < x) low = u;
    else high = u;
  }
  return Math.round(100 * low);
}
// An outcome as it is read out; knowledge with a plain measure beside it.
function readItem(name, A, B, week, one, isShort = false) {
  const is = { what: say(`headline.${name}`), a: showMean(A, name, week), b: showMean(B, name, week) };
  if (isShort || SETBACK.outcomes[name].unit !== "SD") return say(`read.item${one}`, is);
  return say(`headline.anchor${one}`, { ...is, pa: aheadOf(soFarMean(A, name, week)), pb: aheadOf(soFarMean(B, name, week)) });
}

// An error is a dot that fills, a failed test a bar that grows, all else a column; the mark of the state says the rest.
const PARTS = { practice_error_rate: "dot", below_criterion_rate: "bar", discouraged: null, dropout: null, helpless_or_stopped: null };
const NOTCHES = 12; // in which a mark fills; the style has a rule for each
const drawnParts = () => school.headline.filter(name => PARTS[name] !== null).map(name => ({ name, part: PARTS[name] ?? "level" }));

// How far a mark is filled, in notches: what is counted week by week fills over the year, and shows from the first on.
function stepsOf(run, name, weeks, x) {
  if (!Number.isFinite(x)) return 0;
  const isCount = SETBACK.outcomes[name].unit === "share of weeks", share = isCount ? x * weeks / run.weeks : x / saidAs(name).full;
  return Math.min(Math.max((isCount ? Math.ceil : Math.round)(NOTCHES * share - (isCount ? 1e-9 : 0)), 0), NOTCHES);
}
