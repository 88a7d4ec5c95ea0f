// ---- numbers as sliders: each with its range, its usual value and its sentence -------------------------------
let sliderCount = 0;

// A plain measure of a unit that has one, as a sentence.
function anchorOf(row) {
  const key = `anchor.${row.unit}`;
  return key in WORDS ? say(key, { some: DATA.meaning[1].affect, much: DATA.meaning[2].affect }) : "";
}

// What a number does; that of a mechanism says how much of its effect there is.
const whatOf = ({ name }) => `effect.${name}` in WORDS ? say("slider.strength", { effect: say(`effect.${name}`) }) : say(`why.${name}`);

// Where a number is from: its source, or that nothing but the authors stands behind it, or that a rule is chosen.
const sourceOf = row => isLever(row.name) ? say("source.rule") : row.source ? say("source.from", { source: say(`cite.${row.source}`) }) : say("source.assumed");

// One slider. `get` gives the value now, `set(x)` takes a new one, or null for the usual one.
function slider(row, usual, get, set) {
  const id = `slider-${++sliderCount}`;
  const input = el("input", { type: "range", id, min: row.low, max: row.high, step: row.whole ? 1 : "any", "aria-describedby": `${id}-says`,
    oninput: () => { set(rounded(Number(input.value))); show(); }, onkeydown: nudge });
  const rounded = x => Math.min(Math.max(Number(x.toPrecision(4)), row.low), row.high); // as it is shown, and short in a link
  const value = el("output", { for: id }), says = el("span", { class: "says", id: `${id}-says` });
  const back = el("button", { type: "button", class: "quiet back", "aria-label": say("room.part", { what: say("slider.back"), x: say(`name.${row.name}`) }),
    onclick: () => { set(null); show(); input.focus(); } }, say("slider.back"));
  const node = el("div", { class: "slider" }, el("label", { for: id }, say(`name.${row.name}`)), value, input, back, says,
    el("details", { class: "source" }, el("summary", {}, say(isLever(row.name) ? "source.chosen" : row.source ? "source.source" : "source.none")), el("p", { class: "says" }, sourceOf(row))));
  function nudge(event) { // a hundredth of the range with every key, as "any" step has none of its own
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (by === undefined || row.whole) return;
    event.preventDefault();
    const turn = getComputedStyle(input).direction === "rtl" && /Right|Left/.test(event.key) ? -1 : 1;
    const to = Number(input.value) + turn * by * (row.high - row.low) / 100;
    input.value = Math.min(Math.max(Number(to.toPrecision(10)), row.low), row.high);
    input.dispatchEvent(new Event("input"));
  }
  function show() {
    const x = get(), text = number(x), unit = say(`unit.${row.unit}`);
    if (Number(input.value) !== x) input.value = x;
    write(value, text);
    input.setAttribute("aria-valuetext", say("slider.value", { x: text, unit }));
    back.hidden = x === usual();
    write(says, joined([say("slider.says", { what: whatOf(row), low: row.low, high: row.high, unit, default: usual() }), anchorOf(row)]));
  }
  show();
  return { node, show };
}

// Headings that open, with their sliders, made when they are opened first.
function sliderGroups(host, groups, heading, usual, get, set) {
  const shows = [], counts = [];
  for (const [group, rows] of Object.entries(groups)) {
    const count = el("span", { class: "changed" });
    const details = el("details", { class: "sliders" }, el("summary", {}, heading(group), " ", count));
    details.addEventListener("toggle", () => {
      if (!details.open || details.dataset.made) return;
      details.dataset.made = "yes";
      const list = el("div", { class: "rows" });
      details.append(list);
      for (const row of rows) {
        const made = slider(row, () => usual(row), () => get(row), x => { set(row, x); });
        shows.push(made.show);
        list.append(made.node);
      }
    });
    counts.push(() => {
      const n = rows.filter(row => get(row) !== usual(row)).length;
      write(count, n ? say("slider.changed", { n }) : "");
    });
    host.append(details);
  }
  const count = () => { for (const show of counts) show(); };
  const refresh = () => { for (const show of shows) show(); count(); };
  refresh();
  return { refresh, count };
}

// ---- the world: every parameter ------------------------------------------------------------------------------
let worldSliders = null;
const showWorld = () => worldSliders.refresh();

function buildWorld() {
  const back = el("button", { type: "button", onclick: () => { school.parameters = {}; rerun(); showWorld(); } }, say("slider.all_back"));
  const host = el("div", {});
  $("world").append(el("p", { class: "note" }, say("world.note"), " ", back), host);
  worldSliders = sliderGroups(host, DATA.sections, group => say(`world.${group}`), row => row.default,
    row => school.parameters[row.name] ?? row.default,
    (row, x) => {
      if (x === null || x === row.default) delete school.parameters[row.name];
      else school.parameters[row.name] = x;
      rerun();
      worldSliders.count();
    });
}
