// ---- the address: all that can be set, so that reload, back, undo and a link lose nothing; rosters stay out ----
// `#format.equations.check.state`: a link of another format or other equations would show other years, so it is refused.
const FORMAT = "1";
const IDLE = 400; // milliseconds in which changes are taken as one
const address = { shown: "", timer: 0 };
class LinkError extends Error {}

const MAPPED = ["scene", "x", "y", "show", "of", "xIn", "yIn", "lucks"];
function stateNow() {
  const { step, scene, headline, A, B, labels, seed, room, luck, size, weeks, parameters, week, isRevealed, isProjected, guesses, classes: n, why: reason } = school;
  return { step, scene: scene.name, headline, A, B, labels, seed, room, luck, size, weeks, parameters, week, isRevealed: isRevealed === true, isProjected, guesses, classes: n, why: reason, kept,
    life: { rules: life.rules, seat: life.seat, choices: life.choices }, map: Object.fromEntries(MAPPED.map(key => [key, map[key]])),
    before: map.before ? worldIn(map.before) : null };
}
// A world that the map gives back, and the one of the page, without the roster.
const worldIn = ({ scene, seed, room, luck, size, weeks, parameters }) => ({ scene: scene.name, seed, room, luck, size, weeks, parameters });
const sceneOf = world => DATA.scenes.find(({ name }) => name === world.scene);

// A check of the letters, not a secret: it notices a link that lost its end or a letter.
function checkOf(text) {
  let a = 0x811c9dc5;
  for (const letter of text) a = Math.imul(a ^ letter.charCodeAt(0), 0x01000193);
  return (a >>> 0).toString(16).padStart(8, "0");
}
const EQUATIONS = SETBACK.fingerprint.slice(0, 8);
function toAddress(state) {
  const text = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(state)))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  return `#${FORMAT}.${EQUATIONS}.${checkOf(text)}.${text}`;
}

function fromAddress(hash) {
  const [format, equations, check, text, ...rest] = hash.slice(1).split(".");
  if (/^\d+$/.test(format) && equations !== undefined && (format !== FORMAT || equations !== EQUATIONS)) throw new LinkError(say("link.version"));
  if (rest.length || !text || checkOf(text) !== check) throw new LinkError(say("link.damaged"));
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), letter => letter.charCodeAt(0))));
  } catch { throw new LinkError(say("link.damaged")); }
}

// What a link asks for must be there, and within its range: nothing of it is taken before all of it has been seen.
function checked(state) {
  const need = (is, key = "link.damaged", given = {}) => { if (!is) throw new LinkError(say(key, given)); };
  const isTable = x => x !== null && typeof x === "object" && !Array.isArray(x);
  const within = (name, x, low, high, whole = true) =>
    need(typeof x === "number" && x >= low && x <= high && (!whole || Number.isInteger(x)), "link.range", { name, x: exactly(x), low: exactly(low), high: exactly(high) });
  const numbers = (table, known) => {
    need(isTable(table));
    for (const [name, x] of Object.entries(table)) {
      need(Object.hasOwn(known, name), "link.name", { name });
      within(say(`name.${name}`), x, ROWS[name].low, ROWS[name].high, ROWS[name].whole);
    }
  };
  const one = (x, names) => need(names.includes(x), "link.name", { name: String(x) });
  const { limits } = DATA, most = Number.MAX_SAFE_INTEGER;
  need(isTable(state) && isTable(state.labels) && isTable(state.life) && isTable(state.map) && Array.isArray(state.headline) && Array.isArray(state.life.choices));
  one(state.step, STEPS);
  one(state.map.scene, ["struggle-first-in-safety", ...DATA.scenes.map(scene => scene.name)]);
  const headlined = headline => need([DATA.headline, ...DATA.scenes.map(scene => scene.headline)].some(names => String(names) === String(headline)));
  headlined(state.headline);
  need(state.before === null || isTable(state.before));
  for (const world of [state, state.before ?? state]) {
    one(world.scene, DATA.scenes.map(scene => scene.name));
    within(say("class.size"), world.size, ...limits.size);
    within(say("class.weeks"), world.weeks, 1, limits.longest);
    for (const key of ["seed", "room", "luck"]) within(key, world[key], 0, key === "luck" ? 10000 - LUCKS : most);
    numbers(world.parameters, SETBACK.parameters);
  }
  within(say("player.week"), state.week, 0, state.weeks);
  within(say("classes.hands"), state.classes, 0, MOST_CLASSES);
  need(isTable(state.kept) && Number.isInteger(state.why) && state.why in state.headline);
  for (const [step, was] of Object.entries(state.kept)) {
    one(step, STAGED);
    need(isTable(was) && isTable(was.labels) && typeof was.isRevealed === "boolean" && isTable(was.guesses));
    within(say("player.week"), was.week, 0, limits.longest);
    headlined(was.headline);
  }
  const sides = [state, ...Object.values(state.kept)].flatMap(from => SIDES.map(side => [from, side]));
  for (const [state, side] of sides) {
    need(typeof state.labels[side] === "string" && state.labels[side].length <= 200 && Array.isArray(state[side]) && state[side][0]?.week === 0);
    for (const stage of state[side]) {
      need(isTable(stage) && isTable(stage.parts));
      within(say("player.week"), stage.week, 0, limits.longest);
      for (const group of Object.keys(DATA.groups)) need(DATA.groups[group].includes(stage.parts[group]), "link.policy", { name: String(stage.parts[group]) });
      numbers(stage.changed, SETBACK.levers);
      const why = refusal(leversOf(stage));
      need(!why, "link.refused", { why });
    }
  }
  one(state.life.rules, Object.keys(DATA.presets));
  need(typeof state.isProjected === "boolean" && isTable(state.guesses));
  for (const [name, hands] of Object.entries(state.guesses)) {
    one(name, state.headline);
    need(Array.isArray(hands) && hands.length === 3);
    for (const n of hands) within(say("guess.hands"), n, 0, limits.hands);
  }
  need(Number.isInteger(state.life.seat) && state.life.seat >= 0);
  for (const choice of state.life.choices) one(choice, Object.keys(CHOICES));
  for (const axis of ["x", "y"]) one(state.map[axis], Object.keys(ROWS));
  one(state.map.show, Object.keys(SHOWN));
  one(state.map.of, ["gap", "a", "b"]);
  for (const axis of ["xIn", "yIn"]) one(state.map[axis], PLACES);
  one(state.map.lucks, MEANS);
  return state;
}

// Take over a whole state: as it was when it was written, but for the roster, which stays as it is.
function takeOver(state) {
  const { life: lived, map: mapped, before, step, isRevealed, kept: were, ...rest } = state;
  for (const step of STAGED) delete kept[step];
  Object.assign(kept, were);
  Object.assign(school, rest, { scene: sceneOf(rest), headline: sameHeadline(rest.headline) });
  Object.assign(life, lived, { room: classKey(), seat: Math.min(lived.seat, sizeNow() - 1), choices: [...lived.choices] });
  Object.assign(map, mapped, { before: before && { ...before, scene: sceneOf(before), roster: school.roster } });
  for (const key of Object.keys(mapped)) $(`map-${key}`).value = map[key];
  goTo(step, true);
  if (step === "scene") showScene();
  showProjector();
  if (isRevealed) $("reveal").click();
  if (school.week > 0) $("opening").open = false;
}
// The very list that a scene has: what is drawn is only made anew where it is another.
const sameHeadline = names => [DATA.headline, ...DATA.scenes.map(scene => scene.headline)].find(own => String(own) === String(names));

// Write what is shown into the address, a while after it changed: a new entry to go back to, unless only the week is another.
function remember() {
  document.body.dataset.written = false;
  address.timer ||= setTimeout(writeAddress, IDLE);
}
function settle() {
  clearTimeout(address.timer);
  address.timer = 0;
  document.body.dataset.written = true;
}
function writeAddress() {
  settle();
  const state = stateNow(), now = JSON.stringify(state), was = address.shown;
  if (now === was) return;
  const isStep = JSON.stringify({ ...JSON.parse(was), week: 0 }) !== JSON.stringify({ ...state, week: 0 });
  address.shown = now;
  const depth = (history.state?.depth ?? 0) + (isStep ? 1 : 0);
  history[isStep ? "pushState" : "replaceState"]({ depth }, "", toAddress(state));
  showAddress();
}

function showAddress() {
  $("undo").disabled = !(history.state?.depth > 0);
  $("link-text").value = location.href;
}

// Follow the address; one that cannot be followed is told, and what is on the page stays.
function followAddress() {
  pause();
  $("bad-link").hidden = true;
  try {
    takeOver(checked(location.hash.length > 1 ? fromAddress(location.hash) : JSON.parse(address.first)));
    settle();
    address.shown = JSON.stringify(stateNow());
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    write($("bad-link"), error.message);
    $("bad-link").hidden = false;
    history.replaceState(history.state, "", toAddress(JSON.parse(address.shown)));
  }
  showAddress();
}

function buildAddress() {
  address.first = address.shown = JSON.stringify(stateNow());
  $("undo").addEventListener("click", () => { writeAddress(); history.back(); });
  $("link-text").addEventListener("focus", event => event.target.select());
  window.addEventListener("popstate", followAddress);
  window.addEventListener("pagehide", writeAddress);
  if (location.hash.length > 1) followAddress();
  else showAddress();
}
