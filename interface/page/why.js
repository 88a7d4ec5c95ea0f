// ---- why do the curves differ: each mechanism switched off by itself, and how far A and B are then apart --------
const SHOWN_FIRST = 8; // mechanisms that stand open, those that matter most
const WHY_CLASSES = 4; // over whose years the distance is taken, so that one class's luck is not taken for a reason
const why = { task: 0, key: "", found: [] };
const mechanisms = DATA.sections.strengths.map(row => row.name);

function buildWhy() {
  $("why").addEventListener("toggle", drawWhy);
  $("why-of").addEventListener("change", event => { school.why = Number(event.target.value); drawWhy(); remember(); });
}

// How much more of an outcome there is in B than in A, with one mechanism switched off or with none.
function gapWithout(mechanism, name) {
  const parameters = mechanism ? { ...school.parameters, [mechanism]: 0 } : school.parameters;
  const n = school.roster ? 1 : WHY_CLASSES;
  let gap = 0;
  for (let k = 0; k < n; k++) {
    const [a, b] = SIDES.map(side => yearOf(school[side], { parameters, room: school.room + k, keep: false }).mean(name));
    gap += (b - a) / n;
  }
  return gap;
}

function drawWhy() {
  $("why").hidden = !hasTwo();
  if ($("why").hidden || !$("why").open || film.isPlaying) return;
  const { headline, seed, room, luck, size, weeks, parameters, A, B, roster } = school, name = headline[school.why];
  const key = JSON.stringify([headline, school.why, seed, room, luck, size, weeks, parameters, A, B]);
  if (why.key === key && why.roster === roster) return;
  Object.assign(why, { key, roster });
  fill($("why-of"), ...headline.map((outcome, k) => el("option", { value: k, selected: k === school.why }, capital(say(`headline.${outcome}`)))));
  const task = ++why.task, found = [];
  $("why").dataset.done = false;
  const whole = gapWithout(null, name);
  const go = () => {
    if (task !== why.task) return;
    if (performance.now() - touched < WAIT) { setTimeout(go, WAIT); return; }
    const end = performance.now() + 20;
    while (found.length < mechanisms.length && performance.now() < end) found.push(gapWithout(mechanisms[found.length], name));
    if (found.length < mechanisms.length) {
      fill($("why-table"), el("p", { class: "note" }, say("why_differ.filling", { n: found.length, all: mechanisms.length })));
      requestAnimationFrame(go);
      return;
    }
    paintWhy(name, whole, found);
    $("why").dataset.done = true;
  };
  requestAnimationFrame(go);
}

function paintWhy(name, whole, found) {
  const most = Math.max(...found.map(Math.abs), Math.abs(whole)) || 1, isOff = k => school.parameters[mechanisms[k]] === 0;
  const order = found.map((_, k) => k).sort((a, b) => isOff(b) - isOff(a) || Math.abs(found[b] - whole) - Math.abs(found[a] - whole));
  const { unit } = SETBACK.outcomes[name], show = x => unit === "share of weeks" ? signed(x * school.weeks, 1) : saidAs(name).show === percent ? signedPercent(x) : unit === "SD" ? saidAs(name).show(x) : signed(x, 2);
  const bar = x => { // to the right of the middle what is more in B
    const node = el("i", { class: `gap ${x < 0 ? "A" : "B"}` });
    node.style.setProperty("--fill", Math.abs(x) / most);
    return el("td", { class: "gaps" }, node);
  };
  const rows = order.map((k, rank) => {
    const row = mechanisms[k];
    const button = el("button", { type: "button", "aria-pressed": String(isOff(k)), "data-mechanism": row, onclick: () => toggle(row) }, say(isOff(k) ? "why_differ.on" : "why_differ.off"));
    return el("tr", { hidden: rank >= SHOWN_FIRST && !$("why").dataset.all && !isOff(k) }, el("th", { scope: "row" }, el("strong", {}, capital(say(`name.${row}`))), el("span", { class: "says" }, say(`effect.${row}`))),
      bar(found[k]), el("td", {}, show(found[k])), el("td", {}, button));
  });
  const all = el("button", { type: "button", class: "quiet", hidden: Boolean($("why").dataset.all), onclick: () => { $("why").dataset.all = true; paintWhy(name, whole, found); } }, say("why_differ.all", { n: found.length }));
  fill($("why-table"), el("table", {}, el("caption", {}, ofChanged(say("why_differ.gap", { what: say(`headline.${name}`) }))),
    el("tbody", {}, el("tr", {}, el("th", { scope: "row" }, el("strong", {}, say("why_differ.whole"))), bar(whole), el("td", {}, show(whole)), el("td")), ...rows)), all);
}

// A mechanism is switched for both classrooms, in the world that they share; the curves follow.
function toggle(row) {
  if (school.parameters[row] === 0) delete school.parameters[row];
  else school.parameters[row] = 0;
  rerun();
  showWorld();
  const again = () => $("why").dataset.done === "true" ? document.querySelector(`[data-mechanism="${row}"]`)?.focus() : requestAnimationFrame(again);
  again();
}
