// ---- from a table to the students of its classes, through a mapping as the command line has it -------------------
// What a mapping does not state. Without columns of a student the number of the row names one.
const DEFAULTS = {
  separator: ",", decimal: "", header: 0, missing: [], only: [], skip: [], student: [], group: [], school: [], traits: [],
  deal: 0, seed: 0, small: "", least: DATA.limits.size[0],
};
const OWN = { ...DEFAULTS, student: ["student_id"] };

// The mapping of setback's own columns, or null where a column is none of them.
function ownRules({ file, header }) {
  if (!header.includes("student_id") || header.some(name => !DATA.columns.includes(name))) return null;
  for (const name of header) if (!isSingle(name, header)) refuse("twice", { file, name });
  const there = (...names) => names.filter(name => header.includes(name));
  return { ...OWN, group: there("school_id", "class_id"), school: there("school_id"), traits: there(...DATA.traits).map(name => ({ name, columns: [name] })) };
}

// Where the columns stand that a mapping names; no pattern of a trait takes one that is named otherwise.
function findPlaces(table, rules) {
  const one = name => placeOf(table, name), [student, group, school] = [rules.student, rules.group, rules.school].map(names => names.map(one));
  const only = rules.only.map(([name]) => one(name)), skip = rules.skip.map(([name]) => one(name));
  const inFull = [...table.header.keys()].filter(k => rules.traits.some(trait => trait.columns.includes(table.header[k])));
  const taken = [...student, ...group, ...school, ...only, ...skip, ...inFull];
  return { student, group, school, only, skip, traits: rules.traits.map(trait => [...new Set(trait.columns.flatMap(name => placesOf(table, name, taken)))]) };
}

// A roster: its classes, the mapping, the names of the columns that were read, and what is to be said of it.
function rosterOf(text, given, file) {
  const rules = { ...DEFAULTS, ...given }, whole = tableOf(text, rules, file), { header } = whole, places = findPlaces(whole, rules);
  const decimal = rules.decimal || (whole.separator === "," ? "." : decimalOf(whole.rows.flatMap(({ cells }) => places.traits.flat().map(k => cells[k] ?? ""))));
  const isMissing = wordsOf([...DATA.missing, ...rules.missing], decimal);
  const { taken, left } = select(whole, rules, places, decimal);
  if (!taken.length) refuse("nobody", { file });
  const { rows } = checkLengths({ ...whole, rows: taken });
  const ids = idsOf(rows, places.student, file), schools = schoolsOf(rows, places, isMissing, file);
  const { classes, done } = seatRows(keysOf(rows, places.group, isMissing, file), schools, rules, file);
  const scores = rules.traits.map((trait, t) => scoresOf({ file, header, rows }, places.traits[t], trait, isMissing, decimal));
  const called = namesOf(header, rows, ids), named = columns => columns.map(k => header[k]);
  return {
    name: file, network: "friendship", rules, left, done, rows: whole.rows.length, total: rows.length,
    labels: rows.filter(({ cells }) => isLabel(cells.find(Boolean))).map(({ line, cells }) => ({ line, cell: cells.find(Boolean) })),
    read: { student: named(places.student), group: named(places.group), traits: rules.traits.map((trait, t) => ({ ...trait, columns: named(places.traits[t]) })) },
    classes: [...classes].map(([name, who]) => ({
      name, ids: who.map(k => ids[k]), first: numbered(who.map(k => called[k].first)), whole: numbered(who.map(k => called[k].whole)),
      scores: Object.fromEntries(rules.traits.map((trait, t) => [trait.name, who.map(k => scores[t][k])])),
    })),
  };
}

// Rows of a grade book that are no students: points possible, averages, a test student.
const isAmongLabels = wordsOf(DATA.rosters.labels);
const isLabel = cell => isAmongLabels(cell.toLowerCase());

// The rows that a mapping takes, and how many were left out by which word of which column.
function select({ header, rows }, rules, places, decimal) {
  const tests = [["skip", false], ["only", true]].flatMap(([key, isTaken]) => rules[key].map(([, words], k) => ({ place: places[key][k], is: wordsOf(words, decimal), isTaken })));
  const left = new Map(), taken = rows.filter(({ cells }) => {
    const test = tests.find(({ place, is, isTaken }) => is(cells[place] ?? "") !== isTaken);
    if (!test) return true;
    const why = JSON.stringify([header[test.place], cells[test.place] ?? ""]);
    left.set(why, (left.get(why) ?? 0) + 1);
    return false;
  });
  return { taken, left: [...left].map(([why, n]) => [...JSON.parse(why), n]).sort((a, b) => b[2] - a[2]) };
}

// Each student's id, from some columns or, where there are none, the number of the row.
function idsOf(rows, places, file) {
  const first = new Map();
  return rows.map(({ line, cells }, k) => {
    if (!places.length) return String(k + 1);
    const parts = places.map(place => cells[place]), id = parts.length > 1 ? linked(parts) : parts[0];
    if (!parts.some(Boolean)) refuse("id", { line, file });
    if (first.has(id)) refuse("same", { first: first.get(id), line, file });
    first.set(id, line);
    return id;
  });
}

function keysOf(rows, places, isMissing, file) {
  return rows.map(({ line, cells }) => {
    const key = places.map(place => cells[place]);
    if (places.length && key.every(isMissing)) refuse("noclass", { line, file });
    return key;
  });
}

// The school of every row; nothing where no column names one.
function schoolsOf(rows, { school, group }, isMissing, file) {
  const first = new Map();
  return school.length ? rows.map(({ line, cells }) => {
    const parts = school.map(place => cells[place]), name = linked(parts), key = JSON.stringify(group.map(place => cells[place]));
    if (parts.every(isMissing)) refuse("noschool", { line, file });
    if (!first.has(key)) first.set(key, [name, line]);
    if (first.get(key)[0] !== name) refuse("schools", { first: first.get(key)[1], line, file });
    return name;
  }) : [];
}

// One trait as standard scores, null where all of its columns are missing.
function scoresOf(table, places, trait, isMissing, decimal) {
  const columns = places.map(place => ranked(numbersIn(table, place, trait, isMissing, decimal).map(x => x !== null && trait.reverse ? -x : x)));
  if (columns.length === 1) return columns[0];
  return ranked(table.rows.map((_, k) => {
    const here = columns.map(column => column[k]).filter(x => x !== null);
    return here.length ? inDigits(here.reduce((sum, x) => sum + x, 0) / here.length) : null;
  }));
}

// So many digits of an average of ranks count.
const inDigits = x => Math.round(x * 10 ** DATA.rosters.digits) / 10 ** DATA.rosters.digits;

// Standard scores by rank within the file; ties share their middle rank.
function ranked(values) {
  const here = values.filter(x => x !== null).sort((a, b) => a - b), ends = new Map();
  here.forEach((x, k) => ends.set(x, [ends.get(x)?.[0] ?? k, k + 1]));
  return values.map(x => x === null ? null : SETBACK.quantile((ends.get(x)[0] + ends.get(x)[1]) / 2 / here.length));
}

function numbersIn({ file, header, rows }, place, { scale = [], extra }, isMissing, decimal) {
  const read = new Map();
  return rows.map(({ line, cells }) => {
    const cell = cells[place], wrong = key => refuse(key, { name: header[place], line, file, cell });
    if (read.has(cell)) return read.get(cell);
    let x = scale.includes(cell) ? scale.length - scale.indexOf(cell) : null;
    if (x === null && !isMissing(cell)) {
      x = scale.length ? null : numberOf(cell, decimal);
      if (x === null) wrong(scale.length ? "grade" : "number");
      if (x > 100 && cell.endsWith("%") && !extra) wrong("percent");
    }
    read.set(cell, x);
    return x;
  });
}
