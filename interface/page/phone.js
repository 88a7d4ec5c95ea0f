// ---- the page for one student: a name, a seat, a year of choices, on a phone that is held upright ------------------
const phone = { number: 0, shown: "", isSeated: false };

const phoneState = () => ({ scene: school.scene.name, seed: school.seed, size: school.size, weeks: school.weeks, rules: life.rules,
  ...phone.isSeated ? { name: life.name, number: phone.number, choices: asLetters(life.choices) } : { name: "", number: 0, choices: "" } });

// All of it is seen before any of it is taken.
function checkedPhone(state) {
  const { limits } = DATA;
  isKnown(state, Object.keys(phoneOpening(state)));
  isWithin(say("class.size"), state.size, ...limits.size);
  isWithin(say("class.weeks"), state.weeks, 1, limits.longest);
  isWithin("seed", state.seed, 0, Number.MAX_SAFE_INTEGER);
  isWithin(say("phone.number"), state.number, 0, 999);
  isOne(state.rules, Object.keys(DATA.presets));
  need(typeof state.name === "string" && [...state.name].length <= NAME_LENGTH && state.name === tidy(state.name));
  const choices = asChoices(state.choices);
  need(choices.length <= state.weeks);
  return { ...state, choices };
}

function takeOver({ scene, seed, size, weeks, rules, name, number, choices }) {
  const there = DATA.scenes.find(of => of.name === scene);
  Object.assign(school, { scene: there, seed, size, weeks, parameters: { ...there.parameters }, A: [startStage(rules)] });
  life.rules = rules;
  phone.isSeated = name !== "";
  if (phone.isSeated) sit(name, number, choices);
  else askForName();
}

// The seat follows from the name and the number alone: the class, and in it the student a little below the middle.
function sit(name, number, choices) {
  Object.assign(phone, { number, isSeated: true });
  Object.assign(life, { name, room: null });
  school.room = sumOf(`${name.toLocaleLowerCase(LOCALE)} ${number}`);
  school.years.A = yearOf(school.A);
  sitDown();
  life.choices = choices;
  runLife();
  showPhone();
}

// ---- what is seen --------------------------------------------------------------------------------------------------
function askForName() {
  if (!phone.number) phone.number = 100 + Math.floor(Math.random() * 900);
  const proposed = life.name ?? NAMES[Math.floor(Math.random() * NAMES.length)];
  const name = el("input", { type: "text", id: "name", maxlength: NAME_LENGTH, value: proposed, autocomplete: "off", "aria-describedby": "name-says name-wrong" });
  const wrong = el("p", { class: "error", id: "name-wrong", role: "alert", hidden: true }, say("phone.no_name"));
  const rules = el("select", { id: "rules" }, ...Object.keys(DATA.presets).map(key => el("option", { value: key, selected: key === life.rules }, say(`preset.${key}`))));
  const go = event => {
    event.preventDefault();
    const called = [...tidy(name.value)].slice(0, NAME_LENGTH).join("").trim();
    wrong.hidden = called !== "";
    if (!called) { name.focus(); return; }
    life.rules = rules.value;
    school.A = [startStage(rules.value)];
    sit(called, phone.number, []);
    $("title").focus();
  };
  head(say("phone.title"), "");
  fill($("last"));
  fill($("student"), el("p", { class: "question" }, say("phone.lede", { n: school.weeks })),
    el("form", { class: "ask-card", onsubmit: go },
      el("label", { class: "field" }, el("span", {}, say("phone.name")), name), wrong,
      el("p", { class: "says", id: "name-says" }, say("phone.name_says", { number: String(phone.number) })),
      el("label", { class: "field" }, el("span", {}, say("play.under")), rules),
      el("button", { type: "submit", class: "big", id: "sit" }, say("phone.sit"))));
  scrollTo(0, 0);
  remember();
}

function head(title, when) {
  write($("title"), title);
  write($("when"), when);
}

function showPhone() {
  const { seat, run, choices, name } = life, done = choices.length, over = isOver();
  head(say("phone.who", { name, number: String(phone.number) }), over ? "" : say("player.week_of", { week: done + 1, weeks: school.weeks }));
  const before = choices.map((_, week) => el("li", {}, ...weekDone(week))).slice(0, over ? done : -1).reverse();
  const last = over ? [el("h2", {}, say("play.over")), el("p", { class: "read", id: "life-sum" }, closingWords(run, seat))] : done ? weekDone(done - 1) : [];
  fill($("last"), ...last);
  fill($("student"),
    over ? ending() : el("section", { class: "ask-card", "aria-label": say("play.choose") }, ...askedNow()),
    el("div", { class: "desk" }, seatCard(), feelings()),
    before.length ? el("details", {}, el("summary", {}, say("play.weeks")), el("ol", { class: "weeks", reversed: true, start: before.length }, ...before)) : null);
  scrollTo(0, 0);
  remember();
}

// The end: six letters for the wall, and the rules against the choices.
function ending() {
  const { seat, run, rules } = life, code = toCode({ failures: run.end("weeks_below_criterion", seat), gain: gained(run, school.weeks - 1, seat), rules });
  return el("section", { class: "ask-card", "aria-label": say("play.over") },
    el("p", {}, say("phone.code")), el("p", { id: "code", class: "code" }, `${code.slice(0, 3)} ${code.slice(3)}`),
    rulesTimesChoices(), el("button", { type: "button", class: "big", id: "again", onclick: () => { phone.isSeated = false; askForName(); $("name").focus(); } }, say("play.again")));
}

// ---- the address: reload and back lose nothing -------------------------------------------------------------------
function remember() {
  const state = phoneState(), now = JSON.stringify(state);
  if (phone.shown !== now && phone.shown) history.pushState(null, "", toPhone(state));
  phone.shown = now;
}

function followAddress() {
  const open = { scene: DATA.scenes[0].name };
  $("bad-link").hidden = true;
  try {
    const patch = location.hash.length > 1 ? fromLink(location.hash, phoneVersion) : open;
    const state = checkedPhone(patched(phoneOpening(patch), patch));
    phone.shown = "";
    takeOver(state);
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    write($("bad-link"), error.message);
    $("bad-link").hidden = false;
    if (phone.shown) history.replaceState(null, "", toPhone(JSON.parse(phone.shown)));
    else takeOver(checkedPhone({ ...phoneOpening(open), ...open }));
  }
}
life.show = showPhone;
window.addEventListener("popstate", followAddress);
followAddress();
