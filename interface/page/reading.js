// ---- what a trainer reads out: the count, and the three kinds of failing ------------------------------------
const KINDS = ["weeks_practice_error", "weeks_below_criterion", "weeks_failing_grade_told", "weeks_failing_grade_counted", "weeks_failing_grade_compared"];

const narrow = window.matchMedia("(max-width: 44rem)"); // where the sentence leaves the plain measure to those who listen
function readOut(isShort = false) {
  const { A, B } = school.years, week = school.week, n = A.size, two = hasTwo(), one = two ? "" : "_one";
  if (!week) return joined([say(`read.start${one}`, { n }), two && school.classes > 0 && nth() > 0 && nth() <= school.classes && classBefore()]);
  const [a, b] = [lowIn(A, week), lowIn(B, week)];
  const low = !two ? say("read.low_one", { a, n }) : a === b ? say("read.same", { a, n }) : say("read.low", { a, b, n });
  const said = school.headline.map(name => readItem(name, A, B, week, one, isShort));
  return joined([say(week === school.weeks ? "read.end" : "read.week", { week }), say("read.each", { list: joined(said, "read.then") }), low]);
}
// The same for those who look; who listens has heard of the change.
const readSaid = isShort => school.week ? ofChanged(readOut(isShort)) : readOut(isShort);

// What the same rules made of the class before, so that another class has something to be held against.
function classBefore() {
  const [a, b] = meansOf(nth() - 1), list = school.headline.map((name, i) => {
    const [x, y] = [a[i], b[i]].map(value => Number.isFinite(value) ? saidAs(name).show(value, school.weeks) : say("headline.none"));
    return say("read.item", { what: say(`headline.${name}`), a: x, b: y });
  });
  return say("read.before", { list: joined(list, "read.then") });
}

function drawReading() {
  write($("read"), readSaid(narrow.matches));
  drawKinds();
}

// For those who listen: said when the class stands still, not with every frame.
function speak() { write($("spoken"), readOut()); }

let kinds = null;
function drawKinds() {
  kinds ??= buildKinds();
  const week = school.week;
  kinds.head.hidden = !hasTwo();
  write(kinds.caption, ofChanged(say("kind.note")));
  for (const node of $("opening").querySelectorAll("[data-kind]")) { // the three kinds, told once more with what came of them
    const [a, b] = SIDES.map(side => week ? number(meanOf(school.years[side], node.dataset.kind, week - 1), 1) : "");
    write(node, week ? say("opening.came", { a, b }) : "");
  }
  KINDS.forEach((kind, k) => SIDES.forEach((side, i) => {
    const x = week ? meanOf(school.years[side], kind, week - 1) : 0;
    write(kinds.cells[k][i], number(x, 1));
    kinds.cells[k][i].hidden = i === 1 && !hasTwo();
  }));
}

function buildKinds() {
  const caption = el("caption"), head = el("th", { scope: "col" }, "B"), cells = KINDS.map(() => SIDES.map(() => el("td")));
  fill($("kinds"), el("table", {}, caption,
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, say("kind.what")), el("th", { scope: "col" }, "A"), head)),
    el("tbody", {}, ...KINDS.map((kind, k) => el("tr", {}, el("th", { scope: "row" }, say(`kind.${kind}`)), ...cells[k])))));
  return { caption, head, cells };
}
