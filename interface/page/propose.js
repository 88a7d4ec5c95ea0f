// ---- how a file is read of which nothing is known: what `setback new mapping` proposes ---------------------------
// How it is written and which of its rows are students; null where that cannot be told.
function sniff(text) {
  const { separators, looked, wordy } = DATA.rosters;
  let best = [0, 0], found = { separator: separators[0], rows: [] };
  for (const separator of separators) {
    const widths = new Map();
    let rows;
    try { rows = [...rowsOf(text, separator, "")]; } catch (error) { if (error instanceof RosterError) continue; throw error; }
    for (const { cells: { length } } of rows) if (length > 1) widths.set(length, (widths.get(length) ?? 0) + 1);
    const most = [...widths].map(([width, n]) => [n, width]).reduce((a, b) => b[0] > a[0] || (b[0] === a[0] && b[1] > a[1]) ? b : a, [0, 0]);
    if (most[0] > best[0] || (most[0] === best[0] && most[1] > best[1])) { best = most; found = { separator, rows }; }
    else if (!found.rows.length) found.rows = rows;
  }
  const words = found.rows.slice(0, looked).map(({ cells }) => cells.filter(cell => /\p{L}/u.test(cell)).length);
  const first = Math.max(words.findIndex(n => n >= wordy * Math.max(...words)), 0);
  const [top, ...body] = found.rows.slice(first);
  if (!body.length) return null;
  const header = top.cells, n = header.length, isOdd = ({ cells }) => cells.length < n || cells.slice(n).some(Boolean);
  const students = body.filter(row => !isOdd(row)).map(({ cells }) => cells.slice(0, n)), skip = new Map();
  const leave = (k, cell) => skip.set(header[k], (skip.get(header[k]) ?? new Set()).add(cell));
  const own = header.filter(name => name && isSingle(name, header)), sniffed = { header, own, separator: found.separator, line: top.line, decimal: decimalOf(students.flat()) };
  const identity = calledIn(sniffed, [...DATA.rosters.ids, ...DATA.rosters.parts]).map(name => header.indexOf(name));
  const rows = students.filter(cells => {
    const label = own.map(name => header.indexOf(name)).find(k => isLabel(cells[k])) ?? (identity.length && !identity.some(k => cells[k]) ? identity[0] : undefined);
    if (label !== undefined) leave(label, cells[label]);
    return label === undefined;
  });
  if (own.includes(header[0])) for (const row of body) if (isOdd(row) && row.cells[0]) leave(0, row.cells[0]);
  return { ...sniffed, rows, skip: own.filter(name => skip.has(name)).map(name => [name, [...skip.get(name)]]) };
}

// The columns that are called in one of some ways; and the cells of some columns, row by row.
const calledIn = ({ own }, patterns) => [...new Set(patterns.flatMap(pattern => own.filter(name => new RegExp(pattern, "u").test(name.toLowerCase()))))];
const cellsOf = ({ header, rows }, ...names) => {
  const places = names.map(name => header.indexOf(name));
  return rows.map(cells => places.map(k => cells[k]));
};
const allCells = (sniffed, name) => cellsOf(sniffed, name).flat();

// A mapping of a file, from what is called how and what stands in it, or as somebody chose its columns.
function proposeRules(sniffed, chosen = {}) {
  const { ids, parts, classes, schools, others, totals, letters, fewest, enough, share } = DATA.rosters;
  const repeats = name => { const cells = allCells(sniffed, name); return cells.every(Boolean) && new Set(cells).size < cells.length; };
  const [isSchool, isClass] = [schools, classes].map(patterns => calledIn(sniffed, patterns).filter(repeats));
  const group = chosen.group ?? [...new Set([...isSchool.slice(0, 1), ...isClass.slice(0, 1)])], school = isSchool.slice(0, 1).filter(name => group.includes(name));
  const [student, only] = chosen.student ? [chosen.student, []] : studentIn(sniffed, group);
  const here = { ...sniffed, rows: only.length ? sniffed.rows.filter(cells => cells[sniffed.header.indexOf(only[0][0])] === only[0][1][0]) : sniffed.rows };
  const taken = [...student, ...only.map(([name]) => name), ...calledIn(here, [...ids, ...parts, ...classes, ...schools])];
  const numbers = new Map(), missing = new Set();
  for (const name of here.own) {
    if (taken.includes(name) || new RegExp(others, "u").test(name.toLowerCase())) continue;
    const cells = allCells(here, name).filter(cell => !DATA.missing.includes(cell)), known = new Set(cells), words = [...known].filter(cell => numberOf(cell, here.decimal) === null);
    if (known.size - words.length > (cells.length > enough ? fewest : 1) && words.length <= Math.max(1, Math.floor(cells.length / share))) numbers.set(name, words);
  }
  for (const words of numbers.values()) for (const word of words) missing.add(word);
  const isLetters = name => { const grades = allCells(here, name).filter(cell => !DATA.missing.includes(cell)); return grades.length > 0 && grades.every(cell => letters.includes(cell)); };
  const traits = chosen.traits ?? DATA.traits.filter(name => numbers.has(name)).map(name => ({ name, columns: [name] }));
  if (!chosen.traits && !numbers.has("prior_knowledge")) {
    const rest = [...numbers.keys()].filter(name => !DATA.traits.includes(name)), total = calledIn(here, totals).filter(name => rest.includes(name)).slice(0, 1);
    const columns = [total, rest].find(names => names.length) ?? here.own.filter(name => ![...student, ...group].includes(name) && isLetters(name));
    if (columns.length) traits.push({ name: "prior_knowledge", columns });
  }
  const sizes = new Map();
  for (const key of cellsOf(here, ...group)) sizes.set(JSON.stringify(key), (sizes.get(JSON.stringify(key)) ?? 0) + 1);
  const [least, most] = DATA.limits.size, largest = Math.max(...sizes.values());
  return {
    ...DEFAULTS, separator: here.separator, decimal: here.decimal === "," ? "," : "", header: here.line > 1 ? here.line : 0,
    skip: sniffed.skip, only, missing: [...missing], student, group, school: school.length && new Set(allCells(here, school[0])).size > 1 ? school : [],
    deal: largest > most || (group.length > 0 && isSchool.includes(group.at(-1))) ? 25 : 0, small: sizes.size > 1 && Math.min(...sizes.values()) < least ? "join" : "",
    traits: traits.map(trait => ({
      ...trait, scale: trait.columns.every(isLetters) ? letters : [],
      extra: trait.columns.some(name => allCells(here, name).some(cell => cell.endsWith("%") && numberOf(cell, here.decimal) > 100)),
    })),
  };
}

// The columns that name a student; where they name several rows each, also a column and its cell of one of them.
function studentIn(sniffed, group) {
  const { ids, parts, times } = DATA.rosters, isKey = (...columns) => {
    const cells = cellsOf(sniffed, ...columns);
    return cells.flat().every(Boolean) && new Set(cells.map(cell => JSON.stringify(cell))).size === cells.length;
  };
  const [names, both] = [ids, parts].map(patterns => calledIn(sniffed, patterns).filter(name => !group.includes(name)));
  const columns = [...names.map(name => [name]), both, ...names.map(name => [...group, name])].find(some => some.length && isKey(...some));
  if (columns) return [columns, []];
  for (const name of names) {
    for (const time of calledIn(sniffed, times)) {
      if (time === name || !isKey(name, time)) continue;
      const many = new Map();
      for (const cell of allCells(sniffed, time)) many.set(cell, (many.get(cell) ?? 0) + 1);
      return [[name], [[time, [[...many].reduce((a, b) => b[1] > a[1] ? b : a)[0]]]]];
    }
  }
  return [[], []];
}
