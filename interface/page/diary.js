// ---- meet a student: the year of one seat in both classrooms, read off the slots, nothing added -------------
let diary = { seat: 0, isWhole: false, isParted: false };

// `isParted` opens it at the week in which the two years part; what was before is folded away.
function openDiary(seat, side, isParted = false) {
  pause();
  diary = { seat, side, isWhole: school.week === 0 ? false : school.week === school.weeks, isParted };
  drawDiary();
  if (!$("diary").open) $("diary").showModal();
  $("diary").scrollTop = 0;
}

function drawDiary() {
  const { seat } = diary, { A, B } = school.years, sides = hasTwo() ? SIDES : ["A"];
  const until = diary.isWhole ? school.weeks : school.week, parting = hasTwo() ? partingWeek(A, B, seat, until) : null;
  const move = by => () => { diary.seat = (seat + by + A.size) % A.size; drawDiary(); $("diary-title").focus(); };
  const head = el("header", {},
    el("div", { class: "buttons" },
      el("button", { type: "button", class: "quiet", onclick: move(-1) }, say("diary.before")),
      el("button", { type: "button", class: "quiet", onclick: move(1) }, say("diary.after")),
      el("button", { type: "button", onclick: () => $("diary").close() }, say("diary.close"))),
    el("h2", { id: "diary-title", tabindex: "-1" }, say("diary.title", { name: nameOf(seat) })),
    el("p", {}, openingWords(A, seat)),
    !until ? el("p", { class: "note" }, say("diary.nothing"))
      : hasTwo() && el("p", { class: "parting" }, joined(sumUp(seat, until)),
        parting !== null && el("button", { type: "button", class: "quiet", onclick: goToParting }, say("diary.parts_go", { week: parting + 1 }))),
    !diary.isWhole && el("button", { type: "button", onclick: () => { diary.isWhole = true; drawDiary(); $("diary-title").focus(); } }, say("diary.whole")));
  const columns = el("div", { class: "columns", "aria-hidden": "true" }, ...sides.map(side => el("p", {}, el("span", { class: `side ${side}` }, side), school.labels[side] || policyInWords(school[side][0]))));
  const weeks = el("ol", { class: "weeks" }), before = diary.isParted && parting > 0 ? el("ol", { class: "weeks" }) : weeks;
  let gone = false;
  for (let week = 0; week < until && !gone; week++) {
    if (week === parting) weeks.append(el("li", { class: "parts", id: "parts" }, joined([say("diary.parts"), whyParting(A, B, seat, week)])));
    (week < parting ? before : weeks).append(el("li", {}, el("h3", week === parting ? { id: "parts-week", tabindex: "-1", "aria-describedby": "parts" } : {}, say("diary.week", { week: week + 1 })),
      el("div", { class: "years" }, ...sides.map(side => weekIn(side, week, seat)))));
    gone = sides.every(side => !enrolledBefore(school.years[side], week, seat));
  }
  const end = diary.isWhole && el("div", { class: "years closing" }, ...sides.map(side => el("p", {}, el("span", { class: `side ${side}` }, side), closingWords(school.years[side], seat))));
  fill($("diary"), head, until && columns,
    before !== weeks && el("details", { class: "earlier" }, el("summary", {}, say("diary.earlier", { n: parting })), before), weeks, end);
}

// To the week in which the two years part: below the heads of the columns, which stay where they are.
function goToParting() {
  const heads = $("diary").querySelector(".columns");
  $("parts").style.scrollMarginBlockStart = `${heads.offsetHeight + 8}px`;
  $("parts").scrollIntoView();
  $("parts-week").focus({ preventScroll: true });
}

function openingWords(run, seat) {
  const score = run.opening("knowledge_score", seat), x = number(Math.abs(score), 1);
  const where = Math.abs(score) < 0.25 ? "middle" : score > 0 ? "above" : "below";
  const friends = [0, 1, 2, 3].map(k => run.friends[4 * seat + k]).filter(friend => friend >= 0).map(nameOf);
  const level = slot => percent(run.opening(slot, seat));
  return joined([say("diary.seat", { seat: seat + 1 }), say(`diary.begin_${where}`, { x, n: aheadOf(score) }),
    say("diary.begin_rest", { expectancy: level("expectancy"), control: level("control"), interest: level("interest") }),
    friends.length && say("diary.friends", { names: list(friends) })]);
}

const enrolledBefore = (run, week, seat) => (week ? at(run, "enrolled", week - 1, seat) : run.opening("enrolled", seat)) > 0.5;

// The first week that went differently: handing in, the test, or how the student is doing.
const HAPPENED = ["submitted", "below_criterion"];
function partingWeek(a, b, seat, until) {
  for (let week = 0; week < until; week++) {
    if (HAPPENED.some(slot => at(a, slot, week, seat) !== at(b, slot, week, seat)) || stateAfter(a, week + 1, seat) !== stateAfter(b, week + 1, seat)) return week;
  }
  return null;
}
function whyParting(a, b, seat, week) {
  const slot = HAPPENED.find(name => at(a, name, week, seat) !== at(b, name, week, seat));
  return slot ? say(`diary.parts_${slot}`) : say("diary.parts_state", { a: say(`state.${stateAfter(a, week + 1, seat)}`), b: say(`state.${stateAfter(b, week + 1, seat)}`) });
}

// A student's two years in three sentences: what came of them, where they part, what failing made the student think.
function sumUp(seat, week) {
  const { A, B } = school.years, state = run => say(`state.${stateAfter(run, week, seat)}`), parting = partingWeek(A, B, seat, week);
  const [a, b] = SIDES.map(side => failures(school.years[side], week, seat)), thoughts = SIDES.map(side => usualThought(school.years[side], week, seat));
  const why = parting === null ? "never" : HAPPENED.find(name => at(A, name, parting, seat) !== at(B, name, parting, seat)) ?? "state";
  const [sa, sb] = why === "state" ? SIDES.map(side => say(`state.${stateAfter(school.years[side], parting + 1, seat)}`)) : ["", ""];
  return [say("hand.story", { a, b, sa: state(A), sb: state(B) }), say(`diary.sum_${why}`, { week: (parting ?? 0) + 1, a: sa, b: sb }),
    thoughts.some(Boolean) && say("hand.thinks", { a: thoughts[0] ?? say("hand.nothing"), b: thoughts[1] ?? say("hand.nothing") })];
}
const failures = (run, week, seat) => at(run, "weeks_below_criterion", week - 1, seat);

// What a student thinks most often after a failing grade; null where none was heard.
function usualThought(run, weeks, seat) {
  const counts = new Map();
  for (let week = 0; week < weeks && enrolledBefore(run, week, seat); week++) {
    const now = slot => at(run, slot, week, seat);
    if (now("heard_attribution") > 0.5 && now("submitted") > 0.5) counts.set(thoughtWords(now), (counts.get(thoughtWords(now)) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

// ---- three students by name: what the same year did to each of them under either rule -------------------------
// Of the outcomes that a scene is about, the one in which a student's two years differ most, as its mark in a seat fills;
// and who has most more of it in B than in A, who stands in the middle, and who least.
function threeSeats(week) {
  const { A, B } = school.years, seats = Array.from({ length: A.size }, (_, seat) => seat);
  const drawn = drawnParts().map(({ name }) => name), told = (drawn.length ? drawn : school.headline).map(name => {
    const both = seats.map(seat => [A, B].map(run => soFar(run, name, week, seat))), apart = both.map(([a, b]) => b - a);
    const known = seats.filter(seat => Number.isFinite(apart[seat])), filled = both.map(of => of.map((x, side) => stepsOf([A, B][side], name, week, x)));
    return { name, both, apart, known, most: Math.max(0, ...known.map(seat => Math.abs(filled[seat][1] - filled[seat][0]))) };
  });
  const { name, both, apart, known } = told.reduce((best, other) => other.most > best.most || !best.known.length ? other : best);
  const order = known.sort((a, b) => apart[b] - apart[a] || both[a][0] - both[b][0]);
  return { name, seats: [...new Set(order.length ? [order[0], order[Math.floor(order.length / 2)], order.at(-1)] : [])], both };
}

let three = []; // the buttons, written anew rather than made anew as a week is turned
function drawThree() {
  if (film.isPlaying) return; // names are read when the class stands still
  const week = school.week, isShown = week > 0 && hasTwo();
  $("three").hidden = !isShown;
  if (!isShown) return;
  const { name, seats, both } = threeSeats(week);
  $("three").hidden = !seats.length;
  if (three.length !== seats.length) {
    three = seats.map(() => {
      const name = el("strong"), said = el("span");
      return { name, said, button: el("button", { type: "button", onclick: event => openDiary(Number(event.currentTarget.dataset.seat), null, true) }, name, " ", said) };
    });
    fill($("three-list"), ...three.map(({ button }) => el("li", {}, button)));
  }
  seats.forEach((seat, k) => {
    three[k].button.dataset.seat = seat;
    write(three[k].name, nameOf(seat));
    write(three[k].said, say("read.item", { what: say(`headline.${name}`), a: saidIn(name, both[seat][0], week), b: saidIn(name, both[seat][1], week) }));
  });
}

function weekIn(side, week, seat) {
  const run = school.years[side], state = stateAfter(run, week + 1, seat);
  return el("div", { class: "life", "data-state": state },
    el("p", { class: "how" }, el("span", { class: `side ${side}` }, side), el("span", { class: "seat still", "data-state": state }, mark(state)), el("span", {}, say(`state.${state}`))),
    ...weekWords(run, week, seat, SETBACK.levers, leversOf(stageAt(side, week))).map(([kind, text]) => el("p", { class: kind }, text)));
}

// One week as [kind, sentence]: what was done, how it went, what the grade said, what the student made of it, what followed.
function weekWords(run, week, seat, plain, changed) {
  const now = slot => at(run, slot, week, seat), q = { ...plain, ...changed };
  if (!enrolledBefore(run, week, seat)) return [["did", say("diary.stopped")]];
  const said = [["did", taskWords(now("challenge"))]];
  if (now("submitted") > 0.5) {
    said.push(["did", say("diary.submitted", { effort: percent(now("effort")) })]);
    if (q.problem_first * (1 - q.others_attempts) > 0.5) said.push(["did", say("diary.first_try")]);
    said.push(["went", practiceWords(now)]);
    if (now("helped") > 0 && now("practice_error") > 0.5) said.push(["went", say("diary.helped")]);
    said.push(["went", say(now("below_criterion") > 0.5 ? "diary.test_failed" : "diary.test_passed", { score: number(100 * now("score"), 0) })]);
  } else {
    said.push(["did", now("weeks_not_submitted") > 1 ? say("diary.skipped_again", { n: now("weeks_not_submitted") }) : say("diary.skipped")]);
  }
  return [...said, ["grade", joined(gradeWords(now, q, slot => run.trace[slot][week]))], ["thought", now("submitted") > 0.5 ? thoughtWords(now) : absentWords(run, week, seat)], ["then", followWords(run, week, seat)]];
}

function taskWords(challenge) {
  const { clear, far } = DATA.diary;
  const size = challenge >= far ? "far_above" : challenge >= clear ? "above" : challenge <= -far ? "far_below" : challenge <= -clear ? "below" : "level";
  return say(`diary.task_${size}`);
}

function practiceWords(now) {
  if (now("practice_error") < 0.5) return say("diary.right");
  const { clear, far } = DATA.diary, depth = now("error_depth");
  const error = say(`diary.wrong_${depth < clear ? "near" : depth >= far ? "far" : "clear"}`);
  return say("diary.analysed", { error, share: percent(now("analysed")) });
}

function gradeWords(now, q, ofClass) {
  const said = [], tell = (key, given) => said.push(say(key, given));
  if (q.comparison > 0 && now("submitted") > 0.5) tell("diary.place", { share: percent(now("percentile_rank")) });
  if (ofClass("result_told") === 0) tell("diary.untold");
  else tell(now("failing_grade_told") > 0 ? "diary.failing_grade_told" : "diary.told_passed");
  if (now("retaken") > 0) tell(now("failing_grade") > 0.5 ? "diary.again_failed" : "diary.again_passed");
  if (now("failing_grade") > 0.5 && ofClass("result_told") > 0) {
    if (ofClass("result_counted") > 0) tell("diary.counts");
    if (ofClass("result_public") > 0) tell("diary.public");
  }
  if (now("talked") > 0) tell("diary.talked");
  return said;
}

// The cause that the result is put down to most, as a thought; alike ones make none.
function thoughtWords(now) {
  const [first, second] = Object.keys(DATA.causes).sort((a, b) => now(b) - now(a));
  const cause = now(first) - now(second) < DATA.diary.alike ? "none" : DATA.causes[first];
  return say(`diary.${now("heard_attribution") > 0.5 ? "failed" : "passed"}_${cause}`);
}

// Who hands in nothing thinks of why: what weighs on a student when the week begins, by the thresholds of the states.
function absentWords(run, week, seat) {
  const before = slot => week ? at(run, slot, week - 1, seat) : run.opening(slot, seat);
  const why = before("control") < DATA.meaning[2].control ? "control" : before("affect") >= DATA.meaning[1].affect ? "affect" : before("expectancy") < DATA.meaning[1].expectancy ? "expectancy" : "none";
  return say(`diary.absent_${why}`);
}

function followWords(run, week, seat) {
  const moved = (slot, show) => {
    const now = at(run, slot, week, seat), before = week ? at(run, slot, week - 1, seat) : run.opening(slot, seat);
    const x = show(now);
    return x === show(before) ? x : say(now > before ? "diary.change_up" : "diary.change_down", { x });
  };
  const said = say("diary.follows", { control: moved("control", percent), expectancy: moved("expectancy", percent), affect: moved("affect", x => number(x, 2)) });
  return at(run, "enrolled", week, seat) > 0.5 ? said : joined([said, say("diary.leaves")]);
}

function closingWords(run, seat) {
  const now = slot => run.end(slot, seat);
  return say("diary.close_year", { handed: now("weeks_submitted"), weeks: run.weeks, errors: now("weeks_practice_error"), failures: now("weeks_below_criterion"),
    told: now("weeks_failing_grade_told"), gain: signed(gained(run, run.weeks - 1, seat), 2) });
}
