// Whether a script gives what is expected of it: `check(SETBACK, expected)` lists in what they differ.
"use strict";

const ROOM = {seed: 1, room: 2, weeks: 3, size: 4};
const PRESETS = "9007199254740991";

// what is to be refused, each with its sentence
const REFUSED = [
  [(S) => S.year({room: 1}), `seed is undefined; it needs a whole number from 0 to ${PRESETS}`],
  [(S) => S.year({seed: 1, room: 1.5}), `room is 1.5; it needs a whole number from 0 to ${PRESETS}`],
  [(S) => S.year({seed: -1, room: 1}), `seed is -1; it needs a whole number from 0 to ${PRESETS}`],
  [(S) => S.year({seed: 1, room: 2 ** 53}), `room is 9007199254740992; it needs a whole number from 0 to ${PRESETS}`],
  [(S) => S.year({...ROOM, size: 1}), "size is 1; it needs a whole number from 2 to 60"],
  [(S) => S.year({...ROOM, size: 61}), "size is 61; it needs a whole number from 2 to 60"],
  [(S) => S.year({...ROOM, weeks: 0}), "weeks is 0; it needs a whole number from 1 to 520"],
  [(S) => S.year({...ROOM, weeks: 521}), "weeks is 521; it needs a whole number from 1 to 520"],
  [(S) => S.year({...ROOM, at: 4}), "at is 4; it needs a whole number from 1 to 3"],
  [(S) => S.year({...ROOM, at: 0}), "at is 0; it needs a whole number from 1 to 3"],
  [(S) => S.year({...ROOM, luck: -1}), "luck is -1; it needs a whole number from 0 to 10000"],
  [(S) => S.year({...ROOM, luck: 10001}), "luck is 10001; it needs a whole number from 0 to 10000"],
  [(S) => S.year({...ROOM, network: "kin"}), "unknown network kin; there are friendship, seating"],
  [(S) => S.year({...ROOM, scores: {control: [1, 2]}}), "control has 2 scores for 4 students"],
  [(S) => S.year({...ROOM, policies: []}), "the first policy needs week 0"],
  [(S) => S.year({...ROOM, policies: [{week: 1, levers: {}}]}), "the first policy needs week 0"],
  [(S) => S.year({...ROOM, policies: [{week: -1, levers: {}}]}),
    "week of a policy is -1; it needs a whole number from 0 to 520"],
  [(S) => S.year({...ROOM, policies: [{week: 521, levers: {}}]}),
    "week of a policy is 521; it needs a whole number from 0 to 520"],
  [(S) => S.year({...ROOM, policies: [{week: 0, levers: {told: "1"}}]}), "policy lever told is 1; it needs a number"],
  [(S) => S.year({...ROOM, parameters: {peer_norm: NaN}}), "parameter peer_norm is NaN; it needs a number"],
  [(S) => S.year({...ROOM, hold: {submitted: [{week: -1, seat: 0, value: 1}]}}),
    "week of what is held is -1; it needs a whole number from 0 to 519"],
  [(S) => S.year({...ROOM, hold: {submitted: [{week: 520, seat: 0, value: 1}]}}),
    "week of what is held is 520; it needs a whole number from 0 to 519"],
  [(S) => S.year({...ROOM, hold: {submitted: [{week: 0, seat: 4, value: 1}]}}),
    "seat is 4; it needs a whole number from 0 to 3"],
  [(S) => S.year({...ROOM, hold: {submitted: [{week: 0, seat: -1, value: 1}]}}),
    "seat is -1; it needs a whole number from 0 to 3"],
  [(S) => S.year({...ROOM, hold: {submitted: [{week: 0, seat: 0}]}}), "submitted is held at undefined; it needs a number"],
  [(S) => S.year({...ROOM, hold: {affect: []}}), "unknown slot to hold affect; there are submitted, effort"],
  [(S) => S.year({...ROOM, nudge: {resolve: [{week: 0, seat: 0}]}}), "resolve is nudged by undefined; it needs a number"],
  [(S) => S.year({...ROOM, nudge: {affect: []}}), "unknown slot to nudge affect; there are diligence, resolve"],
  [(S) => S.uniform(1, "drifting", 1, 1, 1), "unknown decision drifting"],
  [(S) => S.uniform(1.5, "drift", 1, 1, 1), `seed is 1.5; it needs a whole number from 0 to ${PRESETS}`],
  [(S) => S.uniform(-1, "drift", 1, 1, 1), `seed is -1; it needs a whole number from 0 to ${PRESETS}`],
  [(S) => S.uniform(2 ** 53, "drift", 1, 1, 1), `seed is 9007199254740992; it needs a whole number from 0 to ${PRESETS}`],
  [(S) => S.uniform(1, "drift", -1, 1, 1), `room is -1; it needs a whole number from 0 to ${PRESETS}`],
  [(S) => S.uniform(1, "drift", 2 ** 53, 1, 1), `room is 9007199254740992; it needs a whole number from 0 to ${PRESETS}`],
  [(S) => S.uniform(1, "drift", 1, -1, 1), "seat is -1; it needs a whole number from 0 to 1048576"],
  [(S) => S.uniform(1, "drift", 1, 1048577, 1), "seat is 1048577; it needs a whole number from 0 to 1048576"],
  [(S) => S.uniform(1, "drift", 1, 1, -1), "week is -1; it needs a whole number from 0 to 35184372088831"],
  [(S) => S.uniform(1, "drift", 1, 1, 2 ** 45), "week is 35184372088832; it needs a whole number from 0 to 35184372088831"],
  [(S) => S.friends("kin", 4, 1, 1), "unknown network kin; there are friendship, seating"],
  [(S) => S.friends("seating", 1, 1, 1), "size is 1; it needs a whole number from 2 to 60"],
  [(S) => S.friends("seating", 61, 1, 1), "size is 61; it needs a whole number from 2 to 60"],
  [(S) => S.friends("seating", 4, -1, 1), `room is -1; it needs a whole number from 0 to ${PRESETS}`],
  [(S) => S.friends("seating", 4, 2 ** 53, 1), `room is 9007199254740992; it needs a whole number from 0 to ${PRESETS}`],
  [(S) => S.friends("seating", 4, 1, -1), `seed is -1; it needs a whole number from 0 to ${PRESETS}`],
  [(S) => S.friends("seating", 4, 1, 2 ** 53), `seed is 9007199254740992; it needs a whole number from 0 to ${PRESETS}`],
  [(S) => S.year(ROOM).end("affect", 4), "seat is 4; it needs a whole number from 0 to 3"],
  [(S) => S.year(ROOM).end("affect", -1), "seat is -1; it needs a whole number from 0 to 3"],
  [(S) => S.year(ROOM).opening("affect", 4), "seat is 4; it needs a whole number from 0 to 3"],
  [(S) => S.year({...ROOM, keep: true}).value("affect", 0, 4), "seat is 4; it needs a whole number from 0 to 3"],
  [(S) => S.year({...ROOM, keep: true}).value("affect", 0, -1), "seat is -1; it needs a whole number from 0 to 3"],
  [(S) => S.year({...ROOM, keep: true}).value("affect", 3, 0), "week is 3; it needs a whole number from 0 to 2"],
  [(S) => S.year({...ROOM, keep: true}).value("affect", -1, 0), "week is -1; it needs a whole number from 0 to 2"],
  [(S) => S.year(ROOM).value("affect", 1, 0), "week is 1; it needs a whole number from 2 to 2"],
];

// names that there are not: the sentence begins so, and lists those that there are
const UNKNOWN = [
  [(S) => S.year({...ROOM, wekes: 3}), "unknown setting wekes; there are seed, room, luck, weeks, at, size, "],
  [(S) => S.year({...ROOM, parameters: {nrom: 1}}), "unknown parameter nrom; there are knowledge_mean, "],
  [(S) => S.year({...ROOM, policies: [{week: 0, levers: {tell: 1}}]}), "unknown policy lever tell; there are told, "],
  [(S) => S.year({...ROOM, flip: {sat: 1}}), "unknown field of the flip sat; there are seat, week, luck, "],
  [(S) => S.year({...ROOM, scores: {style: []}}), "unknown trait style; there are prior_knowledge, "],
  [(S) => S.year(ROOM).end("afect", 0), "unknown slot afect; there are "],
  [(S) => S.year({...ROOM, keep: true}).value("afect", 0, 0), "unknown slot afect; there are "],
  [(S) => S.year(ROOM).outcome("learn", 0), "unknown outcome learn; there are learning, learning_procedural, "],
  [(S) => S.year(ROOM).mean("learn"), "unknown outcome learn; there are learning, learning_procedural, "],
];

function saysItself(work) {
  try {
    work();
  } catch (error) {
    return error.message;
  }
  return "nothing";
}

// a hash of the bits of some numbers
function digest(numbers, from = 0x811c9dc5) {
  const words = new Uint32Array(numbers.buffer, numbers.byteOffset, 2 * numbers.length);
  let hash = from;
  for (let k = 0; k < words.length; k++) hash = Math.imul(hash ^ words[k], 0x01000193) ^ (hash >>> 15);
  return hash >>> 0;
}

function check(SETBACK, expected) {
  const found = {problems: [], worst: 0, numbers: 0, events: 0};
  const {abs} = Math;

  function differ(what) {
    if (expected.once) throw new Error(what);
    if (found.problems.length < 20) found.problems.push(what);
  }
  function near(what, values, others) { // all of them; null stands for what is no number
    same(`${what}: length`, values.length, others.length);
    for (let k = 0; k < others.length; k++) {
      const a = values[k], b = others[k], apart = b === null ? (Number.isNaN(a) ? 0 : NaN) : abs(a - b);
      if (!(apart <= 1e-9)) differ(`${what} at ${k}: ${a}, not ${b}`);
      else if (apart > found.worst) found.worst = apart;
    }
    found.numbers += others.length;
  }
  function equal(what, values, others) {
    same(`${what}: length`, values.length, others.length);
    for (let k = 0; k < others.length; k++) {
      if (values[k] !== others[k]) differ(`${what} at ${k}: ${values[k]}, not ${others[k]}`);
    }
  }
  function same(what, a, b) {
    if (a !== b) differ(`${what}: ${a}, not ${b}`);
  }

  for (const [name, table] of Object.entries(expected.tables)) {
    same(name, JSON.stringify(SETBACK[name]), JSON.stringify(table));
    same(`${name} is frozen`, Object.isFrozen(SETBACK[name]), true);
  }
  same("SETBACK is frozen", Object.isFrozen(SETBACK), true);
  same("SETBACK is a constant", "SETBACK" in globalThis, false);
  for (const [seed, decision, room, seat, week, u] of expected.addresses) {
    same(`uniform ${seed} ${decision} ${room} ${seat} ${week}`, SETBACK.uniform(seed, decision, room, seat, week), u);
  }
  for (const [network, size, room, seed, named] of expected.networks) {
    same(`friends ${network} ${size}`, Array.from(SETBACK.friends(network, size, room, seed)).join(), named.join());
  }
  near("quantile", expected.quantiles.map(([u]) => SETBACK.quantile(u)), expected.quantiles.map(([, z]) => z));
  let before = null;
  expected.years.forEach(({asked, trace, opening, states, outcomes, means}, j) => {
    const run = SETBACK.year(asked), {size} = asked, last = asked.weeks - 1;
    same(`${j} frozen`, Object.isFrozen(run) && Object.isFrozen(run.trace), true);
    same(`${j} weeks`, run.weeks, asked.weeks);
    same(`${j} size`, run.size, size);
    same(`${j} slots`, Object.keys(run.trace).join(), Object.keys(SETBACK.slots).join());
    const seats = Array.from({length: size}, (_, i) => i), each = (work) => seats.map((i) => work(i));
    for (const [slot, values] of Object.entries(trace)) {
      near(`${j} ${slot}`, run.trace[slot], values);
      if (expected.events.includes(slot)) {
        equal(`${j} ${slot}`, run.trace[slot], values);
        found.events += values.length;
      }
      const rows = values.length / asked.weeks, of = seats.slice(0, rows);
      const now = run.trace[slot].slice((last - 1) * rows, last * rows);
      equal(`${j} value of ${slot}`, of.map((i) => run.value(slot, last - 1, i)), now);
      equal(`${j} end of ${slot}`, of.map((i) => run.end(slot, i)), run.trace[slot].slice(last * rows));
    }
    for (const [slot, values] of Object.entries(opening)) {
      near(`${j} opening ${slot}`, seats.slice(0, values.length).map((i) => run.opening(slot, i)), values);
    }
    equal(`${j} states`, states.map((_, k) => run.state(Math.floor(k / size), k % size)), states);
    for (const [name, values] of Object.entries(outcomes)) {
      near(`${j} outcome ${name}`, each((i) => run.outcome(name, i)), values);
      near(`${j} mean of ${name}`, [run.mean(name)], [means[name]]);
    }
    // the same year without its weeks, and cut short; what was told before stays
    const {keep, ...plain} = asked, kept = digest(run.trace.control);
    const short = SETBACK.year({...plain, at: 2}), end = SETBACK.year({...plain, keep: false});
    same(`${j} without weeks`, end.trace, null);
    same(`${j} cut short`, short.weeks, 2);
    for (const slot of ["affect", "control", "line", "class_failing_grade_seen"]) {
      same(`${j} end ${slot}`, end.end(slot, 1), run.end(slot, 1));
      same(`${j} last ${slot}`, end.value(slot, last, 1), run.end(slot, 1));
      same(`${j} short ${slot}`, short.end(slot, 1), run.value(slot, 1, 1));
    }
    same(`${j} last state`, end.state(last, 1), run.state(last, 1));
    same(`${j} friends`, run.friends.join(),
      SETBACK.friends(asked.network, size, asked.room, asked.seed).join());
    same(`${j} stays`, digest(run.trace.control), kept);
    if (before) same(`${j - 1} stays`, before.run.end("unit", 0), before.unit);
    before = {run, unit: run.end("unit", 0)};
  });
  // what is not asked has its default
  const spelt = {
    seed: 3, room: 4, luck: 0, weeks: 36, at: 36, size: 30, network: "friendship", scores: {}, parameters: {},
    policies: [{week: 0, levers: {}}], flip: {}, hold: {}, nudge: {}, keep: false,
  };
  const short = SETBACK.year({seed: 3, room: 4}), long = SETBACK.year(spelt);
  same("default weeks", short.weeks, 36);
  same("default size", short.size, 30);
  for (let i = 0; i < 30; i++) same(`default of ${i}`, short.end("interest", i), long.end("interest", i));
  same("default friends", short.friends.join(), long.friends.join());
  same("default trace", short.trace, null);
  // a year is what it is, whichever was lived before it
  const lived = (room) => digest(SETBACK.year({...room, keep: ["affect"]}).trace.affect);
  const afar = {seed: 7, room: 8, size: 6};
  for (const other of [{}, {seed: 2}, {room: 3}, {size: 5}, {luck: 1}]) {
    const asked = {...ROOM, ...other}, [, alone] = [afar, asked].map(lived);
    [afar, ROOM].map(lived);
    same(`a year with ${JSON.stringify(other)} after another`, lived(asked), alone);
  }
  // a nudge is for one week and one seat: the effort of that week moves by the resolve, and no trait stays moved
  const push = (slot, value) => SETBACK.year({...ROOM, weeks: 4, keep: true, nudge: {[slot]: [{week: 1, seat: 2, value}]}});
  const [none, tried, kept, away] = [push("resolve", 0), push("resolve", 1), push("diligence", 30), push("diligence", -30)];
  const logit = (run) => log(run.value("effort", 1, 2) / (1 - run.value("effort", 1, 2))), {log} = Math;
  const free = SETBACK.year({...ROOM, weeks: 4, keep: true});
  for (const slot of Object.keys(free.trace)) same(`no nudge ${slot}`, digest(none.trace[slot]), digest(free.trace[slot]));
  for (const run of [tried, kept, away]) {
    same("the week before a nudge", run.value("effort", 0, 2), free.value("effort", 0, 2));
    same("a trait after a nudge", run.end("diligence", 2), free.opening("diligence", 2));
    same("the seat beside a nudge", run.value("submitted", 1, 1), free.value("submitted", 1, 1));
  }
  same("pushed to hand in, or away", [kept, away].map((run) => run.value("submitted", 1, 2)).join(), "1,0");
  same("the week after a nudge", kept.value("submitted", 2, 2), free.value("submitted", 2, 2));
  if (!(free.value("submitted", 1, 2) === 1 && logit(tried) > logit(free) + 0.5)) differ("a nudge of resolve");
  const states = [[1, 0, 0.9, 0, 0.9], [1, 0, 0.9, 0.2, 0.9], [1, 0, 0.1, 0, 0.9], [1, 2, 0.9, 0, 0.9], [0, 0, 0, 0, 0],
    [1, 0, 0.9, 0, 0.1]];
  same("states", states.map((slots) => SETBACK.states(...slots)).join(), "0,1,2,3,4,1");
  for (const [work, sentence] of REFUSED) same(`refused ${work}`, saysItself(() => work(SETBACK)), sentence);
  for (const [work, beginning] of UNKNOWN) {
    const said = saysItself(() => work(SETBACK));
    if (!said.startsWith(beginning)) differ(`refused ${work}: ${said}`);
  }
  if (expected.selftest) same("selftest", SETBACK.selftest(), expected.selftest);
  return found;
}

// a hash of all bits of some class-years
function bits(SETBACK, rooms) {
  return rooms.map((room) => {
    const {trace} = SETBACK.year(room);
    return Object.values(trace).reduce((hash, numbers) => digest(numbers, hash), 0);
  });
}
