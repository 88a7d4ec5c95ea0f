// ---- the rules of a classroom: five menus in plain words, and every lever as a slider -----------------------
const ruleMenus = {};

// The stage that a change goes to: the first, or in the teacher's class the one that begins next week.
function stageToChange(side) {
  const stages = school[side];
  if (school.step !== "teacher") return stageAt(side, Math.max(school.week - 1, 0));
  const week = Math.min(school.week, school.weeks - 1);
  school[side] = stages.filter(stage => stage.week <= week);
  const last = school[side].at(-1);
  if (last.week < week) school[side].push({ ...copyStage(last), week });
  return school[side].at(-1);
}

function buildRules(side, details) {
  const menus = {}, says = {};
  const rows = Object.entries(DATA.groups).map(([group, parts]) => {
    const id = `${group}-${side}`;
    says[group] = el("span", { class: "says", id: `${id}-says` });
    menus[group] = el("select", { id, "aria-describedby": `${id}-says`, onchange: event => choosePart(side, group, event.target.value) },
      ...parts.map(part => el("option", { value: part }, say(`part.${part}`))));
    return el("div", { class: "rule" }, el("label", { for: id }, say(`rules.${group}`)), menus[group], says[group]);
  });
  const all = el("details", { class: "all" }, el("summary", {}, say("rules.all")));
  const later = el("p", { class: "note" }, say("rules.later"));
  fill(details, el("summary", {}, say("rules.change", { side })), later, el("div", { class: "menus" }, ...rows), all);
  all.addEventListener("toggle", () => { if (all.open) all.querySelector(".sliders").open = true; }, { once: true }); // one group stands open
  const usual = row => ({ ...SETBACK.levers, ...leversOfParts(stageAt(side, Math.max(school.week - 1, 0))) })[row.name];
  const get = row => stageAt(side, Math.max(school.week - 1, 0)).changed[row.name] ?? usual(row);
  const { refresh } = sliderGroups(all, DATA.levers, group => say(`rules.${group}`), usual, get, (row, x) => {
    const before = school[side].map(copyStage), stage = stageToChange(side);
    const plain = { ...SETBACK.levers, ...leversOfParts(stage) }[row.name];
    if (x === null || x === plain) delete stage.changed[row.name];
    else stage.changed[row.name] = x;
    change(side, before);
  });
  ruleMenus[side] = { menus, says, later, details, all, show: refresh };
}

function choosePart(side, group, part) {
  const before = school[side].map(copyStage), stage = stageToChange(side);
  stage.parts[group] = part;
  for (const lever of Object.keys(DATA.parts[part])) delete stage.changed[lever];
  change(side, before);
}

// Run the year under changed rules; rules that no school could have are said and taken back.
function change(side, before) {
  if (school.step === "scene" || school.step === "own") school.labels[side] = "";
  if (!rerun()) {
    const said = $("refused").textContent;
    school[side] = before;
    rerun();
    $("refused").hidden = false;
    write($("refused"), said);
  }
  showRules();
  afterChange();
}

function showRules() {
  for (const side of SIDES) {
    const { menus, says, later, show } = ruleMenus[side], stage = stageAt(side, Math.max(school.week - 1, 0));
    const next = school.step === "teacher" ? school[side].at(-1) : stage;
    for (const group of Object.keys(menus)) {
      if (menus[group].value !== next.parts[group]) menus[group].value = next.parts[group];
      write(says[group], say(`says.${next.parts[group]}`));
    }
    later.hidden = school.step !== "teacher";
    show();
  }
}
