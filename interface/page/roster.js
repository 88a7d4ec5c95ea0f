// ---- the class: drawn students, or a roster that is opened in the page and never leaves it -------------------
class RosterError extends Error {}
const refuse = (key, given) => { throw new RosterError(say(`roster.${key}`, given)); };

// The rows of a CSV text, each with its line; a quoted cell may go over several lines.
function rowsOf(text, file) {
  const separator = [",", ";", "\t"].map(mark => [text.split(/\r?\n/, 1)[0].split(mark).length, mark]).sort((a, b) => b[0] - a[0])[0][1];
  const rows = [];
  let cells = [], cell = "", quoted = false, line = 1, begun = 1;
  const endCell = () => { cells.push(cell.trim()); cell = ""; };
  const endRow = () => { endCell(); if (cells.some(Boolean)) rows.push({ line: begun, cells }); cells = []; begun = line; };
  for (let k = 0; k < text.length; k++) {
    const letter = text[k];
    if (letter === "\n") line++;
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[k + 1] === '"') { cell += '"'; k++; } else quoted = false;
    } else if (letter === '"' && !cell.trim()) { cell = ""; quoted = true; }
    else if (letter === separator) endCell();
    else if (letter === "\n") endRow();
    else if (letter !== "\r") cell += letter;
  }
  if (quoted) refuse("quote", { file, line: begun });
  endRow();
  return rows;
}

function tableOf(text, file) {
  if (text.includes("\0") || text.includes("\ufffd")) refuse("text", { file });
  const [head, ...rows] = rowsOf(text.replace(/^\ufeff/, ""), file);
  if (!head || !rows.length) refuse("empty", { file });
  head.cells.forEach((name, k) => { if (head.cells.indexOf(name) !== k) refuse("twice", { file, name }); });
  for (const { line, cells } of rows) if (cells.length !== head.cells.length) refuse("cells", { file, line, found: cells.length, wanted: head.cells.length });
  return { file, columns: head.cells, rows };
}

const isMissing = cell => DATA.missing.includes(cell);

function numberIn(cell, name, line, file) {
  if (isMissing(cell)) return null;
  const x = /^[-+]?(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?$/i.test(cell) ? Number(cell.replace(",", ".")) : NaN;
  if (!Number.isFinite(x)) refuse("number", { name, line, file, cell });
  return x;
}

// Values as standard scores by their rank within the file; ties share their middle rank.
function scoresOf(values) {
  const known = values.filter(x => x !== null).sort((a, b) => a - b);
  return values.map(x => {
    if (x === null) return null;
    const below = known.findIndex(y => y >= x), upto = known.findLastIndex(y => y <= x) + 1;
    return SETBACK.quantile((below + upto) / 2 / known.length);
  });
}

// A roster from a table; `use` says which column is what: student_id, class_id and the traits.
function rosterOf({ file, columns, rows }, use) {
  const [least, most] = DATA.limits.size, cell = (row, name) => row.cells[columns.indexOf(use[name])];
  if (!use.student_id) refuse("noid", { file });
  const lines = new Map(), classes = new Map(), scores = {};
  for (const trait of DATA.traits) if (use[trait]) scores[trait] = scoresOf(rows.map(row => numberIn(cell(row, trait), use[trait], row.line, file)));
  rows.forEach((row, k) => {
    const who = cell(row, "student_id"), group = use.class_id ? cell(row, "class_id") : file;
    if (!who) refuse("id", { line: row.line, file });
    if (lines.has(who)) refuse("same", { first: lines.get(who), line: row.line, file, name: who });
    if (isMissing(group)) refuse("noclass", { line: row.line, file });
    lines.set(who, row.line);
    classes.set(group, [...(classes.get(group) ?? []), k]);
  });
  for (const [name, who] of classes) {
    if (who.length < least) refuse("small", { class: name, file, n: who.length, least });
    if (who.length > most) refuse("large", { class: name, file, n: who.length, most });
  }
  return { name: file, network: "friendship", classes: [...classes].map(([name, who]) => ({
    name, students: who.map(k => cell(rows[k], "student_id")),
    scores: Object.fromEntries(Object.entries(scores).map(([trait, values]) => [trait, who.map(k => values[k])])),
  })) };
}

// ---- what one sees of it -------------------------------------------------------------------------------------
const classPanel = {};

function buildClass() {
  const [least, most] = DATA.limits.size, [short, long] = DATA.limits.weeks;
  const whole = (id, text, low, high, set) => {
    const input = el("input", { type: "number", id, min: low, max: high, onchange: () => {
      set(Math.round(Math.min(Math.max(Number(input.value) || low, low), high)));
      rerun();
      showClass();
    } });
    return { input, node: el("label", { class: "field" }, el("span", {}, text), input) };
  };
  const size = whole("size", say("class.size"), least, most, n => { school.size = n; });
  const weeks = whole("weeks", say("class.weeks"), short, long, n => { school.weeks = n; school.week = Math.min(school.week, n); });
  const file = el("input", { type: "file", id: "file", accept: ".csv,text/csv,text/plain", onchange: readFile, "aria-describedby": "file-says",
    onclick: () => { file.value = ""; } }); // or a browser would not say that the same file was chosen again
  const drawn = el("button", { type: "button", onclick: () => setRoster(null) }, say("class.drawn"));
  const which = el("select", { id: "which", onchange: () => { school.room = Number(which.value); rerun(); } });
  const luck = el("button", { type: "button", onclick: () => { school.luck += LUCKS + 1; rerun(); } }, say("player.luck"));
  Object.assign(classPanel, { size, weeks, drawn, which, file,
    whichRow: el("label", { class: "field" }, el("span", {}, say("class.which")), which),
    note: el("p", { class: "note", role: "status" }), error: el("p", { class: "error", role: "alert", hidden: true }), columns: el("div", {}) });
  $("class").append(el("div", { class: "fields" }, size.node, weeks.node, classPanel.whichRow, luck),
    el("div", { class: "fields" }, el("label", { class: "field file" }, el("span", {}, say("class.open")), file), drawn),
    el("p", { class: "note", id: "file-says" }, say("class.open_says", { traits: list(DATA.traits) })),
    classPanel.error, classPanel.note, classPanel.columns);
  showClass();
}

function showClass() {
  const { size, weeks, drawn, which, whichRow } = classPanel, { roster } = school;
  size.input.value = sizeNow();
  size.input.disabled = Boolean(roster);
  weeks.input.value = school.weeks;
  drawn.hidden = whichRow.hidden = !roster;
  if (!roster) return;
  if (classPanel.listed !== roster) fill(which, ...roster.classes.map((c, k) => el("option", { value: k }, c.name)));
  classPanel.listed = roster;
  which.value = school.room % roster.classes.length;
}

function setRoster(roster) {
  Object.assign(school, { roster, room: roster ? 0 : school.scene.room, seed: school.scene.seed, week: 0 });
  if (!roster) { school.size = school.scene.size; fill(classPanel.columns); write(classPanel.note, ""); }
  rerun();
  showClass();
}

async function readFile() {
  const chosen = classPanel.file.files[0];
  if (!chosen) return;
  classPanel.error.hidden = true;
  fill(classPanel.columns);
  classPanel.reading = chosen;
  $("class").setAttribute("aria-busy", "true");
  try {
    const text = await chosen.text().catch(() => null); // moved, taken away, or too large for the memory
    if (classPanel.reading !== chosen) return; // another was chosen in the meantime
    $("class").setAttribute("aria-busy", "false");
    if (text === null) refuse("unread", { file: chosen.name });
    const table = tableOf(text, chosen.name);
    const use = Object.fromEntries(DATA.columns.filter(name => table.columns.includes(name)).map(name => [name, name]));
    const foreign = table.columns.find(name => !DATA.columns.includes(name));
    if (foreign === undefined && use.student_id) return openRoster(table, use);
    use.student_id ??= table.columns.find((_, k) => new Set(table.rows.map(row => row.cells[k])).size === table.rows.length);
    chooseColumns(table, use);
    refuse(foreign === undefined ? "noid" : "unknown", { file: table.file, name: foreign ?? "" });
  } catch (error) { tell(error); }
}

function openRoster(table, use) {
  try {
    const roster = rosterOf(table, use);
    classPanel.error.hidden = true;
    fill(classPanel.columns);
    setRoster(roster);
    write(classPanel.note, say("class.opened", { file: table.file, students: table.rows.length, n: roster.classes.length }));
  } catch (error) { tell(error); }
}

function tell(error) {
  if (!(error instanceof RosterError)) throw error;
  classPanel.error.hidden = false;
  write(classPanel.note, school.roster ? say("class.kept", { file: school.roster.name }) : "");
  write(classPanel.error, error.message);
}

// A file with columns of its own: its reader says which column is what.
function chooseColumns(table, use) {
  const read = DATA.columns.filter(name => name !== "school_id"); // schools are for intervals, which are not here
  const menus = Object.fromEntries(read.map(name => [name, el("select", {},
    el("option", { value: "" }, say("class.none")), ...table.columns.map(column => el("option", { value: column, selected: use[name] === column }, column)))]));
  const word = name => name === "student_id" ? say("class.student") : name === "class_id" ? say("class.group") : say(`trait.${name}`);
  fill(classPanel.columns, el("h3", {}, say("class.map")),
    el("div", { class: "fields" }, ...read.map(name => el("label", { class: "field" }, el("span", {}, word(name)), menus[name]))),
    el("button", { type: "button", onclick: () => openRoster(table, Object.fromEntries(Object.entries(menus).map(([name, menu]) => [name, menu.value]))) }, say("class.use")));
}
