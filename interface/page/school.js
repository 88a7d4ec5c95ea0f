// ---- the two classrooms: who sits there, under which rules, and the years that follow ----------------------
// A side is a list of stages; a stage is a week from which on one part per group and some changed levers hold.
const school = {
  step: "scene", scene: DATA.scenes[0], headline: DATA.headline, A: [], B: [], labels: { A: "", B: "" },
  seed: 0, room: 0, luck: 0, size: 30, weeks: 36, parameters: {}, roster: DATA.roster,
  week: 0, years: { A: null, B: null }, isProjected: false, guesses: {}, classes: 0, why: 0, codes: "",
};
const NAMES = WORDS["names.list"].split(/[,،、，]/).map(name => name.trim());

const plainStage = (week = 0) => ({ week, parts: { ...DATA.reference }, changed: {} });
const startStage = name => ({ week: 0, parts: { ...DATA.presets[name].parts }, changed: { ...DATA.presets[name].changed } });
const copyStage = stage => ({ week: stage.week, parts: { ...stage.parts }, changed: { ...stage.changed } });
const stageAt = (side, week) => school[side].findLast(stage => stage.week <= week) ?? school[side][0];

// What a stage's parts set, beside the reference.
const leversOfParts = stage => Object.assign({}, ...Object.values(stage.parts).map(part => DATA.parts[part]));
const leversOf = stage => ({ ...leversOfParts(stage), ...stage.changed });

// Why no school could have the rules of a stage, or null.
function refusal(levers) {
  const q = { ...SETBACK.levers, ...levers };
  const k = INVALID.findIndex(rule => rule(q));
  return k < 0 ? null : say("rules.refused", { why: say(`invalid.${k}`) });
}

// The parts of a stage that are not the reference, in words; grading is always named.
function policyInWords(stage) {
  const parts = Object.entries(stage.parts).filter(([group, part]) => group === "grading" || part !== DATA.reference[group]);
  const levers = Object.entries(stage.changed).map(([name, x]) => say("rules.lever", { name: say(`name.${name}`), x, low: ROWS[name].low, high: ROWS[name].high }));
  return [...parts.map(([, part]) => say(`part.${part}`)), ...levers].join(" · ");
}

const classNow = () => school.roster && school.roster.classes[school.room % school.roster.classes.length];
const sizeNow = () => classNow()?.students.length ?? school.size;
// Every class has names of its own: those of the list, from another place on and in other steps.
function nameOf(seat) {
  if (life.name && seat === life.seat) return life.name;
  const n = NAMES.length, by = school.room - school.scene.room, turn = (by % n + n) % n;
  let step = 1 + turn;
  while (divisor(step, n) > 1) step++;
  return classNow()?.students[seat] ?? NAMES[(seat * step + turn * 17) % n];
}
const divisor = (a, b) => b ? divisor(b, a % b) : a;
const hasTwo = () => school.step !== "teacher" || school.isRevealed;

// What the page reads of every week: the diary, the curves and the count. A band needs the curves' slots alone.
const CURVED = ["practice_error", "below_criterion", "failing_grade_told", "cumulative_conceptual", "control", "expectancy", "affect", "effort"];
const READ = [...CURVED, "enrolled", "weeks_not_submitted", "submitted", "challenge", "error_depth", "analysed", "helped", "score", "percentile_rank",
  "result_told", "result_counted", "result_public", "retaken", "failing_grade", "heard_attribution", "talked", "weeks_practice_error", "weeks_below_criterion", "weeks_failing_grade_told", "weeks_failing_grade_counted", "weeks_failing_grade_compared",
  ...Object.keys(DATA.causes)];

// One year; whatever is not given is as it stands in the school.
function yearOf(stages, given = {}) {
  const here = classNow();
  return SETBACK.year({
    seed: school.seed, room: school.room, luck: school.luck, weeks: school.weeks, size: sizeNow(),
    network: school.roster?.network ?? "friendship", scores: here?.scores ?? {}, parameters: school.parameters,
    policies: stages.map(stage => ({ week: stage.week, levers: leversOf(stage) })), keep: [...READ, ...HEADLINED], ...given,
  });
}

const last = {}; // of each side, what its year was made of

// Run both years and draw them: after every change of a rule, a number or the class.
function rerun() {
  for (const side of SIDES) {
    const refused = school[side].map(stage => refusal(leversOf(stage))).find(why => why);
    $("refused").hidden = !refused;
    if (refused) { write($("refused"), refused); return false; }
  }
  arrange();
  for (const side of SIDES) {
    const { seed, room, luck, size, weeks, parameters, roster, headline } = school;
    const made = JSON.stringify([headline, seed, room, luck, size, weeks, parameters, school[side].map(stage => [stage.week, leversOf(stage)])]);
    if (last[side]?.made === made && last[side].roster === roster) continue; // what has not changed is not run again
    last[side] = { made, roster };
    school.years[side] = yearOf(school[side]);
    forgetCurves(side);
  }
  school.week = Math.min(school.week, school.weeks);
  showEdited();
  draw();
  if (!$("stage").hidden) startBands();
  if (school.step === "map") computeMap();
  if (school.step === "student") { runLife(); showLife(); }
  return true;
}

// Whether a scene is no longer as its file says, or its world in another step; another class or other luck is no change of it.
const isEdited = () => [...school.step === "scene" ? SIDES : [], "parameters", "weeks"].some(key => !isSame(school[key], school.scene[key]));
const titleNow = () => {
  const title = say(school.step === "scene" ? `scenes.${school.scene.name}.title` : `step.${school.step}`);
  return isEdited() ? say("scene.changed", { title }) : title;
};
// What is said of a scene or a world that is changed says so.
const ofChanged = text => isEdited() ? say("room.part", { what: titleNow(), x: text }) : text;
// Whether somebody has set anything: then the year ahead may be shown before it is played, and no guess is spoilt.
const isTouched = () => school.step === "scene" ? isEdited()
  : JSON.stringify([school.A, school.B, school.parameters]) !== JSON.stringify([[plainStage()], [plainStage()], school.scene.parameters]);
function showEdited() {
  write($("title"), titleNow());
  for (const id of ["edited", "talk-edited"]) $(id).hidden = school.step !== "scene" || !isEdited();
}

// What is drawn follows from what the scene is about: the marks in the seats, the leading curves, the legend.
let arranged = null;
function arrange() {
  if (arranged === school.headline) return;
  arranged = school.headline;
  arrangeCurves();
  for (const side of SIDES) {
    rooms[side].buttons = [];
    rooms[side].seats.replaceChildren();
    rooms[side].seats.dataset.levels = drawnParts().filter(({ part }) => part === "level").length;
  }
  drawLegend();
}

// A scene as its file says: what stands on the stage, and its world.
const onStage = scene => ({
  A: scene.A.map(copyStage), B: scene.B.map(copyStage), labels: { A: say(`scenes.${scene.name}.a`), B: say(`scenes.${scene.name}.b`) },
  week: 0, headline: scene.headline, isRevealed: false, guesses: {},
});
const worldOf = scene => ({ scene, seed: scene.seed, room: scene.room, luck: 0, size: scene.size, weeks: scene.weeks, parameters: { ...scene.parameters } });
function openScene(scene) {
  const { room, size, ...world } = worldOf(scene);
  Object.assign(school, onStage(scene), world, { classes: 0, why: 0 }, school.roster ? {} : { room, size });
}

// ---- what the years say, for all that draws them or reads them out -----------------------------------------
const at = (run, slot, week, seat) => run.trace[slot][week * run.size + seat];

function meanOf(run, slot, week) {
  const trace = run.trace[slot];
  let sum = 0;
  for (let seat = 0, k = week * run.size; seat < run.size; seat++, k++) sum += trace[k];
  return sum / run.size;
}

// State when a number of weeks is over; 0 is before the first. Asked many times per frame, so each is made once.
const STATE_OF = ["enrolled", "weeks_not_submitted", "control", "affect", "expectancy"];
const known = new WeakMap();
function stateAfter(run, weeks, seat) {
  if (!known.has(run)) known.set(run, new Int8Array((run.weeks + 1) * run.size).fill(-1));
  const states = known.get(run), k = weeks * run.size + seat;
  if (states[k] < 0) states[k] = SETBACK.states(...STATE_OF.map(slot => weeks ? at(run, slot, weeks - 1, seat) : run.opening(slot, seat)));
  return states[k];
}

const LOW = 2; // states from discouraged on
function howMany(run, is) {
  let n = 0;
  for (let seat = 0; seat < run.size; seat++) n += is(seat) ? 1 : 0;
  return n;
}
const lowIn = (run, weeks) => howMany(run, seat => stateAfter(run, weeks, seat) >= LOW);

// Change of lasting conceptual knowledge since the year began, in SD of a year-end test.
const GAINED = "cumulative_conceptual";
const gained = (run, week, seat) =>
  (at(run, GAINED, week, seat) - run.opening(GAINED, seat)) / SETBACK.norms.year_conceptual;
