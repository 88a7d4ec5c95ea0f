// ---- the way through: ready scenes, and five steps from one student to all worlds ---------------------------
const STEPS = ["scene", "student", "teacher", "rule", "own", "map"];

// `isKept` leaves the two classrooms as they are; otherwise each step begins where it is easiest to understand.
function goTo(step, isKept = false) {
  pause();
  school.step = step;
  school.isRevealed = false;
  document.body.dataset.step = step;
  for (const button of $("steps").querySelectorAll("button")) {
    if (button.dataset.step === step) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
  }
  const [row, here] = [$("steps"), $("steps").querySelector("[aria-current]")].map(node => node.getBoundingClientRect());
  $("steps").scrollLeft += here.left + here.width / 2 - row.left - row.width / 2; // where the row scrolls, on a phone
  for (const node of document.querySelectorAll(".of-scene")) node.hidden = step !== "scene" || node.id === "small" && !school.scene.small || node.id === "edited";
  $("stage").hidden = step === "student" || step === "map";
  $("student").hidden = step !== "student";
  $("map").hidden = step !== "map";
  write($("title"), step === "scene" ? "" : say(`step.${step}`));
  write($("question"), step === "scene" ? "" : say(`lede.${step}`));
  fill($("panel"));
  if (!isKept) {
    leaveMap();
    if (step === "map") map.before = worldNow();
    school.headline = DATA.headline;
    begin[step]();
  }
  else $("refused").hidden = true;
  if (panels[step]) panels[step](isKept);
  for (const side of SIDES) {
    const { details, all } = ruleMenus[side];
    $(`room-${side}`).hidden = side === "B" && step === "teacher";
    details.hidden = step === "rule" && side === "B" || step === "teacher" && side === "B";
    details.open = step === "teacher" && side === "A" || step === "own" && side === "B";
    all.open = step === "own" && side === "B";
  }
  (step === "own" ? $("workbench") : $("room-B")).append(ruleMenus.B.details); // all sliders of B need all the width
  document.body.dataset.two = hasTwo();
  rerun();
  afterChange();
  showWorld();
  showClass();
}

const startStage = name => ({ week: 0, parts: { ...DATA.presets[name].parts }, changed: { ...DATA.presets[name].changed } });
const begin = {
  scene: () => { openScene(school.scene); showScene(); },
  student: () => {
    Object.assign(school, { A: [startStage(life.rules)], B: [startStage(life.rules)], labels: { A: "", B: "" }, week: 0 });
    life.choices = [];
  },
  teacher: () => Object.assign(school, { A: [plainStage()], B: [plainStage()], labels: { A: say("teach.label"), B: say("teach.other") }, week: 0 }),
  rule: () => Object.assign(school, { A: [plainStage()], B: [plainStage()], labels: { A: "", B: "" }, week: 0 }),
  own: () => Object.assign(school, { A: [plainStage()], B: [plainStage()], labels: { A: "", B: say("own.label") }, week: 0 }),
  map: () => openScene(DATA.scenes.find(scene => scene.name === map.scene) ?? school.scene),
};

// ---- ready scenes --------------------------------------------------------------------------------------------
function buildScenes() {
  const scenes = DATA.scenes;
  fill($("scene"), ...scenes.map(({ name }, k) => el("option", { value: k }, say(`scenes.${name}.title`))));
  const show = k => { pause(); school.scene = scenes[k]; begin.scene(); rerun(); showRules(); showWorld(); showClass(); };
  $("scene").addEventListener("change", event => show(Number(event.target.value)));
  $("scene-next").addEventListener("click", () => { show((scenes.indexOf(school.scene) + 1) % scenes.length); $("title").focus(); });
  $("as-it-was").addEventListener("click", () => { show(scenes.indexOf(school.scene)); $("title").focus(); });
  $("scene-next").hidden = scenes.length < 2;
  $("print").addEventListener("click", () => { pause(); window.print(); });
}

function showScene() {
  const { name, talk, shows } = school.scene, at = `scenes.${name}`;
  $("scene").value = DATA.scenes.indexOf(school.scene);
  showEdited();
  write($("question"), say(`${at}.question`));
  $("small").hidden = !school.scene.small;
  write($("look-text"), say(`${at}.look`));
  write($("cannot-text"), say(`${at}.cannot`));
  $("look").open = $("cannot").open = false;
  fill($("talk"), ...Array.from({ length: talk }, (_, k) => el("li", {}, say(`${at}.talk.${k}`))));
  const rows = Object.entries(shows).map(([outcome, [a, b, higher]]) => el("tr", {}, el("th", { scope: "row" }, say(`outcome.${outcome}`)),
    el("td", {}, number(a, 2)), el("td", {}, number(b, 2)), el("td", {}, percent(higher))));
  fill($("shows"), rows.length && el("table", {}, el("caption", {}, say("scene.shows", { rooms: DATA.rooms })),
    el("thead", {}, el("tr", {}, ...[say("scene.shows_outcome"), "A", "B", say("scene.shows_higher")].map(text => el("th", { scope: "col" }, text)))),
    el("tbody", {}, ...rows)));
}

// The name of the preset that a stage is, or no name.
const rulesOf = ({ parts, changed }) => JSON.stringify([Object.keys(DATA.groups).map(group => parts[group]), Object.entries(changed).sort()]);
const presetOf = stage => Object.keys(DATA.presets).find(name => rulesOf(DATA.presets[name]) === rulesOf(stage)) ?? "";

// ---- the panels of the steps ---------------------------------------------------------------------------------
const panels = {
  teacher: () => {
    const log = el("ul", { id: "log" });
    const reveal = el("button", { type: "button", id: "reveal", "aria-pressed": "false", onclick: () => {
      school.isRevealed = !school.isRevealed;
      $("room-B").hidden = !school.isRevealed;
      document.body.dataset.two = hasTwo();
      reveal.setAttribute("aria-pressed", school.isRevealed);
      write(reveal, say(school.isRevealed ? "teach.hide" : "teach.reveal"));
      draw();
      speak();
    } }, say("teach.reveal"));
    fill($("panel"), el("div", { class: "panel" }, el("h2", {}, say("teach.log")), log, reveal));
  },
  rule: isKept => {
    const whole = el("select", { id: "base", onchange: () => { school.A = [startStage(whole.value)]; one(); } },
      ...Object.keys(DATA.presets).map(name => el("option", { value: name }, say(`preset.${name}`))));
    const menu = el("select", { id: "one", "aria-describedby": "one-says", onchange: () => one() }, el("option", { value: "" }, say("one.none")),
      ...Object.entries(DATA.groups).map(([group, parts]) => el("optgroup", { label: say(`rules.${group}`) },
        ...parts.map(part => el("option", { value: part }, say(`part.${part}`))))));
    const says = el("p", { class: "says first", id: "one-says" }, say("one.first"));
    if (isKept) { // as it was: what A starts from, and the one part in which B is another
      const [a, b] = SIDES.map(side => school[side][0]), group = Object.keys(b.parts).find(name => b.parts[name] !== a.parts[name]);
      whole.value = presetOf(a);
      menu.value = group ? b.parts[group] : "";
    }
    const one = () => {
      const part = menu.value, stage = copyStage(school.A[0]);
      if (part) {
        const group = Object.keys(DATA.groups).find(name => DATA.groups[name].includes(part));
        stage.parts[group] = part;
        for (const lever of Object.keys(DATA.parts[part])) delete stage.changed[lever];
      }
      const before = school.B.map(copyStage);
      school.B = [stage];
      write(says, part ? say(`says.${part}`) : say("one.first"));
      says.classList.toggle("first", !part);
      change("B", before);
    };
    if (menu.value) { write(says, say(`says.${menu.value}`)); says.classList.remove("first"); }
    fill($("panel"), el("div", { class: "panel fields" },
      el("label", { class: "field" }, el("span", {}, say("one.base")), whole),
      el("label", { class: "field strong" }, el("span", {}, say("one.change")), menu), says));
  },
  own: isKept => {
    const base = el("select", { id: "own-base", onchange: () => { school.A = [startStage(base.value)]; school.labels.A = ""; rerun(); showRules(); } },
      el("option", { value: "", disabled: true, hidden: true }, ""), ...Object.keys(DATA.presets).map(name => el("option", { value: name }, say(`preset.${name}`))));
    base.value = isKept ? presetOf(school.A[0]) : "reference";
    fill($("panel"), el("div", { class: "panel fields" }, el("label", { class: "field" }, el("span", {}, say("own.base")), base)));
  },
};

// What depends on a changed rule or week, outside of the drawing.
function afterChange() {
  if (school.step === "teacher") {
    fill($("log"), ...school.A.map((stage, k) => el("li", {}, k
      ? say("teach.log_row", { week: stage.week + 1, policy: policyInWords(stage) }) : say("teach.first", { policy: policyInWords(stage) }))));
  }
  showRules();
}

// ---- be one student: the reader decides, the model answers ---------------------------------------------------
const CHOICES = { try: { submitted: 1, effort: 0.95 }, some: { submitted: 1, effort: 0.2 }, none: { submitted: 0, effort: 0 } };
const life = { seat: 0, room: null, choices: [], run: null, rules: "reference" };
const BELOW = -0.5; // SD of prior knowledge: a little below the middle, where both passing and failing are met

const classKey = () => classNow() ?? JSON.stringify([school.seed, school.room, sizeNow()]);
// In a class that is new, the reader takes the seat that comes nearest to that at its opening.
function sitDown() {
  const size = sizeNow(), here = classKey();
  if (life.room === here) return;
  const off = seat => Math.abs(school.years.A.opening("knowledge_score", seat) - BELOW);
  const seats = Array.from({ length: size }, (_, seat) => seat);
  Object.assign(life, { room: here, seat: seats.reduce((best, seat) => off(seat) < off(best) ? seat : best), choices: [] });
}

function runLife() {
  sitDown();
  life.choices.splice(school.weeks);
  life.run = yearOf(school.A, { hold: holdOf(life.choices), at: Math.max(life.choices.length, 1) });
}

function choose(choice) {
  life.choices.push(choice);
  runLife();
  showLife();
  focusChoice();
}

// The year from its first week, under the rules that are chosen.
function startLife() {
  life.choices = [];
  runLife();
  showLife();
}

function showLife() {
  const { seat, run, choices } = life, name = nameOf(seat), done = choices.length, left = done > 0 && at(run, "enrolled", done - 1, seat) < 0.5;
  const over = done === school.weeks;
  const under = el("select", { id: "life-rules", onchange: () => { school.A = [startStage(under.value)]; life.rules = under.value; startLife(); } },
    ...Object.keys(DATA.presets).map(key => el("option", { value: key, selected: key === life.rules }, say(`preset.${key}`))));
  const state = stateAfter(run, done, seat);
  const feel = slot => done ? at(run, slot, done - 1, seat) : run.opening(slot, seat);
  const meters = [["control", percent, 1], ["expectancy", percent, 1], ["affect", x => number(x, 2), 2]].map(([slot, show, top]) => {
    const meter = el("meter", { min: 0, max: top, value: Math.min(feel(slot), top), "aria-label": say(`curve.${slot}`) });
    return el("div", { class: "meter" }, el("span", {}, say(`curve.${slot}`)), meter, el("b", {}, show(feel(slot))));
  });
  const story = el("ol", { class: "weeks", reversed: true }, ...choices.map((_, week) => week).reverse().map(week => el("li", {},
    el("h3", {}, say("diary.week", { week: week + 1 })),
    el("div", { class: "life" }, ...weekWords(run, week, seat, SETBACK.levers, leversOf(school.A[0])).map(([kind, text]) => el("p", { class: kind }, text))))));
  const buttons = Object.keys(CHOICES).map(choice => el("button", { type: "button", class: choice === "try" ? "big" : "", "data-choice": choice, onclick: () => choose(choice) }, say(`play.${choice}`)));
  const ask = over ? [el("p", { class: "read" }, say("play.over")), mirror(), el("button", { type: "button", class: "big", id: "again", onclick: () => { startLife(); focusChoice(); } }, say("play.again"))]
    : [el("h2", {}, say("diary.week", { week: done + 1 })), el("p", { class: "read" }, left ? say("play.left") : `${taskAhead()} ${say("play.choose")}`), el("div", { class: "choices" }, ...(left ? [buttons[2]] : buttons))];
  fill($("student"), el("div", { class: "fields" }, el("label", { class: "field" }, el("span", {}, say("play.under")), under),
    el("button", { type: "button", id: "somebody", onclick: () => { life.seat = (life.seat + 1) % sizeNow(); startLife(); $("somebody").focus(); } }, say("play.another"))),
  el("div", { class: "desk" },
    el("div", { class: "seat-card" }, el("span", { class: "seat still large", "data-state": state }, mark(state)),
      el("div", {}, el("h2", {}, say("play.seat", { name, seat: seat + 1 })), el("p", { class: "count" }, say(`state.${state}`)),
        done ? null : el("p", { class: "says" }, openingWords(run, seat)))),
    el("section", { class: "ask-card", "aria-label": say("play.choose") }, ...ask),
    el("section", { class: "feel", "aria-label": say("play.meters") }, el("h3", {}, say("play.meters")), ...meters)),
  el("div", { role: "log", "aria-label": say("play.weeks") }, over ? el("p", { class: "read", id: "life-sum" }, closingWords(run, seat)) : null, done ? story : null));
  remember();
}

const focusChoice = () => ($("student").querySelector("[data-choice]") ?? $("again"))?.focus();

// The task of the week ahead: known before the reader decides, so a week is run to read it.
function taskAhead() {
  const week = life.choices.length;
  const run = yearOf(school.A, { hold: holdOf(life.choices), at: week + 1 });
  return taskWords(at(run, "challenge", week, life.seat));
}

function holdOf(choices) {
  const hold = { submitted: [], effort: [] };
  choices.forEach((choice, week) => { for (const slot of Object.keys(hold)) hold[slot].push({ week, seat: life.seat, value: CHOICES[choice][slot] }); });
  return hold;
}

// What the model's own student did, left alone.
function mirror() {
  const alone = yearOf(school.A), { seat, run } = life, name = nameOf(seat), gain = year => signed(gained(year, school.weeks - 1, seat), 2);
  return el("details", {}, el("summary", {}, say("play.mirror", { name })), el("p", {}, say("play.mirror_says", {
    name, weeks: school.weeks, handed: alone.end("weeks_submitted", seat), failures: alone.end("weeks_below_criterion", seat), gain: gain(alone),
    yours: run.end("weeks_submitted", seat), fails: run.end("weeks_below_criterion", seat), gained: gain(run) })));
}
