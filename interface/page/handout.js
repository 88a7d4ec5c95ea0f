// ---- the hand-out: a scene on one page of paper --------------------------------------------------------------
window.addEventListener("beforeprint", makeHandout);

function makeHandout() {
  const make = notes.isOnPaper ? notesOnPaper : { student: lifeOnPaper, map: mapOnPaper }[school.step] ?? roomsOnPaper;
  make();
}

const headOnPaper = () => [el("h1", {}, $("title").textContent), el("p", { class: "question" }, $("question").textContent)];
const footOnPaper = () => el("p", { class: "note" }, say("hand.model"));

// The year of who was one student: what it came to, the rules against the choices, and every week.
function lifeOnPaper() {
  const copies = [".seat-card h2", "#life-sum", "#balance", "ol.weeks"].map(part => $("student").querySelector(part)).filter(Boolean).map(node => strip(node.cloneNode(true)));
  fill($("handout"), ...headOnPaper(), el("p", {}, say("hand.rules", { rules: say(`preset.${life.rules}`) })), ...copies, footOnPaper());
}

// The map with what its two numbers mean, its scale, and the two classrooms of its scene.
function mapOnPaper() {
  const copies = [map.says.x, map.says.y, map.table, map.scale, map.note].map(node => strip(node.cloneNode(true)));
  const shown = say(`map.of_${map.of}`);
  fill($("handout"), ...headOnPaper(), el("p", {}, el("strong", {}, say(`scenes.${map.scene}.title`)), ` · ${say(`map.${map.show}`)} · ${shown}`), ...copies, footOnPaper());
}

function roomsOnPaper() {
  const { name, talk } = school.scene, isScene = school.step === "scene", at = `scenes.${name}`;
  const week = school.week || school.weeks, kept = school.week;
  if (!kept) { school.week = week; draw(); } // a year that nobody has played yet is printed whole
  const { seats } = hasTwo() ? threeSeats(week) : { seats: [] }; // nobody, where nothing is known of anybody
  const sheet = [
    el("h1", {}, $("title").textContent),
    isScene && el("p", { class: "question" }, say(`${at}.question`)),
    !$("edited").hidden && el("p", { class: "note" }, say("scene.edited")),
    isScene && school.scene.small && el("p", { class: "note" }, say("scene.small")),
    el("p", { class: "note" }, week === school.weeks ? "" : say("hand.after", { week })),
    el("div", { class: "rooms" }, ...(hasTwo() ? SIDES : ["A"]).map(side => {
      const room = $(`room-${side}`).cloneNode(true);
      for (const part of room.querySelectorAll("details, .hint")) part.remove();
      return strip(room);
    })),
    strip($("legend").cloneNode(true)),
    el("p", { class: "read" }, readSaid()),
    el("div", { class: "curves" }, ...charts.map(chart => strip(chart.figure.cloneNode(true)))),
    seats.length > 0 && el("h2", {}, say("hand.stories")),
    seats.length > 0 && el("div", { class: "stories" }, ...seats.map(seat => storyOf(seat, week))),
    isScene && talk > 0 && el("h2", {}, say("hand.talk")),
    isScene && talk > 0 && el("ol", {}, ...Array.from({ length: talk }, (_, k) => el("li", {}, say(`${at}.talk.${k}`)))),
    footOnPaper(),
  ];
  fill($("handout"), ...sheet);
  if (!kept) { school.week = 0; draw(); }
}

// A copy has no ids and nothing to press.
function strip(node) {
  for (const part of [node, ...node.querySelectorAll("[id]")]) part.removeAttribute("id");
  node.removeAttribute("aria-labelledby");
  return node;
}

function storyOf(seat, week) {
  return el("p", {}, el("strong", {}, say("room.seat_of", { name: nameOf(seat), seat: seat + 1 })), " ", joined(sumUp(seat, week)));
}
