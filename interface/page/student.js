// ---- be one student: the reader pushes, the model answers ------------------------------------------------------
// A choice is no command: it moves the odds of handing in (logit) and the resolve that effort follows, for one week.
const CHOICES = { try: { diligence: 1, resolve: 1 }, own: { diligence: 0, resolve: 0 }, some: { diligence: 0, resolve: -1.5 }, none: { diligence: -4, resolve: 0 } };
const CLOSES = { try: LOW }; // the state from which on a choice is closed, until the student has recovered
const life = { seat: 0, room: null, choices: [], run: null, rules: "reference", name: null, show: showLife };
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
  life.run = yearOf(school.A, { nudge: nudgeOf(life.choices), at: Math.max(life.choices.length, 1) });
}

function nudgeOf(choices) {
  const nudge = { diligence: [], resolve: [] };
  choices.forEach((choice, week) => { for (const slot of Object.keys(nudge)) nudge[slot].push({ week, seat: life.seat, value: CHOICES[choice][slot] }); });
  return nudge;
}

// The week ahead under a choice: as the model draws it or handed in or not, its verdict left or turned round.
function ahead(choice, { submitted = null, isTurned = false, more = 0 } = {}) {
  const { choices, seat } = life, week = choices.length, nudge = nudgeOf([...choices, choice]);
  nudge.diligence.push({ week, seat, value: more });
  return yearOf(school.A, { nudge, at: week + 1, hold: submitted === null ? {} : { submitted: [{ week, seat, value: submitted }] },
    flip: isTurned ? { seat, week, label: 1 } : {} });
}

// How likely work is handed in under each choice: the push at which this week's draw would tip says what the odds are without one.
function oddsAhead() {
  const { seat, choices } = life, week = choices.length, u = SETBACK.uniform(school.seed, "hand-in", school.room, seat, week + school.luck * DATA.limits.year);
  let low = -20, high = 20;
  for (let k = 0; k < 14; k++) {
    const more = (low + high) / 2;
    if (at(ahead("own", { more }), "submitted", week, seat) > 0.5) high = more;
    else low = more;
  }
  const skips = Math.log(u / (1 - u)) + high;
  return Object.fromEntries(Object.entries(CHOICES).map(([choice, { diligence }]) => [choice, 1 / (1 + Math.exp(skips - diligence))]));
}

// What a choice costs today: the effort it takes, and what a good and a bad end of the week do to feeling in control.
function costOf(choice, odds) {
  const week = life.choices.length, seat = life.seat, words = life.name ? "phone" : "play", level = x => format({ style: "percent", maximumFractionDigits: life.name ? 0 : 1 }).format(x), control = run => at(run, "control", week, seat);
  if (choice === "none") return say(`${words}.cost_none`, { odds: percent(odds), control: level(control(ahead(choice, { submitted: 0 }))) });
  const ends = [false, true].map(isTurned => ahead(choice, { submitted: 1, isTurned })), levels = ends.map(control);
  return say(`${words}.cost`, { odds: percent(odds), effort: percent(at(ends[0], "effort", week, seat)), best: level(Math.max(...levels)), worst: level(Math.min(...levels)) });
}

function choose(...choices) {
  remember(true); // so that this choice alone is taken back
  life.choices.push(...choices);
  runLife();
  life.show();
  focusChoice();
}
// What is left of the year, going by how one feels.
const chooseRest = () => choose(...new Array(school.weeks - life.choices.length).fill("own"));

// The year from its first week, under the rules that are chosen.
function startLife() {
  life.choices = [];
  runLife();
  life.show();
}

// Whether the student has stopped for good, and whether the year is over.
const hasLeft = () => life.choices.length > 0 && at(life.run, "enrolled", life.choices.length - 1, life.seat) < 0.5;
const isOver = () => life.choices.length === school.weeks;

function showLife() {
  const { seat, run, choices } = life;
  const under = el("select", { id: "life-rules", onchange: () => { school.A = [startStage(under.value)]; school.B = [startStage(under.value)]; life.rules = under.value; startLife(); } },
    ...Object.keys(DATA.presets).map(key => el("option", { value: key, selected: key === life.rules }, say(`preset.${key}`))));
  const story = el("ol", { class: "weeks", reversed: true }, ...choices.map((_, week) => el("li", {}, ...weekDone(week))).reverse());
  const ask = isOver() ? [el("p", { class: "read" }, say("play.over")), rulesTimesChoices(), el("button", { type: "button", class: "big", id: "again", onclick: startLife }, say("play.again"))]
    : askedNow();
  const here = $("student").contains(document.activeElement) ? document.activeElement : null;
  fill($("student"), el("div", { class: "fields" }, el("label", { class: "field" }, el("span", {}, say("play.under")), under),
    el("button", { type: "button", id: "somebody", onclick: () => { life.seat = (life.seat + 1) % sizeNow(); startLife(); } }, say("play.another"))),
  el("div", { class: "desk" }, el("section", { class: "ask-card", "aria-label": say("play.choose") }, ...ask), seatCard(), feelings()),
  el("div", { role: "log", "aria-label": say("play.weeks") }, isOver() ? el("p", { class: "read", id: "life-sum" }, closingWords(run, seat)) : null, choices.length ? story : null));
  if (here) (here.id && $(here.id) || choiceNow())?.focus(); // all is made anew
  remember();
}

// What the week asks, and what can be chosen.
function askedNow() {
  const left = hasLeft(), rest = el("button", { type: "button", class: "quiet", id: "rest", onclick: chooseRest }, say("play.rest"));
  return [el("h2", {}, say("diary.week", { week: life.choices.length + 1 })), el("p", { class: "read" }, left ? say("play.left") : joined([taskAhead(), say("play.choose")])),
    ...left ? [el("button", { type: "button", "data-choice": "own", onclick: () => choose("own") }, say("play.on"))]
      : [choicesAhead(stateHere()), el("details", { class: "source" }, el("summary", {}, say("source.none")), el("p", { class: "says" }, say("play.assumed")))], rest];
}
const stateHere = () => stateAfter(life.run, life.choices.length, life.seat);

function seatCard() {
  const { seat, run, choices } = life, state = stateHere();
  return el("div", { class: "seat-card" }, el("span", { class: "seat still large", "data-state": state }, mark(state)),
    el("div", {}, el("h2", {}, say("play.seat", { name: nameOf(seat), seat: seat + 1 })), el("p", { class: "count" }, say(`state.${state}`)),
      choices.length ? null : el("p", { class: "says" }, openingWords(run, seat))));
}

function feelings() {
  const { seat, run, choices } = life, done = choices.length, feel = slot => done ? at(run, slot, done - 1, seat) : run.opening(slot, seat);
  const meters = [["control", percent, 1], ["expectancy", percent, 1], ["affect", x => number(x, 2), 2]].map(([slot, show, top]) => {
    const meter = el("meter", { min: 0, max: top, value: Math.min(feel(slot), top), "aria-label": say(`curve.${slot}`) });
    return el("div", { class: "meter" }, el("span", {}, say(`curve.${slot}`)), meter, el("b", {}, show(feel(slot))));
  });
  return el("section", { class: "feel", "aria-label": say("play.meters") }, el("h3", {}, say("play.meters")), ...meters);
}

// A week that is over: what was chosen, and what followed.
function weekDone(week) {
  const { seat, run, choices } = life;
  return [el("h3", {}, say("diary.week", { week: week + 1 })),
    el("div", { class: "life" }, enrolledBefore(run, week, seat) ? el("p", { class: "did" }, say("play.chose", { choice: say(`play.${choices[week]}`) })) : null,
      ...weekWords(run, week, seat, SETBACK.levers, leversOf(school.A[0])).map(([kind, text]) => el("p", { class: kind }, text)))];
}

// The choices of the week, each with its odds and what it costs; one that is closed says why, and when it comes back.
function choicesAhead(state) {
  const odds = oddsAhead();
  return el("div", { class: "choices" }, ...Object.keys(CHOICES).map(choice => {
    const closed = state >= (CLOSES[choice] ?? Infinity);
    return el("div", { class: "choice" },
      el("button", { type: "button", class: choice === "own" ? "big" : "", "data-choice": choice, disabled: closed, "aria-describedby": `cost-${choice}`, onclick: () => choose(choice) }, say(`play.${choice}`)),
      el("p", { class: "says", id: `cost-${choice}` }, closed ? say("play.closed", { state: say(`state.${state}`) }) : costOf(choice, odds[choice])));
  }));
}

const choiceNow = () => $("student").querySelector("[data-choice=own]") ?? $("again");
const focusChoice = () => choiceNow()?.focus({ preventScroll: Boolean(life.name) }); // a phone shows first what followed

// The task of the week ahead: known before the reader decides, so a week is run to read it.
const taskAhead = () => taskWords(at(ahead("own"), "challenge", life.choices.length, life.seat));

// How far one's own trying went, and how far the rules: the same student, under either rule, left alone and as it was played.
function rulesTimesChoices() {
  const { seat, rules, choices } = life, name = nameOf(seat), other = rules === OPPOSITE[0] ? OPPOSITE[1] : OPPOSITE[0];
  const years = [rules, other].map(key => [{}, nudgeOf(choices)].map(nudge => yearOf([startStage(key)], { nudge })));
  const gain = run => gained(run, school.weeks - 1, seat);
  const cell = run => el("td", {}, say("play.cell", { failures: run.end("weeks_below_criterion", seat), gain: signed(gain(run), 2), control: percent(run.end("control", seat)) }));
  return el("div", { id: "balance" }, el("table", {}, el("caption", {}, say("play.balance")),
    el("thead", {}, el("tr", {}, el("td"), ...[rules, other].map(key => el("th", { scope: "col" }, say(`preset.${key}`))))),
    el("tbody", {}, ...["alone", "chosen"].map((row, k) => el("tr", {}, el("th", { scope: "row" }, say(`play.${row}`, { name })), ...years.map(pair => cell(pair[k])))))),
  el("p", {}, say("play.moved", { name, yours: signed(gain(years[0][1]) - gain(years[0][0]), 2), rules: signed(gain(years[1][0]) - gain(years[0][0]), 2), other: say(`preset.${other}`) })), el("p", { class: "says" }, say("curve.gained_says", { one: aheadOf(1) })));
}
const OPPOSITE = ["low-pressure-mastery", "high-pressure"]; // the rules that stand beside one's own at the end
