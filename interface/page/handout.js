// ---- the hand-out: a scene on one page of paper --------------------------------------------------------------
window.addEventListener("beforeprint", makeHandout);

function makeHandout() {
  const { name, talk } = school.scene, isScene = school.step === "scene", at = `scenes.${name}`;
  const week = school.week || school.weeks, kept = school.week;
  if (!kept) { school.week = week; draw(); } // a year that nobody has played yet is printed whole
  const sheet = [
    el("h1", {}, $("title").textContent),
    isScene && el("p", { class: "question" }, say(`${at}.question`)),
    el("p", { class: "note" }, week === school.weeks ? "" : say("hand.after", { week })),
    el("div", { class: "rooms" }, ...(hasTwo() ? SIDES : ["A"]).map(side => {
      const room = $(`room-${side}`).cloneNode(true);
      for (const part of room.querySelectorAll("details, .hint")) part.remove();
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

// Who fails most more often in B than in A, who least, and who stands in the middle.
function threeSeats(week) {
  const { A, B } = school.years, fails = run => seat => at(run, "weeks_below_criterion", week - 1, seat);
  const apart = seat => fails(B)(seat) - fails(A)(seat);
  const order = Array.from({ length: A.size }, (_, seat) => seat).sort((a, b) => apart(b) - apart(a) || fails(A)(a) - fails(A)(b));
  return [...new Set([order[0], order[Math.floor(order.length / 2)], order.at(-1)])];
}

function storyOf(seat, week) {
  const { A, B } = school.years, fails = run => at(run, "weeks_below_criterion", week - 1, seat), state = run => say(`state.${stateAfter(run, week, seat)}`);
  const parting = partingWeek(A, B, seat, week);
  const words = [say("hand.story", { a: fails(A), b: fails(B), sa: state(A), sb: state(B) })];
  words.push(...(parting === null ? [say("diary.parts_never")] : [say("diary.parts_at", { week: parting + 1 }), whyParting(A, B, seat, parting)]));
  const thoughts = SIDES.map(side => usualThought(school.years[side], week, seat));
  if (thoughts.some(Boolean)) words.push(say("hand.thinks", { a: thoughts[0] ?? say("hand.nothing"), b: thoughts[1] ?? say("hand.nothing") }));
  return el("p", {}, el("strong", {}, say("room.seat_of", { name: nameOf(seat), seat: seat + 1 })), " ", words.join(" "));
}

// What a student thinks most often after a failing grade; null where none was heard.
function usualThought(run, weeks, seat) {
  const counts = new Map();
  for (let week = 0; week < weeks && enrolledBefore(run, week, seat); week++) {
    const now = slot => at(run, slot, week, seat);
    if (now("heard_attribution") > 0.5) counts.set(thoughtWords(now), (counts.get(thoughtWords(now)) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
