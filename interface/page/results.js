// ---- results from phones: how the years of those in the room ended, a dot each, without their names ---------------
// The codes are part of the state. Names are typed to notice a phone that comes twice; they stay in this window, and off the wall.
const MOST_RESULTS = 300;
const named = [];
const codesNow = () => school.codes.match(new RegExp(`.{${CODE_LENGTH}}`, "g")) ?? [];

function buildResults() {
  $("results-form").addEventListener("submit", event => { event.preventDefault(); addResult(); });
  $("result-name").maxLength = NAME_LENGTH;
  for (const button of document.querySelectorAll(".qr-open")) button.addEventListener("click", openInvitation);
}

// What cannot be taken is told in a sentence, and what was typed stays.
function addResult() {
  const name = tidy($("result-name").value), code = fromCode($("result-code").value), codes = codesNow();
  const twice = named.find(row => isSameName(row.name, name) && codes.includes(row.code));
  const wrong = !name ? say("results.no_name") : twice ? say("results.twice", { name: twice.name }) : !code ? say("results.no_code", { code: $("result-code").value.trim() })
    : codes.length >= MOST_RESULTS ? say("results.full", { n: MOST_RESULTS }) : "";
  write($("results-wrong"), wrong);
  if (wrong) { (code || !name || twice ? $("result-name") : $("result-code")).focus(); return; }
  named.push({ name, code: toCode(code) });
  school.codes += toCode(code);
  $("result-name").value = $("result-code").value = "";
  $("result-name").focus();
  drawResults();
  remember();
}

function drawResults() {
  const found = codesNow().map(fromCode), rules = Object.keys(DATA.presets).filter(key => found.some(of => of.rules === key));
  $("phones").hidden = school.step !== "student";
  write($("results-says"), say("results.heading", { n: found.length }));
  fill($("results-plots"), ...found.length ? [["failures", of => of.failures, x => number(Math.round(10 * x) / 10), "headline.below_criterion_rate"], ["gain", of => of.gain, x => say("curve.unit_sd", { x: signed(x, 2) }), "headline.learning"]]
    .map(([, of, show, what]) => resultStrip(found, rules, of, show, capital(say(what)))) : []);
}

// One outcome: a row for the rules that were played under, a dot for a phone, a line for the mean.
function resultStrip(found, rules, of, show, what) {
  const values = found.map(of), low = Math.min(...values), high = Math.max(...values), { left, right, row, width } = CLASS_BOX;
  const x = value => (left + right) / 2 + (high > low ? ((value - low) / (high - low) - 0.5) * (right - left - 60) : 0);
  const means = rules.map(key => { const own = found.filter(one => one.rules === key).map(of); return own.reduce((a, b) => a + b) / own.length; });
  const said = say("results.strip", { what, low: show(low), high: show(high), list: list(rules.map((key, k) => say("results.mean", { rules: say(`preset.${key}`), x: show(means[k]) }))) });
  return el("figure", {}, el("figcaption", {}, said), svg("svg", { viewBox: `0 0 ${width} ${(row + 16) * rules.length}`, role: "img", "aria-label": said, direction: "ltr" },
    ...rules.flatMap((key, k) => {
      const y = (row + 16) * k + 14 + row / 2;
      return [svg("text", { class: "result-rules", x: left, y: (row + 16) * k + 11 }, say(`preset.${key}`)), svg("line", { class: "result-mean", x1: x(means[k]), x2: x(means[k]), y1: y - 18, y2: y + 18 }),
        ...found.map((one, i) => one.rules === key && svg("circle", { class: "class-dot A", cx: x(of(one)), cy: y + scatter(i), r: 4.5 })).filter(Boolean)];
    })));
}
