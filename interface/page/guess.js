// ---- a show of hands: what the room expects of each outcome, counted before the year, shown after it ------------
const ANSWERS = ["a", "same", "b"];
const guess = { rows: {}, headline: null, isTold: false };
const handsOf = name => school.guesses[name] ?? [0, 0, 0];
const isCounted = () => school.headline.some(name => handsOf(name).some(Boolean));

// A table with a row for each outcome; numbers are typed before the year, and stand as bars beside what came after it.
function buildGuess() {
  guess.headline = school.headline;
  guess.rows = {};
  const head = el("tr", {}, el("td"), ...ANSWERS.map(answer => el("th", { scope: "col" }, say(`guess.${answer}`))), el("th", { scope: "col", class: "came" }, say("guess.came")));
  const rows = school.headline.map(name => {
    const what = capital(say(`headline.${name}`)), came = el("td", { class: "came" });
    const cells = ANSWERS.map((answer, k) => {
      const input = el("input", { type: "number", min: 0, max: DATA.limits.hands, step: 1, "aria-label": say("room.part", { what, x: say(`guess.${answer}`) }), oninput: () => count(name, k, input.value) });
      const bar = el("i", { class: "hands" }), said = el("b", {});
      return { input, bar, said, node: el("td", {}, input, bar, said) };
    });
    guess.rows[name] = { cells, came };
    return el("tr", {}, el("th", { scope: "row" }, what), ...cells.map(({ node }) => node), came);
  });
  fill($("guess-table"), el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows)));
}

function count(name, k, value) {
  const hands = [...handsOf(name)];
  hands[k] = Math.min(Math.max(Math.round(Number(value)) || 0, 0), DATA.limits.hands);
  school.guesses = { ...school.guesses, [name]: hands };
  remember();
}

function drawGuess() {
  const { week, weeks } = school, { A, B } = school.years, isOver = week === weeks, isAsked = hasTwo() && school.step !== "teacher";
  $("guess").hidden = !isAsked || week > 0 && !(isOver && isCounted());
  if ($("guess").hidden) return;
  if (guess.headline !== school.headline) buildGuess();
  if (isOver && !guess.isTold && !school.isProjected) $("guess").open = true;
  guess.isTold = isOver;
  write($("guess-says"), say(isOver ? "guess.told" : "guess.ask"));
  $("guess").dataset.told = isOver;
  for (const name of school.headline) {
    const { cells, came } = guess.rows[name], hands = handsOf(name), all = hands.reduce((a, b) => a + b);
    cells.forEach(({ input, bar, said }, k) => {
      if (document.activeElement !== input) input.value = hands[k] || "";
      input.hidden = isOver;
      bar.style.setProperty("--fill", all ? hands[k] / all : 0);
      write(said, isOver ? number(hands[k]) : "");
    });
    write(came, isOver ? say("guess.is", { a: showMean(A, name, week), b: showMean(B, name, week) }) : "");
  }
}
