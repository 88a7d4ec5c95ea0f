// ---- the address: all that can be set, so that reload, back, undo and a link lose nothing; rosters stay out ----
const IDLE = 400; // milliseconds in which changes are taken as one
const address = { shown: "", timer: 0 };

// A side is written as a table: the rules that are not the reference's, by the week from which on they hold.
const asTable = stages => Object.fromEntries(stages.map(({ week, parts, changed }) =>
  [week, { ...Object.fromEntries(Object.entries(parts).filter(([group, part]) => part !== DATA.reference[group])), ...changed }]));
const asStages = table => Object.entries(table).map(([week, rules]) => {
  const [parts, changed] = [true, false].map(is => Object.fromEntries(Object.entries(rules).filter(([name]) => Object.hasOwn(DATA.groups, name) === is)));
  return { week: Number(week), parts: { ...DATA.reference, ...parts }, changed };
});
const asWritten = ({ world, ...stage }) => ({ ...stage, A: asTable(stage.A), B: asTable(stage.B), ...world && { world: worldIn(world) } });

const MAP_KEYS = ["scene", "x", "y", "show", "of", "xIn", "yIn", "lucks"], WORLD_KEYS = ["scene", "seed", "room", "luck", "size", "weeks", "parameters"];
const only = (from, keys) => Object.fromEntries(keys.map(key => [key, from[key]]));
const MAP_OPENS = only(map, MAP_KEYS);
// The world of the page, or one that the map gives back; the roster stays out.
const worldIn = world => ({ ...only(world, WORLD_KEYS), scene: world.scene.name });
const sceneOf = world => DATA.scenes.find(({ name }) => name === world.scene);

// All that can be set, as it is.
function stateNow() {
  const { step, isProjected, classes: seen, why: reason, codes } = school;
  return {
    step, isProjected, classes: seen, why: reason, codes, ...worldIn(school), ...asWritten({ ...asOnStage(), isRevealed: school.isRevealed }),
    kept: { ...Object.fromEntries(STAGED.map(step => [step, asWritten(step === school.step && !map.before || !kept[step] ? opens[step]((map.before ?? school).scene) : kept[step])])), ...kept.world && school.step !== "own" && { world: asWritten(kept.world) } },
    life: { rules: life.rules, seat: life.seat, choices: asLetters(life.choices) },
    map: only(map, MAP_KEYS), ...map.before && { before: worldIn(map.before) },
  };
}

// The same as it opens: on a step, in a scene, under the rules of a student, where nothing has been done. What names these stands in every link.
function openingOf({ scene: name, step = "scene", before, life: lived }) {
  const rules = lived?.rules ?? "reference";
  isOne(name, DATA.scenes.map(scene => scene.name));
  isOne(step, STEPS);
  isOne(rules, Object.keys(DATA.presets));
  if (before !== undefined) { need(isTable(before)); isOne(before.scene, DATA.scenes.map(scene => scene.name)); }
  const scene = sceneOf({ scene: name }), home = before ? sceneOf(before) : scene, unnamed = world => ({ ...worldIn(worldOf(world)), scene: "" });
  return {
    step: "scene", isProjected: false, classes: 0, why: 0, codes: "", ...unnamed(scene), ...asWritten(opens[step](scene, rules)),
    kept: Object.fromEntries(STAGED.map(step => [step, asWritten(opens[step](home))])),
    life: { rules: "reference", seat: 0, choices: "" }, map: MAP_OPENS, ...before && { before: unnamed(home) },
  };
}
const versionFor = ({ scene }) => versionOf({ ...openingOf({ scene }), labels: null, kept: null });
const toAddress = state => toLink(differing(state, openingOf(state)), versionFor(state));
function fromAddress(hash) {
  const patch = fromLink(hash, versionFor), opening = openingOf(patch);
  try { return patched(opening, patch); } catch { throw new LinkError(say("link.damaged")); } // too deep to be followed
}

// What a link asks for must be there, and within its range: nothing of it is taken before all of it has been seen.
function checked(state) {
  const { limits } = DATA, most = Number.MAX_SAFE_INTEGER, scenes = DATA.scenes.map(scene => scene.name);
  const opening = openingOf(state), known = Object.keys(opening), stage = Object.keys(opening.kept.scene);
  isKnown(state, known);
  const numbers = (table, known) => {
    isKnown(table, Object.keys(known));
    for (const [name, x] of Object.entries(table)) isWithin(say(`name.${name}`), x, ROWS[name].low, ROWS[name].high, ROWS[name].whole);
  };
  const own = [DATA.headline, ...DATA.scenes.map(scene => scene.headline)];
  const headlined = headline => {
    need(Array.isArray(headline));
    for (const name of headline) isOne(name, own.flat());
    need(own.some(names => isSame(names, headline)));
  };
  isKnown(state.life, Object.keys(opening.life));
  isKnown(state.map, MAP_KEYS);
  isOne(state.map.scene, [MAP_OPENS.scene, ...scenes]);
  isKnown(state.kept, [...STAGED, "world"]);
  for (const [step, was] of Object.entries(state.kept)) isKnown(was, step === "world" ? [...stage, "world"] : stage);
  need(!state.kept.world || state.kept.world.world);
  const others = [state.before, state.kept.world?.world].filter(world => world !== undefined);
  for (const world of others) isKnown(world, WORLD_KEYS);
  for (const world of [state, ...others]) {
    isOne(world.scene, scenes);
    isWithin(say("class.size"), world.size, ...limits.size);
    isWithin(say("class.weeks"), world.weeks, 1, limits.longest);
    for (const key of ["seed", "room", "luck"]) isWithin(key, world[key], 0, key === "luck" ? 10000 - LUCKS : most);
    numbers(world.parameters, SETBACK.parameters);
  }
  isWithin(say("player.week"), state.week, 0, state.weeks);
  isWithin(say("classes.hands"), state.classes, 0, MOST_CLASSES);
  for (const was of Object.values(state.kept)) isWithin(say("player.week"), was.week, 0, limits.longest);
  for (const from of [state, ...Object.values(state.kept)]) {
    headlined(from.headline);
    need(isTable(from.labels) && typeof from.isRevealed === "boolean" && isTable(from.guesses));
    for (const [name, hands] of Object.entries(from.guesses)) {
      isOne(name, from.headline);
      need(Array.isArray(hands) && hands.length === 3);
      for (const n of hands) isWithin(say("guess.hands"), n, 0, limits.hands);
    }
    for (const side of SIDES) {
      need(typeof from.labels[side] === "string" && from.labels[side].length <= 200 && isTable(from[side]) && "0" in from[side]);
      from[side] = asStages(from[side]);
      for (const stage of from[side]) {
        isWithin(say("player.week"), stage.week, 0, limits.longest);
        for (const group of Object.keys(DATA.groups)) need(DATA.groups[group].includes(stage.parts[group]), "link.policy", { name: String(stage.parts[group]) });
        numbers(stage.changed, SETBACK.levers);
        const why = refusal(leversOf(stage));
        need(!why, "link.refused", { why });
      }
    }
  }
  need(Number.isInteger(state.why) && state.why in state.headline);
  need(typeof state.isProjected === "boolean" && Number.isInteger(state.life.seat) && state.life.seat >= 0);
  state.life.choices = asChoices(state.life.choices);
  need(typeof state.codes === "string" && state.codes.length <= MOST_RESULTS * CODE_LENGTH && state.codes.length % CODE_LENGTH === 0);
  for (let k = 0; k < state.codes.length; k += CODE_LENGTH) need(fromCode(state.codes.slice(k, k + CODE_LENGTH)));
  for (const axis of ["x", "y"]) isOne(state.map[axis], Object.keys(ROWS));
  isOne(state.map.show, Object.keys(SHOWN));
  isOne(state.map.of, ["gap", "a", "b"]);
  for (const axis of ["xIn", "yIn"]) isOne(state.map[axis], PLACES);
  isOne(state.map.lucks, MEANS);
  return state;
}

// Take over a whole state: as it was when it was written, but for the roster, which stays as it is.
function takeOver(state) {
  const { life: lived, map: mapped, before, step, isRevealed, kept: were, ...rest } = state;
  const worldFrom = world => ({ ...world, scene: sceneOf(world), roster: school.roster });
  Object.assign(kept, { world: undefined }, were);
  if (kept.world) kept.world = { ...kept.world, world: worldFrom(kept.world.world) };
  Object.assign(school, rest, { scene: sceneOf(rest), headline: sameHeadline(rest.headline) });
  Object.assign(life, lived, { room: classKey(), seat: Math.min(lived.seat, sizeNow() - 1) });
  Object.assign(map, mapped, { before: before ? worldFrom(before) : null });
  for (const key of Object.keys(mapped)) $(`map-${key}`).value = map[key];
  goTo(step, true);
  if (step === "scene") showScene();
  showProjector();
  drawResults();
  if (isRevealed) $("reveal").click();
  if (school.week > 0) $("opening").open = false;
}
// The very list that a scene has: what is drawn is only made anew where it is another.
const sameHeadline = names => [DATA.headline, ...DATA.scenes.map(scene => scene.headline)].find(own => isSame(own, names));

// Write what is shown into the address, at once or a while after it changed: a new entry to go back to, unless only the week is another.
function remember(isAtOnce = false) {
  document.body.dataset.written = false;
  if (isAtOnce) writeAddress();
  else address.timer ||= setTimeout(writeAddress, IDLE);
}
function settle() {
  clearTimeout(address.timer);
  address.timer = 0;
  document.body.dataset.written = true;
}
function writeAddress() {
  settle();
  const state = stateNow(), was = JSON.parse(address.shown);
  if (isSame(state, was)) return;
  $("bad-link").hidden = true; // read, and gone on from
  const isStep = !isSame({ ...was, week: 0 }, { ...state, week: 0 });
  address.shown = JSON.stringify(state);
  const depth = (history.state?.depth ?? 0) + (isStep ? 1 : 0);
  history[isStep ? "pushState" : "replaceState"]({ depth }, "", toAddress(state));
  showAddress();
}

function showAddress() {
  $("undo").disabled = !(history.state?.depth > 0);
  $("link-text").value = location.href;
  drawLinkCode();
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
    settle();
    const state = stateNow(); // a film that played stands still
    address.shown = JSON.stringify(state);
    history.replaceState(history.state, "", toAddress(state));
  }
  showAddress();
}

function buildAddress() {
  address.first = address.shown = JSON.stringify(stateNow());
  $("undo").addEventListener("click", () => { writeAddress(); history.back(); });
  document.addEventListener("keydown", event => { // a field of text has an undo of its own
    const isZ = event.key.toLowerCase() === "z" || event.code === "KeyZ" && event.key > "\x7f"; // by its place where letters are others
    if (!isZ || event.shiftKey || event.altKey || !(event.ctrlKey || event.metaKey)
      || document.querySelector("dialog[open]") || event.target.matches("input:not([type=range])")) return;
    event.preventDefault();
    $("undo").click();
  });
  document.querySelector(".skip").addEventListener("click", event => { event.preventDefault(); $("title").focus(); }); // the address is that of the state
  $("link-text").addEventListener("focus", event => event.target.select());
  window.addEventListener("popstate", followAddress);
  window.addEventListener("pagehide", writeAddress);
  if (location.hash.length > 1) followAddress();
  else showAddress();
}
