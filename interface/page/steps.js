// ---- the way through: ready scenes, and five steps from one student to all worlds ---------------------------
const STEPS = ["scene", "student", "teacher", "rule", "own", "map"];

// `isKept` leaves the two classrooms as they are; otherwise each step begins where it is easiest to understand.
function goTo(step, isKept = false) {
  pause();
  const isWorld = map.before && school.step === "own"; // of the map: kept beside one's own work, which a second press brings back
  if (!isKept && STAGED.includes(school.step) && school.years.A) kept[isWorld ? "world" : school.step] = { ...asOnStage(), ...isWorld && { world: worldNow() } };
  const was = isKept ? null : school.step !== step ? step === "own" && kept.world || kept[step] : isWorld && kept.own; // what a detour has left
  if (!isKept && school.step === "own" && (!isWorld || step === "own")) delete kept.world;
  school.step = step;
  school.isRevealed = false;
  document.body.dataset.step = step;
  for (const button of $("steps").querySelectorAll("button")) {
    if (button.dataset.step === step) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
  }
  const [row, here] = [$("steps"), $("steps").querySelector("[aria-current]")].map(node => node.getBoundingClientRect());
  $("steps").scrollLeft += here.left + here.width / 2 - row.left - row.width / 2; // where the row scrolls, on a phone
  for (const node of document.querySelectorAll(".of-scene")) node.hidden = step !== "scene" || node.id === "small" && !school.scene.small;
  $("stage").hidden = step === "student" || step === "map";
  $("student").hidden = step !== "student";
  $("map").hidden = step !== "map";
  drawResults();
  write($("question"), step === "scene" ? "" : say(`lede.${step}`));
  fill($("panel"));
  if (!isKept) {
    leaveMap();
    if (step === "map") map.before = worldNow();
    Object.assign(school, { headline: DATA.headline, why: 0 });
    if (was) {
      const { world, ...stage } = was;
      if (world) { map.before = worldNow(); enterWorld(world); }
      Object.assign(school, structuredClone(stage), { isRevealed: false, week: Math.min(stage.week, school.weeks), headline: sameHeadline(stage.headline) });
    }
    else begin(step);
    if (was && step === "scene") showScene();
  }
  else $("refused").hidden = true;
  if (panels[step]) panels[step](isKept || Boolean(was));
  for (const side of SIDES) {
    const { details, all } = ruleMenus[side];
    (step === "scene" ? $(`room-${side}`) : $("workbench")).append(details); // all sliders need all the width
    $(`room-${side}`).hidden = side === "B" && step === "teacher";
    details.hidden = step === "rule" && side === "B" || step === "teacher" && side === "B";
    details.open = step === "teacher" && side === "A" || step === "own" && side === "B";
    all.open = step === "own" && side === "B";
  }
  document.body.dataset.two = hasTwo();
  rerun();
  afterChange();
  showWorld();
  showClass();
  if (was?.isRevealed) $("reveal").click();
}

// A detour to another step keeps what stands on the stage: the year, the rules, what was changed in it, the hands, and a world opened on the map.
const STAGED = ["scene", "teacher", "rule", "own"], kept = {};
function asOnStage() {
  const { A, B, labels, week, headline, isRevealed, guesses } = school;
  return structuredClone({ A, B, labels, week, headline, isRevealed, guesses });
}

// What stands on the stage as each step opens, where it is easiest to understand.
const alike = (stage, A = "", B = "") => ({ A: [stage], B: [copyStage(stage)], labels: { A, B }, week: 0, headline: DATA.headline, isRevealed: false, guesses: {} });
const opens = {
  scene: onStage,
  student: (scene, rules) => alike(startStage(rules)),
  teacher: () => alike(plainStage(), say("teach.label"), say("teach.other")),
  rule: () => alike(plainStage()),
  own: () => alike(plainStage(), "", say("own.label")),
  map: onStage,
};
function begin(step) {
  if (step === "scene") { openScene(school.scene); showScene(); }
  else if (step === "map") openScene(sceneOf({ scene: map.scene }) ?? school.scene);
  else Object.assign(school, opens[step](school.scene, life.rules));
}

// ---- ready scenes --------------------------------------------------------------------------------------------
function buildScenes() {
  const scenes = DATA.scenes;
  fill($("scene"), ...scenes.map(({ name }, k) => el("option", { value: k }, say(`scenes.${name}.title`))));
  const show = k => { pause(); school.scene = scenes[k]; begin("scene"); rerun(); showRules(); showWorld(); showClass(); };
  $("scene").addEventListener("change", event => show(Number(event.target.value)));
  $("scene-next").addEventListener("click", () => { show((scenes.indexOf(school.scene) + 1) % scenes.length); $("title").focus(); });
  $("as-it-was").addEventListener("click", () => { show(scenes.indexOf(school.scene)); $("title").focus(); });
  $("scene-next").hidden = scenes.length < 2;
  write($("talk-edited"), say("scene.edited"));
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
  const rows = Object.entries(shows).map(([outcome, [a, b, higher]]) => el("tr", {}, el("th", { scope: "row" }, capital(say(`headline.${outcome}`))),
    ...[a, b].map(x => el("td", {}, saidAs(outcome).show(x, school.scene.weeks))), el("td", {}, percent(higher))));
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
