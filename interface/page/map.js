// ---- the map of all worlds: two numbers of your choice, a class-year in each square ------------------------
const SQUARES = 9; // a side of the map
const SHOWN = {
  below_criterion_rate: { of: run => run.mean("below_criterion_rate"), show: percent },
  learning: { of: run => run.mean("learning"), show: x => number(x, 2) },
  low: { of: run => run.mean("discouraged") + run.mean("dropout"), show: percent },
  control: { of: run => run.mean("control"), show: percent },
  affect: { of: run => run.mean("affect"), show: x => number(x, 2) },
};
const map = { scene: "struggle-first-in-safety", x: "level", y: "preparation_gain", show: "learning", of: "gap", xIn: "both", yIn: "both", lucks: 1, cells: [], focus: null, task: 0 };
const ROWS = Object.fromEntries([...Object.values(DATA.levers), ...Object.values(DATA.sections)].flat().map(row => [row.name, row]));
const isLever = name => name in SETBACK.levers;
const stepOf = (row, k) => {
  const x = row.low + (row.high - row.low) * k / (SQUARES - 1);
  return row.whole ? Math.round(x) : Number(x.toPrecision(12));
};
// The name of a number with its unit, where that is short or may be as long as it is.
const SHORT = 16; // letters of a unit that a menu and a caption hold
function axisName(name, longest = SHORT) {
  const unit = say(`unit.${ROWS[name].unit}`);
  return unit.length > longest ? plainName(name) : say("map.axis", { name: plainName(name), unit });
}
// A dozen numbers have plain names and stand first; everything else stands under "all".
const PLAIN = Object.keys(WORDS).filter(key => key.startsWith("axis.")).map(key => key.slice("axis.".length)).filter(name => name in ROWS);
const plainName = name => say(PLAIN.includes(name) ? `axis.${name}` : `name.${name}`);
const PLACES = ["both", ...SIDES], MEANS = [1, 3, 10]; // in which rooms an axis is at work, and years of luck that a square is the mean of

function buildMap() {
  const all = groups => Object.values(groups).flat().map(row => row.name).filter(name => !PLAIN.includes(name));
  const options = chosen => [["map.plain_group", PLAIN], ["map.rule_group", all(DATA.levers)], ["map.world_group", all(DATA.sections)]].map(([word, names]) =>
    el("optgroup", { label: say(word) }, ...names.map(name => el("option", { value: name, selected: name === chosen }, axisName(name)))));
  const menu = (key, word, children) => {
    const select = el("select", { id: `map-${key}`, onchange: () => { map[key] = key === "lucks" ? Number(select.value) : select.value; computeMap(); } }, ...children);
    return el("label", { class: "field" }, el("span", {}, say(word)), select);
  };
  map.table = el("div", { class: "map-table", dir: "ltr" });
  map.note = el("p", { class: "note", role: "status" });
  map.progress = el("p", { class: "note" });
  map.scale = el("p", { class: "note" });
  map.picked = el("p", { class: "read" });
  map.says = { x: el("p", { class: "says" }), y: el("p", { class: "says" }) };
  map.open = el("button", { type: "button", onclick: openWorld }, say("map.open"));
  const outcome = Object.keys(SHOWN).map(name => el("option", { value: name, selected: name === map.show }, say(`map.${name}`)));
  const of = ["gap", "a", "b"].map(name => el("option", { value: name, selected: name === map.of }, say(`map.of_${name}`)));
  const places = () => PLACES.map(place => el("option", { value: place }, say(`map.in_${place}`)));
  const means = MEANS.map(n => el("option", { value: n }, say("map.lucks_of", { n })));
  const scenes = DATA.scenes.map(({ name }) => el("option", { value: name, selected: name === map.scene }, say(`scenes.${name}.title`)));
  const scene = el("select", { id: "map-scene", onchange: () => { map.scene = scene.value; begin("map"); showWorld(); showRules(); computeMap(); } }, ...scenes);
  fill($("map"), el("div", { class: "fields" }, el("label", { class: "field" }, el("span", {}, say("map.scene")), scene), menu("x", "map.x", options(map.x)), menu("xIn", "map.x_in", places()), menu("y", "map.y", options(map.y)), menu("yIn", "map.y_in", places()),
    menu("show", "map.show", outcome), menu("of", "map.of", of), menu("lucks", "map.lucks", means)), map.says.x, map.says.y,
  el("p", { class: "note" }, say("map.note")), map.table, map.scale, map.picked, el("p", {}, map.open), map.progress, map.note);
}

// The scene, the class and the world that the map finds, and gives back when it, or a world opened on it, is left.
const worldNow = () => Object.fromEntries(["scene", "seed", "room", "luck", "size", "weeks", "parameters", "roster"].map(key => [key, school[key]]));
function leaveMap() {
  if (map.before) enterWorld(map.before);
  map.before = null;
}
// A roster that was opened since stays.
function enterWorld({ roster, ...world }) {
  const { room, size } = school.roster ? school : world.scene;
  Object.assign(school, world, roster === school.roster ? {} : { room, size });
}

// What a square's two numbers make of the rules and of the world.
function squareWorld(i, j) {
  const numbers = { [map.x]: stepOf(ROWS[map.x], i), [map.y]: stepOf(ROWS[map.y], j) };
  const of = side => Object.fromEntries(["x", "y"].filter(axis => isLever(map[axis]) && ["both", side].includes(map[`${axis}In`])).map(axis => [map[axis], numbers[map[axis]]]));
  const parameters = { ...school.parameters, ...Object.fromEntries(Object.entries(numbers).filter(([name]) => !isLever(name))) };
  const stages = Object.fromEntries(SIDES.map(side => [side, school[side].map(stage => ({ ...stage, changed: { ...stage.changed, ...of(side) } }))]));
  const refused = SIDES.some(side => stages[side].some(stage => refusal(leversOf(stage))));
  return { parameters, stages, refused };
}

function computeMap() {
  const task = ++map.task, all = SQUARES * SQUARES;
  map.cells = [];
  map.focus = null;
  remember();
  $("map").dataset.done = false; // of the squares before
  write(map.note, "");
  for (const axis of ["x", "y"]) write(map.says[axis], joined([say("map.axis_says", { name: axisName(map[axis], Infinity), what: whatOf(ROWS[map[axis]]) }), anchorOf(ROWS[map[axis]]), sourceOf(ROWS[map[axis]])]));
  for (const axis of ["x", "y"]) { // a number of the world is that of both rooms
    const place = $(`map-${axis}In`);
    if (!isLever(map[axis])) map[`${axis}In`] = "both";
    place.disabled = !isLever(map[axis]);
    place.value = map[`${axis}In`];
  }
  drawGridOfMap();
  const go = () => {
    if (task !== map.task || school.step !== "map") return;
    const end = performance.now() + 12;
    while (map.cells.length < all && performance.now() < end) {
      const k = map.cells.length, i = k % SQUARES, j = SQUARES - 1 - Math.floor(k / SQUARES);
      const { parameters, stages, refused } = squareWorld(i, j);
      map.cells.push(refused ? null : SIDES.map(side => meanOfLucks(stages[side], parameters)));
    }
    paintMap();
    if (map.cells.length < all) requestAnimationFrame(go);
  };
  requestAnimationFrame(go);
}

// The outcome of a square, over as many years of luck as were asked for.
const meanOfLucks = (stages, parameters) => Array.from({ length: map.lucks }, (_, k) =>
  SHOWN[map.show].of(yearOf(stages, { parameters, luck: school.luck + k, keep: false }))).reduce((a, b) => a + b) / map.lucks;

const valueOf = cell => cell && { a: cell[0], b: cell[1], gap: cell[1] - cell[0] }[map.of];
const showOf = x => map.of !== "gap" ? SHOWN[map.show].show(x)
  : SHOWN[map.show].show === percent ? signedPercent(x) : signed(x, 2);

function drawGridOfMap() {
  const [x, y] = [ROWS[map.x], ROWS[map.y]];
  map.buttons = Array.from({ length: SQUARES * SQUARES }, (_, k) => el("button", { type: "button", class: "square", tabindex: k ? "-1" : "0", "aria-label": say("map.chosen", squareName(k)),
    onclick: () => pick(k), onfocus: () => pick(k) }));
  const rows = Array.from({ length: SQUARES }, (_, r) => el("tr", {},
    el("th", { scope: "row" }, number(Number(stepOf(y, SQUARES - 1 - r).toPrecision(3)))),
    ...map.buttons.slice(r * SQUARES, (r + 1) * SQUARES).map(button => el("td", {}, button))));
  const foot = el("tr", {}, el("td"), ...Array.from({ length: SQUARES }, (_, i) => el("th", { scope: "col" }, number(Number(stepOf(x, i).toPrecision(3))))));
  const title = say("map.table", { x: axisName(map.x), y: axisName(map.y) });
  fill(map.table, el("table", { onkeydown: moveOnMap }, el("caption", { dir: WORDS["page.dir"] }, title), el("tbody", {}, ...rows, foot)));
  write(map.picked, "");
  map.open.hidden = true;
}

// Tints from the least to the most, or around no difference; every square says its number as well.
function paintMap() {
  const values = map.cells.map(valueOf).filter(x => x !== null && x !== undefined && Number.isFinite(x));
  const gap = map.of === "gap", low = Math.min(...values), high = gap ? Math.max(...values.map(Math.abs)) : Math.max(...values);
  map.cells.forEach((cell, k) => {
    const button = map.buttons[k], x = valueOf(cell), name = squareName(k);
    const share = cell && (gap ? Math.abs(x) / (high || 1) : (x - low) / (high - low || 1));
    button.style.setProperty("--tint", cell ? `${Math.round(46 * share)}%` : "0%");
    button.dataset.sign = !cell ? "none" : gap && x < 0 ? "less" : "more";
    write(button, cell ? showOf(x) : "–");
    button.setAttribute("aria-label", cell ? say("map.cell", { ...name, value: showOf(x) }) : say("map.cell_refused", name));
  });
  const all = SQUARES * SQUARES, n = map.cells.length;
  write(map.scale, !values.length ? "" : gap ? say("map.scale_gap", { high: showOf(high) }) : say("map.scale", { low: showOf(low), high: showOf(high) }));
  write(map.progress, n < all ? say("map.progress", { n, all }) : "");
  if (n === all) write(map.note, say("map.done", { a: policyInWords(school.A[0]), b: policyInWords(school.B[0]) }));
  $("map").dataset.done = n === all;
  if (map.focus !== null) showPicked();
}

const squareOf = k => [k % SQUARES, SQUARES - 1 - Math.floor(k / SQUARES)];
function squareName(k) {
  const [i, j] = squareOf(k), shown = (row, at) => number(Number(stepOf(row, at).toPrecision(3)));
  return { x: plainName(map.x), vx: shown(ROWS[map.x], i), y: plainName(map.y), vy: shown(ROWS[map.y], j) };
}

function pick(k) {
  map.focus = k;
  for (const [at, button] of map.buttons.entries()) { button.tabIndex = at === k ? 0 : -1; put(button, "aria-pressed", at === k); }
  showPicked();
}

function showPicked() {
  const cell = map.cells[map.focus];
  write(map.picked, map.buttons[map.focus].getAttribute("aria-label") ?? "");
  map.open.hidden = !cell;
}

function moveOnMap(event) {
  const here = map.buttons.indexOf(document.activeElement);
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: SQUARES, ArrowUp: -SQUARES }[event.key];
  if (here < 0 || by === undefined || !map.buttons[here + by]) return;
  if (Math.abs(by) === 1 && Math.floor(here / SQUARES) !== Math.floor((here + by) / SQUARES)) return;
  event.preventDefault();
  map.buttons[here + by].focus();
}

// The square's world on the stage: two classrooms to play.
function openWorld() {
  const [i, j] = squareOf(map.focus), { parameters, stages } = squareWorld(i, j);
  Object.assign(school, { parameters, A: stages.A, B: stages.B, labels: { A: "", B: "" }, week: 0 });
  goTo("own", true);
}
