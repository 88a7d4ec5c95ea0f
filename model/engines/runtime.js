// What the page needs besides the equations: chance by address, exp and log, friends, and the year of one class.
// Words in capitals that are not made here stand above, written from Python; `open` and `live` stand below.

// ---- words of 64 bits, as two halves of 32 -----------------------------------------------------------------
const WORD = new Int32Array(2); // what a function below leaves: high half, low half

function high(x) { return (x / 4294967296) | 0; }

function upper(x, y) { // the high half of the product of two halves
  const a = x >>> 16, b = x & 65535, c = y >>> 16, d = y & 65535;
  const ad = (imul(a, d) + (imul(b, d) >>> 16)) | 0;
  const bc = (imul(b, c) + (ad & 65535)) | 0;
  return (imul(a, c) + (ad >>> 16) + (bc >>> 16)) | 0;
}

function mix(h, l) {
  l ^= (l >>> 30) | (h << 2);
  h ^= h >>> 30;
  h = (upper(l, M1_LOW) + imul(h, M1_LOW) + imul(l, M1_HIGH)) | 0;
  l = imul(l, M1_LOW);
  l ^= (l >>> 27) | (h << 5);
  h ^= h >>> 27;
  h = (upper(l, M2_LOW) + imul(h, M2_LOW) + imul(l, M2_HIGH)) | 0;
  l = imul(l, M2_LOW);
  WORD[0] = h ^ (h >>> 31);
  WORD[1] = l ^ ((l >>> 31) | (h << 1));
}

function step(h, l) {
  const sum = (l >>> 0) + (STEP_LOW >>> 0);
  WORD[0] = (h + STEP_HIGH + (sum > 4294967295 ? 1 : 0)) | 0;
  WORD[1] = sum | 0;
}

// ---- chance by address -------------------------------------------------------------------------------------
const WHO = new Int32Array(2 * (SEATS + 1)); // the half of an address that says who, by seat; the last is the class's

function student_key(room, seat, at) {
  step(high(room), room | 0);
  mix(WORD[0], WORD[1]);
  const h = WORD[0], l = WORD[1];
  step(high(seat), seat | 0);
  mix(WORD[0] ^ h, WORD[1] ^ l);
  WHO[2 * at] = WORD[0];
  WHO[2 * at + 1] = WORD[1];
}

function moment_key(seed, decision, week) { // leaves the half that says when and what for
  const at = week * MOMENTS + decision;
  step(high(at), at | 0);
  mix(WORD[0], WORD[1]);
  mix(WORD[0] ^ high(seed), WORD[1] ^ (seed | 0));
}

function draw(h, l) {
  mix(h, l);
  step(WORD[0], WORD[1]);
  mix(WORD[0], WORD[1]);
  return ((WORD[0] >>> 0) * 1048576 + (WORD[1] >>> 12) + 0.5) / 4503599627370496;
}

function uniforms(to, seed, decision, week, first, last) { // of the students from one position in WHO to before another
  moment_key(seed, decision, week);
  const h = WORD[0], l = WORD[1];
  for (let i = first; i < last; i++) to[i - first] = draw(WHO[2 * i] ^ h, WHO[2 * i + 1] ^ l);
}

// Normal numbers are dear, and a class meets the same ones under other rules and in another world: those of the class
// that were run last are kept, by decision and week.
const DRAWN = new Map(), MOST_DRAWN = 4096;
let drawnFor = "";

function normals(to, seed, decision, week, first, last) {
  const at = week * MOMENTS + decision;
  let drawn = DRAWN.get(at);
  if (!drawn) {
    drawn = new Float64Array(last - first);
    uniforms(drawn, seed, decision, week, first, last);
    for (let i = 0; i < drawn.length; i++) drawn[i] = normal_quantile(drawn[i]);
    if (DRAWN.size === MOST_DRAWN) DRAWN.clear();
    DRAWN.set(at, drawn);
  }
  to.set(drawn);
}

function uniform(seed, decision, room, seat, week) {
  if (!(decision in DECISIONS)) throw new RangeError(`unknown decision ${decision}`);
  student_key(whole("room", room, 0, LIMIT - 1), whole("seat", seat, 0, CLASS_SEAT), 0);
  moment_key(whole("seed", seed, 0, LIMIT - 1), DECISIONS[decision], whole("week", week, 0, LIMIT / MOMENTS - 1));
  return draw(WHO[0] ^ WORD[0], WHO[1] ^ WORD[1]);
}

// ---- exp and log: Math's differ in the last bit from one browser to the next ---------------------------------
const POWER = new Float64Array(2023).fill(1); // 2 ** (k - 1011), exactly
for (let k = 1; k < 1012; k++) {
  POWER[1011 + k] = POWER[1010 + k] * 2;
  POWER[1011 - k] = POWER[1012 - k] / 2;
}

function exp(x) { // from -700 to 700
  const y = min(max(x, -700), 700);
  const k = floor(y * 1.4426950408889634 + 0.5);
  const r = y - k * 0.693147180369123816490 - k * 1.90821492927058770002e-10;
  return EXP_SERIES * POWER[k + 1011];
}

const DOUBLE = new Float64Array(1), HALVES = new Int32Array(DOUBLE.buffer); // low half first on every machine there is

function log(x) { // of a positive normal number: its exponent, and 2 artanh((m - 1) / (m + 1)) of its mantissa
  DOUBLE[0] = x;
  const bits = HALVES[1] - 0x3fe6a09e; // the mantissa's range begins at the square root of 1/2
  const k = bits >> 20;
  HALVES[1] = (bits & 0xfffff) + 0x3fe6a09e;
  const m = DOUBLE[0], f = (m - 1) / (m + 1), s = f * f;
  return 2 * f * LOG_SERIES + k * 1.90821492927058770002e-10 + k * 0.693147180369123816490;
}

// ---- who befriends whom --------------------------------------------------------------------------------------
function friends(network, size, room, seed) { // friend k of a seat at [FRIENDS * seat + k], -1 where there is none
  one_of("network", network, NETWORKS);
  whole("room", room, 0, LIMIT - 1);
  whole("seed", seed, 0, LIMIT - 1);
  const named = new Int32Array(FRIENDS * whole("size", size, SMALLEST, SEATS)).fill(-1);
  const liking = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    if (network === "seating") {
      const row = floor(i / ROW), beside = (j) => floor(j / ROW) === row;
      [i - 1, i + 1, i - ROW, i + ROW].forEach((j, k) => {
        if (j >= 0 && j < size && (k > 1 || beside(j))) named[FRIENDS * i + k] = j;
      });
    } else {
      student_key(room, i, 0);
      const h = WHO[0], l = WHO[1];
      for (let j = 0; j < size; j++) {
        moment_key(seed, DECISIONS.friends, j);
        liking[j] = draw(h ^ WORD[0], l ^ WORD[1]);
      }
      liking[i] = 2;
      for (let k = 0; k < min(FRIENDS, size - 1); k++) {
        let least = 0;
        for (let j = 1; j < size; j++) if (liking[j] < liking[least]) least = j;
        named[FRIENDS * i + k] = least;
        liking[least] = 3;
      }
    }
  }
  return named;
}

const FRIEND = new Int32Array(FRIENDS * SEATS), WEIGHT = new Float64Array(SEATS);

function befriend(named, size) {
  FRIEND.set(named);
  for (let i = 0; i < size; i++) {
    let count = 0;
    for (let k = 0; k < FRIENDS; k++) if (FRIEND[FRIENDS * i + k] >= 0) count += 1;
    WEIGHT[i] = 1 / max(count, 1);
  }
}

function among_friends(of, to, n) { // the mean over a student's friends, friend by friend
  for (let i = 0; i < n; i++) {
    let total = 0;
    for (let k = 0; k < FRIENDS; k++) {
      const friend = FRIEND[FRIENDS * i + k];
      if (friend >= 0) total += WEIGHT[i] * of[friend];
    }
    to[i] = total;
  }
}

function rank(of, among, to, n) { // the share of seats below this seat's value, ties and the seat itself counted one half
  for (let i = 0; i < n; i++) {
    const own = of[i];
    let twice = 0;
    for (let k = 0; k < n; k++) if (k !== i) twice += (among[k] < own ? 1 : 0) + (among[k] <= own ? 1 : 0);
    to[i] = (twice + 1) * 0.5 / n;
  }
}

// ---- what is asked -------------------------------------------------------------------------------------------
function whole(what, x, low, top) {
  if (!Number.isInteger(x) || x < low || x > top) {
    throw new RangeError(`${what} is ${x}; it needs a whole number from ${low} to ${top}`);
  }
  return x;
}

function one_of(what, name, names) {
  const k = names.indexOf(name);
  if (k < 0) throw new RangeError(`unknown ${what} ${name}; there are ${names.join(", ")}`);
  return k;
}

function table(names, values) {
  return Object.freeze(Object.fromEntries(names.map((name, k) => [name, values[k]])));
}

function changed(what, names, defaults, changes) {
  const values = Float64Array.from(defaults);
  for (const [name, x] of Object.entries(changes)) {
    const k = one_of(what, name, names);
    if (!Number.isFinite(x)) throw new RangeError(`${what} ${name} is ${x}; it needs a number`);
    values[k] = x;
  }
  return values;
}

function effective(given) { // coefficients multiplied by the gain of their group; a share is at most 1
  const values = Float64Array.from(given);
  for (const [k, gain, most] of GAINED) {
    values[k] = given[k] * given[gain];
    if (most !== null) values[k] = min(values[k], most);
  }
  return values;
}

function stages(policies) { // rows of a policy in the order of their weeks
  const rows = policies.map(({week, levers}) => ({
    week: whole("week of a policy", week, 0, LONGEST),
    levers: changed("policy lever", LEVER_NAMES, LEVER_DEFAULTS, levers),
  }));
  rows.sort((a, b) => a.week - b.week);
  if (!rows.length || rows[0].week !== 0) throw new RangeError("the first policy needs week 0");
  return rows;
}

function sit(size, scores) { // what the roster gives
  MEMORY.fill(0);
  for (let i = 0; i < size; i++) {
    S_present[i] = 1;
    S_seat[i] = i;
  }
  for (const [trait, given] of Object.entries(scores)) {
    const [to, known] = GIVEN[one_of("trait", trait, TRAITS)];
    if (given.length !== size) throw new RangeError(`${trait} has ${given.length} scores for ${size} students`);
    for (let i = 0; i < size; i++) {
      known[i] = Number.isFinite(given[i]) ? 1 : 0;
      to[i] = known[i] ? given[i] : 0;
    }
  }
}

function moved(verb, done, by, rows_of, slots, size) { // rows {week, seat, value} by slot
  for (const [slot, rows] of Object.entries(rows_of)) {
    one_of(`slot to ${verb}`, slot, Object.keys(slots));
    for (const {week, seat, value} of rows) {
      whole(`week of what is ${done}`, week, 0, LONGEST - 1);
      whole("seat", seat, 0, size - 1);
      if (!Number.isFinite(value)) throw new RangeError(`${slot} is ${done} ${by} ${value}; it needs a number`);
    }
  }
  return rows_of;
}

function grip(hold, week) { // what is held this week; NaN is not
  for (const [slot, values] of Object.entries(HELD)) {
    values.fill(NaN);
    for (const row of hold[slot] ?? []) if (row.week === week) values[row.seat] = row.value;
  }
}

function push(nudged, week) { // add what is nudged this week; what there was, and what there is now
  return Object.entries(nudged).flatMap(([slot, rows]) => rows.filter((row) => row.week === week).map(({seat, value}) => {
    const values = NUDGED[slot], before = values[seat];
    values[seat] += value;
    return {values, seat, before, pushed: values[seat]};
  }));
}

// ---- the year of one class -----------------------------------------------------------------------------------
function snapshot(size) {
  const copy = new Float64Array(SLOT_NAMES.length * size);
  for (let k = 0; k < SLOT_NAMES.length; k++) {
    for (let i = 0; i < size; i++) copy[k * size + i] = MEMORY[k * SEATS + i];
  }
  return copy;
}

function year(room) {
  Object.keys(room).forEach((name) => one_of("setting", name, SETTINGS));
  const {luck = 0, weeks = 36, at = weeks, size = 30, network = NETWORKS[0], keep = false} = room;
  const {scores = {}, parameters = {}, policies = [{week: 0, levers: {}}], flip = {}, hold = {}, nudge = {}} = room;
  const seed = room.seed, named = friends(network, size, room.room, seed);
  whole("luck", luck, 0, 10000);
  whole("at", at, 1, whole("weeks", weeks, 1, LONGEST));
  P.set(effective(changed("parameter", PARAMETER_NAMES, PARAMETER_DEFAULTS, parameters)));
  F.set(changed("field of the flip", FLIP_NAMES, FLIP_DEFAULTS, flip));
  const rows = stages(policies), held = moved("hold", "held", "at", hold, HELD, size);
  const nudged = moved("nudge", "nudged", "by", nudge, NUDGED, size);
  sit(size, scores);
  for (let k = 0; k < Q.length; k++) ON[k] = rows.some(({levers}) => levers[k] !== 0) ? 1 : 0;
  for (let k = 0; k < F.length; k++) ON[Q.length + k] = F[k] !== 0 ? 1 : 0;
  befriend(named, size);
  for (let i = 0; i < size; i++) student_key(room.room, i, i);
  student_key(room.room, CLASS_SEAT, SEATS);
  const who = `${seed} ${room.room} ${size}`;
  if (drawnFor !== who) DRAWN.clear();
  drawnFor = who;

  const share = 1 / size;
  Q.set(rows[0].levers);
  open(seed, 0, 0, size, share);
  const opened = snapshot(size);
  const wanted = keep === true ? SLOT_NAMES : keep || [];
  const kept = wanted.map((name) => {
    const k = one_of("slot to keep", name, SLOT_NAMES);
    return {name, k, values: new Float64Array(at * (k < CLASS_SLOTS ? 1 : size))};
  });
  let stage = 0;
  for (let week = 0; week < at; week++) {
    while (stage + 1 < rows.length && rows[stage + 1].week <= week) stage += 1;
    Q.set(rows[stage].levers);
    grip(held, week);
    const pushes = push(nudged, week);
    live(seed, week, week + luck * YEAR, size, share);
    for (const {values, seat, before, pushed} of pushes.reverse()) if (values[seat] === pushed) values[seat] = before;
    if (keep) record(kept, week, size);
  }
  const trace = keep ? Object.freeze(Object.fromEntries(kept.map(({name, values}) => [name, values]))) : null;
  return told(at, size, opened, snapshot(size), trace, named);
}

function record(kept, week, size) {
  for (const {k, values} of kept) {
    const rows = k < CLASS_SLOTS ? 1 : size;
    for (let i = 0; i < rows; i++) values[week * rows + i] = MEMORY[k * SEATS + i];
  }
}

function told(weeks, size, opened, ended, trace, named) { // what a year is asked afterwards
  function look(where, slot, seat) {
    const k = one_of("slot", slot, SLOT_NAMES);
    return where[k * size + (k < CLASS_SLOTS ? 0 : whole("seat", seat, 0, size - 1))];
  }
  const end = (slot, seat) => look(ended, slot, seat);
  function value(slot, week, seat) {
    whole("week", week, trace ? 0 : weeks - 1, weeks - 1);
    if (!trace) return end(slot, seat);
    const k = one_of("slot", slot, SLOT_NAMES);
    if (!(slot in trace)) throw new RangeError(`slot ${slot} was not kept; name it in keep`);
    return trace[slot][k < CLASS_SLOTS ? week : week * size + whole("seat", seat, 0, size - 1)];
  }
  function outcome(name, seat) {
    one_of("outcome", name, Object.keys(MEASURES));
    return MEASURES[name]((slot) => end(slot, seat), weeks);
  }
  function mean(name) {
    let total = 0, known = 0;
    for (let i = 0; i < size; i++) {
      const x = outcome(name, i);
      if (Number.isFinite(x)) {
        total += x;
        known += 1;
      }
    }
    return known ? total / known : NaN;
  }
  const state = (week, seat) => states((slot) => value(slot, week, seat));
  return Object.freeze({
    weeks, size, value, state, outcome, mean, end, trace, friends: named,
    opening: (slot, seat) => look(opened, slot, seat),
  });
}

function selftest() { // a hash of all bits of a few classes that leave no phase out
  const moved = {};
  LEVER_NAMES.forEach((name, k) => { if (LEVER_DEFAULTS[k] === 0) moved[name] = 0.6; });
  const scores = {};
  TRAITS.forEach((trait, k) => { scores[trait] = [0.5, k - 4, null, -0.7, 1.1, k / 8, null]; });
  const classes = [
    {seed: 1, room: 0, weeks: 12, size: 30},
    {seed: 4503599627370497, room: 8589934599, luck: 3, weeks: 20, size: 7, network: "seating", scores,
     policies: [{week: 0, levers: moved}, {week: 9, levers: {retakes: 2, self_paced: 1}}],
     flip: {seat: 2, week: 4, luck: 1, label: 1, practice: 1, depth: 0.4, to: -0.3}},
  ];
  let a = 0x811c9dc5, b = 0x1b873593;
  for (const asked of classes) {
    const {trace} = year({...asked, keep: true});
    for (const slot of SLOT_NAMES) {
      const bits = new Uint8Array(Float64Array.from(trace[slot]).buffer);
      for (let k = 0; k < bits.length; k++) {
        a = imul(a ^ bits[k], 0x01000193);
        b = imul(b ^ bits[k], 0x5bd1e995) ^ (b >>> 15);
      }
    }
  }
  return [a, b].map((x) => (x >>> 0).toString(16).padStart(8, "0")).join("");
}
