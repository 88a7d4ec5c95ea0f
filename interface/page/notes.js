// ---- notes for the presenter: what to say at this station, only when asked for; those of all scenes on paper ------
const notes = { isOnPaper: false };

function buildNotes() {
  $("notes-button").addEventListener("click", () => showNotes($("notes").hidden));
  $("print-notes").addEventListener("click", () => { pause(); notes.isOnPaper = true; window.print(); });
  window.addEventListener("afterprint", () => { notes.isOnPaper = false; });
  const watch = new ResizeObserver(() => { for (const id of ["notes", "lede"]) document.body.style.setProperty(`--${id}`, `${$(id).offsetHeight}px`); });
  for (const id of ["notes", "lede"]) watch.observe($(id)); // on a wall the seats give way to them
  showNotes(false);
}

function showNotes(is) {
  $("notes").hidden = !is;
  $("notes-button").setAttribute("aria-pressed", is);
  drawNotes();
}

const noteOf = (heading, ...said) => el("div", {}, el("h3", {}, heading), ...said);
const noteSaid = key => noteOf(say(`scene.${key}`), el("p", {}, say(`scenes.${school.scene.name}.${key}`)));
const questionsOf = ({ name, talk }) => el("ol", {}, ...Array.from({ length: talk }, (_, k) => el("li", {}, say(`scenes.${name}.talk.${k}`))));

// Before the year its question, then what the room may be asked; what to look for comes after the year, never before.
function drawNotes() {
  if ($("notes").hidden) return;
  const { week, weeks, scene, step } = school, isOver = week === weeks, isScene = step === "scene";
  fill($("notes"), !$("edited").hidden && el("p", { class: "note" }, say("scene.edited")),
    !isOver && noteOf(say(week ? "scene.talk" : "scene.ask"), el("p", {}, week ? say("notes.midway") : $("question").textContent)),
    !isOver && hasTwo() && noteOf(say("notes.then"), el("p", {}, say(week ? "three.heading" : "guess.ask"))),
    ...isOver && isScene ? [noteSaid("look"), scene.talk > 0 && noteOf(say("scene.talk"), questionsOf(scene)), noteSaid("cannot")] : []);
}

function notesOnPaper() {
  const lines = keys => el("ul", {}, ...keys.map(key => el("li", {}, say(`notes.${key}`))));
  fill($("handout"), el("h1", {}, say("notes.heading")),
    el("div", { class: "stories" },
      noteOf(say("notes.keys"), lines(["key_wall", "key_clicker", "key_notes", "key_leave"])),
      noteOf(say("notes.plan"), lines(["plan_ask", "plan_play", "plan_diary", "plan_talk"])),
      noteOf(say("kind.heading"), el("ul", {}, ...["error", "failed", "told"].map(kind => el("li", {}, el("strong", {}, say(`opening.${kind}`)), " ", say(`opening.${kind}_says`)))))),
    ...DATA.scenes.map((scene, k) => {
      const said = key => say(`scenes.${scene.name}.${key}`);
      return el("section", { class: "scene-notes" }, el("h2", {}, `${number(k + 1)} · ${said("title")}`), el("p", { class: "question" }, said("question")),
        el("div", { class: "stories" }, ...["look", "cannot"].map(key => noteOf(say(`scene.${key}`), el("p", {}, said(key)))), scene.talk > 0 && noteOf(say("scene.talk"), questionsOf(scene))));
    }), footOnPaper());
}
