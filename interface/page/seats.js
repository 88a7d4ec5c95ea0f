// ---- the seats: every student's state by mark and colour ---------------------------------------------------
const rooms = {};

function buildRoom(side) {
  const seats = el("div", { class: "seats", role: "group", "aria-label": say("room.seats", { side }), onkeydown: moveFocus });
  const room = { seats, buttons: [], shown: [], head: el("div", { class: "head" }), rules: el("details", { class: `rules ${side}` }) };
  room.label = el("h2", { id: `label-${side}` });
  room.policy = el("p", { class: "policy" });
  room.count = el("span", {});
  room.head.append(el("span", { class: "side", "aria-hidden": "true" }, side), el("div", {}, room.label, room.policy));
  fill($(`room-${side}`), room.head, seats, el("p", { class: "count" }, room.count, el("span", { class: "hint" }, ` · ${say("room.hint")}`)), room.rules);
  rooms[side] = room;
  buildRules(side, room.rules);
}

// As many seats as there are students; only the first can be reached by Tab, the arrow keys move among them.
function seatStudents(side) {
  const room = rooms[side], n = sizeNow();
  while (room.buttons.length < n) {
    const seat = room.buttons.length;
    const sign = svg("use", { href: "#mark-0" }), name = el("span", { class: "name", "aria-hidden": "true" });
    const parts = partsIn(drawnParts());
    const button = el("button", { type: "button", class: "seat", tabindex: seat ? "-1" : "0", onclick: () => openDiary(seat, side) },
      svg("svg", { class: "mark", "aria-hidden": "true", viewBox: "0 0 20 20" }, sign), name, ...parts.nodes);
    room.buttons.push({ button, sign, name, parts: parts.fills });
    room.seats.append(button);
  }
  for (const { button } of room.buttons.splice(n)) button.remove();
  room.seats.dataset.many = n > 30;
  room.shown = [];
}

// The marks of a headline in a seat: what is put into it, and what is filled of each.
function partsIn(drawn) {
  const fills = drawn.map(({ part }) => el("i", { class: part }));
  const levels = fills.filter(node => node.className === "level");
  return { fills, nodes: [...fills.filter(node => !levels.includes(node)), levels.length && el("span", { class: "levels", "aria-hidden": "true" }, ...levels)].filter(Boolean) };
}
const fillPart = (node, steps) => put(node, "data-fill", steps);

function drawSeats(side) {
  const room = rooms[side], run = school.years[side], week = school.week, drawn = drawnParts();
  if (room.buttons.length !== run.size) seatStudents(side);
  for (let seat = 0; seat < run.size; seat++) {
    const state = stateAfter(run, week, seat), { button, sign, name, parts } = room.buttons[seat], who = nameOf(seat);
    const values = drawn.map(part => week ? soFar(run, part.name, week, seat) : NaN), steps = drawn.map((part, k) => stepsOf(run, part.name, week, values[k]));
    const shown = `${state} ${week && values} ${who}`;
    if (room.shown[seat] === shown) continue;
    room.shown[seat] = shown;
    put(button, "data-state", state);
    put(sign, "href", `#mark-${state}`);
    parts.forEach((node, k) => fillPart(node, steps[k]));
    write(name, who);
    const label = say("room.seat", { name: who, seat: seat + 1, state: say(`state.${state}`) });
    const said = drawn.flatMap((part, k) => Number.isFinite(values[k]) ? [say("room.part", { what: say(`headline.${part.name}`), x: saidIn(part.name, values[k], week) })] : []);
    put(button, "aria-label", said.length ? say("room.seat_shows", { seat: label, list: list(said) }) : label);
  }
  const now = stageAt(side, Math.max(week - 1, 0));
  write(room.label, school.labels[side] || policyInWords(now));
  const turns = school[side].slice(1).map(stage => say("room.turns", { week: stage.week + 1, policy: policyInWords(stage) }));
  write(room.policy, joined([policyInWords(school[side][0]), ...turns], "room.then"));
  room.policy.hidden = !turns.length && room.label.textContent.toLowerCase() === room.policy.textContent.toLowerCase();
  const here = classNow();
  const who = here ? say(here.name === school.roster.name ? "room.roster" : "room.class", { name: here.name, n: run.size }) : say("room.synthetic", { room: school.room + 1, n: run.size });
  write(room.count, who);
}

function drawLegend() {
  fill($("legend"), ...[0, 1, 2, 3, 4].map(state => el("li", {},
    el("span", { class: "seat still", "data-state": state }, mark(state)), say(`state.${state}`))),
  ...legendOfParts());
  fill($("meanings"), ...[0, 1, 2, 3, 4].flatMap(state => [el("dt", {}, say(`state.${state}`)), el("dd", {}, meaning(state), state in DATA.meaning && Object.keys(DATA.meaning[state]).length > 0 && el("span", { class: "says" }, say("source.assumed")))]));
}

// What each mark of the headline stands for, with a seat in which it alone is filled.
function legendOfParts() {
  const drawn = drawnParts(), levels = drawn.filter(({ part }) => part === "level");
  return drawn.map(({ name, part }, k) => {
    const { nodes, fills } = partsIn(drawn);
    fillPart(fills[k], Math.round(NOTCHES * 2 / 3));
    const key = part === "level" && levels.length > 1 ? `state.level_${levels.findIndex(level => level.name === name)}` : `state.${part}`;
    return el("li", {}, el("span", { class: "seat still part", "data-state": "0" }, ...nodes), say(key, { what: say(`headline.${name}`), full: saidAs(name).show(saidAs(name).full, 1) }));
  });
}

// What a state means; its thresholds are those of the model, which no study gives.
function meaning(state) {
  const given = { ...DATA.meaning[state] };
  for (const name of ["control", "expectancy"]) if (name in given) given[name] = percent(given[name]);
  return say(`meaning.${state}`, given);
}

function moveFocus(event) {
  const seats = [...event.currentTarget.children], here = seats.indexOf(document.activeElement);
  if (here < 0) return;
  const inRow = seats.filter(seat => seat.offsetTop === seats[0].offsetTop).length;
  const on = getComputedStyle(event.currentTarget).direction === "rtl" ? -1 : 1;
  const to = {
    ArrowRight: here + on, ArrowLeft: here - on, ArrowDown: here + inRow, ArrowUp: here - inRow, Home: 0, End: seats.length - 1,
  }[event.key];
  if (to === undefined || !seats[to]) return;
  event.preventDefault();
  seats[here].tabIndex = -1;
  seats[to].tabIndex = 0;
  seats[to].focus();
}
