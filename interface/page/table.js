// ---- the table of a roster's file: its line of column names, and below it a row for each student -----------------
// The rows of a CSV text that hold anything, from a line on, each with the line on which it begins.
function* rowsOf(text, separator, file, first = 1) {
  let k = 0, line = 1;
  for (; line < first && k < text.length; line++) k = (text.indexOf("\n", k) + 1) || text.length;
  for (; k < text.length; k++, line++) {
    const end = (text.indexOf("\n", k) + 1 || text.length + 1) - 1, whole = text.slice(k, end);
    if (!whole.includes('"')) { // as most lines are
      k = end;
      if (whole.trim()) yield* rowOf(line, whole.split(separator).map(cell => cell.trim()));
      continue;
    }
    const cells = [], begun = line, broken = () => refuse("quote", { file, line: begun });
    for (;; k++) {
      while (text[k] === " ") k++;
      let cell = "";
      if (text[k] === '"') { // a quoted cell may go over several lines; "" is a quote in it
        for (let more = true; more;) {
          const end = text.indexOf('"', k + 1);
          if (end < 0) broken();
          more = text[end + 1] === '"';
          cell += text.slice(k + 1, more ? end + 1 : end);
          k = end + 1;
        }
        line += cell.split("\n").length - 1;
        if (k < text.length && text[k] !== separator && text[k] !== "\n") broken();
      } else {
        const from = k;
        while (k < text.length && text[k] !== separator && text[k] !== "\n") k++;
        cell = text.slice(from, k);
      }
      cells.push(cell.trim());
      if (k >= text.length || text[k] === "\n") break;
    }
    yield* rowOf(begun, cells);
  }
}
const rowOf = (line, cells) => cells.some(Boolean) ? [{ line, cells }] : [];

const namedIn = ({ student, group, school, only, skip, traits }) =>
  [...student, ...group, ...school, ...[...only, ...skip].map(([name]) => name), ...traits.flatMap(trait => trait.columns)];

// The line of the column names and the separator with which everything that a mapping names is there, or null.
function topOf(text, rules) {
  const { separators, deepest } = DATA.rosters, wanted = namedIn(rules);
  for (const separator of new Set([rules.separator, ...separators])) {
    let left = rules.header ? 1 : deepest;
    try {
      for (const { line, cells } of rowsOf(text, separator, "", rules.header || 1)) {
        if (wanted.every(name => cells.includes(name) || (isPattern(name) && cells.some(cell => fits(cell, name))))) return { line, separator };
        if (!--left) break;
      }
    } catch (error) { if (!(error instanceof RosterError)) throw error; }
  }
  return null;
}

function tableOf(text, rules, file) {
  const { line, separator } = topOf(text, rules) ?? { line: 1, separator: rules.separator };
  const [head, ...rows] = rowsOf(text, separator, file, rules.header || line);
  if (!rows.length) refuse("empty", { file });
  return { file, header: head.cells, rows, line: head.line, separator };
}

// The table with rows as long as the line of column names; blank cells beyond it are nothing.
function checkLengths(table) {
  const { file, header } = table, n = header.length;
  return { ...table, rows: table.rows.map(({ line, cells }) => {
    if (cells.length < n || cells.slice(n).some(Boolean)) refuse("cells", { file, line, n: cells.length, wanted: n });
    return { line, cells: cells.slice(0, n) };
  }) };
}

const isSingle = (name, header) => header.indexOf(name) === header.lastIndexOf(name);

// The places of the columns of a name: the one of that name, or with a * all that fit and nothing else names.
function placesOf({ file, header }, name, taken = []) {
  const isName = header.includes(name) || !isPattern(name);
  const places = [...header.keys()].filter(k => isName ? header[k] === name : header[k] && !taken.includes(k) && fits(header[k], name));
  if (!places.length) refuse("column", { file, name });
  for (const k of places) if (!isSingle(header[k], header)) refuse("twice", { file, name: header[k] });
  return places;
}
function placeOf(table, name) {
  const places = placesOf(table, name);
  if (places.length > 1) refuse("column", { file: table.file, name });
  return places[0];
}
