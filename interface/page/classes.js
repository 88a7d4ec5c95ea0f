// ---- one class is one class: a dot for each whose year was seen, or for thirty at once ---------------------------
const MANY = 30;
const MOST_CLASSES = 300;
const CLASS_BOX = { width: 640, left: 20, right: 620, row: 38 };
const classes = { key: "", seen: [], task: 0 };
// Classes follow one another from that of the scene; a roster has those that stand in it.
const firstRoom = () => school.roster ? 0 : school.scene.room;
const nth = () => school.room - firstRoom();
const mostClasses = () => school.roster?.classes.length ?? MOST_CLASSES;

function buildClasses() {
  $("another").addEventListener("click", () => changeClass(1));
  $("class-back").addEventListener("click", () => changeClass(-1));
  $("many").addEventListener("click", () => { school.classes = Math.min(Math.max(school.classes, MANY), mostClasses()); draw(); });
  $("classes").addEventListener("toggle", drawClasses);
}

function changeClass(by) {
  pause();
  school.room += by;
  school.week = 0;
  rerun();
  showClass();
  speak();
}

// The means of a class, of A and of B, for every outcome of the headline; made again where anything but the class has changed.
function meansOf(k) {
  const { headline, seed, luck, size, weeks, parameters, A, B } = school;
  const key = JSON.stringify([headline, seed, luck, size, weeks, parameters, firstRoom(), A.map(leversOf), B.map(leversOf), A.map(stage => stage.week), B.map(stage => stage.week)]);
  if (classes.key !== key || classes.roster !== school.roster) Object.assign(classes, { key, roster: school.roster, seen: [] });
  if (!classes.seen[k]) {
    const room = firstRoom() + k, here = school.roster?.classes[k];
    classes.seen[k] = SIDES.map(side => {
      const run = yearOf(school[side], { room, keep: false, ...here && { size: here.students.length, scores: here.scores } });
      return school.headline.map(name => run.mean(name));
    });
  }
  return classes.seen[k];
}

// A year that was played to its end adds its class.
function drawClasses() {
  if (school.week === school.weeks && nth() >= 0 && nth() < mostClasses()) school.classes = Math.max(school.classes, nth() + 1);
  $("class-back").disabled = nth() <= 0;
  $("classes").hidden = !hasTwo() || !school.classes || school.step === "teacher";
  write($("classes-says"), say("classes.heading", { n: school.classes }));
  if ($("classes").hidden || !$("classes").open || film.isPlaying) return;
  const task = ++classes.task, n = school.classes;
  $("classes").dataset.done = false;
  let k = 0;
  const go = () => {
    if (task !== classes.task) return;
    const end = performance.now() + 12;
    while (k < n && performance.now() < end) meansOf(k++);
    paintClasses(k);
    $("classes").dataset.done = k >= n;
    if (k < n) requestAnimationFrame(go);
  };
  requestAnimationFrame(go);
}

function paintClasses(n) {
  const means = Array.from({ length: n }, (_, k) => meansOf(k));
  fill($("class-plots"), ...school.headline.map((name, i) => {
    const values = SIDES.map((_, s) => means.map(both => both[s][i])), all = values.flat().filter(Number.isFinite);
    const low = Math.min(...all), high = Math.max(...all), { left, right, row, width } = CLASS_BOX;
    const x = value => (left + right) / 2 + (high > low ? ((value - low) / (high - low) - 0.5) * (right - left - 60) : 0);
    const dots = values.flatMap((of, s) => of.map((value, k) => Number.isFinite(value) && svg(s ? "rect" : "circle", {
      class: `class-dot ${SIDES[s]}${k === nth() ? " here" : ""}`, ...(s ? { x: x(value) - 4, y: row * 1.5 - 4 + scatter(k), width: 8, height: 8 } : { cx: x(value), cy: row * 0.5 + scatter(k), r: 4.5 }) })));
    const more = means.filter(both => both[1][i] > both[0][i]).length;
    const [a, b, c, d] = values.map(of => of.filter(Number.isFinite)).flatMap(of => [Math.min, Math.max].map(end => of.length ? saidAs(name).show(end(...of), school.weeks) : say("headline.none")));
    const said = joined([say("classes.more", { what: capital(say(`headline.${name}`)), more, n }), n > 1 && !school.roster && say("classes.luck", { a, b, c, d })]);
    return el("figure", {}, el("figcaption", {}, said), svg("svg", { viewBox: `0 0 ${width} ${2 * row}`, role: "img", "aria-label": said, direction: "ltr" },
      ...SIDES.map((side, s) => svg("text", { class: `end ${side}`, x: 2, y: row * (s + 0.5) + 5 }, side)), ...dots.filter(Boolean)));
  }));
}
// Dots that would lie on one another stand beside each other.
const scatter = k => (k * 7 % 11 - 5) * 2.2;
