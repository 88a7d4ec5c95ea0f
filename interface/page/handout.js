// ---- the hand-out: a scene on one page of paper --------------------------------------------------------------
window.addEventListener("beforeprint", makeHandout);

function makeHandout() {
  const { name, talk } = school.scene, isScene = school.step === "scene", at = `scenario.${name}`;
  const week = school.week || school.weeks, kept = school.week;
  if (!kept) { school.week = week; draw(); } // a year that nobody has played yet is printed whole
  const sheet = [
    el("h1", {}, isScene ? say(`${at}.title`) : say(`step.${school.step}`)),
    isScene && el("p", { class: "question" }, say(`${at}.question`)),
    el("p", { class: "note" }, week === school.weeks ? "" : say("hand.after", { week })),
    el("div", { class: "rooms" }, ...(hasTwo() ? SIDES : ["A"]).map(side => {
      const room = $(`room-${side}`).cloneNode(true);
      room.querySelector("details")?.remove();
      return strip(room);
    })),
    strip($("legend").cloneNode(true)),
    el("p", { class: "read" }, readOut()),
    el("div", { class: "curves" }, ...charts.map(chart => strip(chart.figure.cloneNode(true)))),
    hasTwo() && el("h2", {}, say("hand.stories")),
    hasTwo() && el("div", { class: "stories" }, ...threeSeats(week).map(seat => storyOf(seat, week))),
    isScene && talk > 0 && el("h2", {}, say("hand.talk")),
    isScene && talk > 0 && el("ol", {}, ...Array.from({ length: talk }, (_, k) => el("li", {}, say(`${at}.talk.${k}`)))),
    el("p", { class: "note" }, say("hand.model")),
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

// Who failed most more often in A, who in B, and who differed least between these two.
function threeSeats(week) {
  const { A, B } = school.years;
  const apart = seat => at(B, "failures", week - 1, seat) - at(A, "failures", week - 1, seat) + 0.001 * (stateAfter(B, week, seat) - stateAfter(A, week, seat));
  const order = Array.from({ length: A.size }, (_, seat) => seat).sort((a, b) => apart(b) - apart(a) || a - b);
  return [...new Set([order[0], order[Math.floor(order.length / 2)], order.at(-1)])];
}

function storyOf(seat, week) {
  const { A, B } = school.years, fails = run => at(run, "failures", week - 1, seat), state = run => say(`state.${stateAfter(run, week, seat)}`);
  const parting = partingWeek(A, B, seat, week);
  const words = [say("hand.story", { name: nameOf(seat), seat: seat + 1, a: fails(A), b: fails(B), sa: state(A), sb: state(B) })];
  if (parting === null) words.push(say("diary.parts_never"));
  else words.push(say("diary.parts_at", { week: parting + 1 }), whyParting(A, B, seat, parting), ...SIDES.map(side => `${side}: ${thoughtIn(side, parting, seat)}`));
  return el("p", {}, words.join(" "));
}
const thoughtIn = (side, week, seat) => thoughtWords(slot => at(school.years[side], slot, week, seat));
