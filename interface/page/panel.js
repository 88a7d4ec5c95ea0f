// ---- the class: drawn students, or a roster that is opened in the page and never leaves it -----------------------
const classPanel = {};

function buildClass() {
  const [least, most] = DATA.limits.size, [shortest, longest] = DATA.limits.weeks;
  const whole = (id, text, low, high, set) => {
    const input = el("input", { type: "number", id, min: low, max: high, required: true, onchange: () => {
      if (!input.reportValidity()) return; // the browser says what would be right, and the class stays
      set(Number(input.value));
      rerun();
      showClass();
    } });
    return { input, node: el("label", { class: "field" }, el("span", {}, text), input) };
  };
  const size = whole("size", say("class.size"), least, most, n => { school.size = n; });
  const weeks = whole("weeks", say("class.weeks"), shortest, longest, n => { school.weeks = n; school.week = Math.min(school.week, n); });
  const file = el("input", { type: "file", id: "file", accept: ".csv,.tsv,.txt,text/csv,text/plain", onchange: readFile, "aria-describedby": "file-says",
    onclick: () => { file.value = ""; } }); // or a browser would not say that the same file was chosen again
  const drawn = el("button", { type: "button", onclick: () => setRoster(null) }, say("class.drawn"));
  const which = el("select", { id: "which", onchange: () => { school.room = Number(which.value); rerun(); } });
  const luck = el("button", { type: "button", onclick: () => { school.luck += LUCKS + 1; rerun(); } }, say("player.luck"));
  const names = el("input", { type: "checkbox", id: "whole-names", onchange: showNames });
  Object.assign(classPanel, { size, weeks, drawn, which, file, names,
    whichRow: el("label", { class: "field" }, el("span", {}, say("class.which")), which),
    namesRow: el("p", { hidden: true }, el("label", {}, names, " ", say("class.whole"))),
    note: el("div", { class: "note", role: "status" }), error: el("p", { class: "error", role: "alert", hidden: true }), columns: el("div", {}) });
  $("class").append(el("div", { class: "fields" }, size.node, weeks.node, classPanel.whichRow, luck),
    el("div", { class: "fields" }, el("label", { class: "field file" }, el("span", {}, say("class.open")), file), drawn),
    el("p", { class: "note", id: "file-says" }, say("class.open_says")),
    classPanel.error, classPanel.note, classPanel.namesRow, classPanel.columns);
  showClass();
}

function showClass() {
  const { size, weeks, drawn, which, whichRow } = classPanel, { roster } = school;
  size.input.value = sizeNow();
  size.input.disabled = Boolean(roster);
  weeks.input.value = school.weeks;
  drawn.hidden = whichRow.hidden = !roster;
  classPanel.namesRow.hidden = !roster?.classes.some(({ first, whole }) => first && String(first) !== String(whole));
  if (!roster) return;
  if (classPanel.listed !== roster) fill(which, ...roster.classes.map((c, k) => el("option", { value: k }, c.name)));
  classPanel.listed = roster;
  which.value = school.room % roster.classes.length;
}

function setRoster(roster) {
  Object.assign(school, { roster, room: roster ? 0 : school.scene.room, seed: school.scene.seed, week: 0 });
  classPanel.names.checked = false;
  classPanel.error.hidden = true;
  if (!roster) { school.size = school.scene.size; fill(classPanel.columns); fill(classPanel.note); }
  rerun();
  showClass();
}

// First names, or whole ones for as long as somebody wants to see them.
function showNames() {
  for (const c of school.roster.classes) c.students = classPanel.names.checked ? c.whole : c.first;
  draw();
  if (school.step === "student") showLife();
}

async function readFile() {
  const chosen = classPanel.file.files[0];
  if (!chosen) return;
  const file = inPlace(chosen.name);
  classPanel.error.hidden = true;
  fill(classPanel.columns);
  classPanel.reading = chosen;
  $("class").setAttribute("aria-busy", "true");
  let found = null;
  try {
    if (chosen.size > DATA.rosters.most) refuse("bytes", { file, n: DATA.rosters.most / 1e6 });
    const bytes = await chosen.arrayBuffer().catch(() => null); // moved, taken away, or too large for the memory
    if (classPanel.reading !== chosen) return; // another was chosen in the meantime
    if (bytes === null) refuse("unread", { file });
    found = openText(textOf(new Uint8Array(bytes), file), file);
    if (found.rules) openRoster(found, found.rules);
    else if (found.proposed) { chooseColumns(found, found.proposed, true); tellNote(say("class.look", { file })); }
    else refuse("empty", { file });
  } catch (error) {
    tell(error);
    if (found?.proposed) chooseColumns(found, found.proposed, true);
  } finally { if (classPanel.reading === chosen) $("class").setAttribute("aria-busy", "false"); }
}

function openRoster(found, rules) {
  const roster = rosterOf(found.text, rules, found.file), isOne = roster.classes.length === 1 && !rules.group.length;
  for (const c of roster.classes) Object.assign(c, { students: c.first, name: isOne ? roster.name : inPlace(c.name) });
  setRoster(roster);
  fill(classPanel.note, ...whatWasRead(roster).map(text => el("p", {}, text)));
  chooseColumns(found, roster.read, false);
}

function tell(error) {
  if (!(error instanceof RosterError)) throw error;
  tellNote(school.roster ? say("class.kept", { file: school.roster.name }) : "");
  classPanel.error.hidden = false;
  write(classPanel.error, error.message);
  classPanel.error.scrollIntoView({ block: "nearest" });
}
const tellNote = text => fill(classPanel.note, text && el("p", {}, text));

// What is said of a roster that was opened: how it was read, what was left out, what was done with its classes.
function whatWasRead({ name: file, rules, total, rows, left, done, labels, read, classes }) {
  const from = read.traits.map(({ name, columns, reverse }) => say(reverse ? "class.reversed" : "class.from", { trait: say(`trait.${name}`), columns: severalOf(columns.map(inPlace)) }));
  const why = left.slice(0, 5).map(([name, cell, n]) => say(cell ? "class.left_with" : "class.left_without", { n, cell: inPlace(cell), name: inPlace(name) }));
  const lost = left.reduce((sum, [, , n]) => sum + n, 0);
  return [
    say("class.opened", { file, students: total, n: classes.length }), rules.called && say("class.export", { what: say(`mapping.${rules.called}`) }),
    from.length && say("class.read", { list: list(from) }), lost && say("class.left", { n: lost, rows, list: list(why) }),
    done.joined && say("class.joined", { n: done.joined, least: rules.least, before: done.before, after: done.after }),
    done.dealt && say("class.dealt", { n: done.dealt, size: rules.deal }),
    labels.length && say("class.labels", { n: labels.length, line: labels[0].line, cell: inPlace(labels[0].cell) }),
  ].filter(Boolean);
}

const severalOf = names => names.length > 3 ? say("class.several", { first: names[0], last: names.at(-1), n: names.length }) : names.join(" + ");

// Which column says what: as the file was read or would be, until its reader chooses otherwise.
function chooseColumns({ sniffed, proposed, text, file }, use, isOpen) {
  if (!proposed) return;
  const called = ({ student, group, traits }) => [...student, ...group, ...traits.flatMap(({ columns }) => columns)];
  const { student, group, traits } = called(use).every(name => sniffed.own.includes(name)) ? use : proposed;
  const menu = (word, names, none) => {
    const values = ["[]", ...(names.length > 1 ? [JSON.stringify(names)] : []), ...sniffed.own.map(name => JSON.stringify([name]))];
    const select = el("select", {}, ...values.map(value => el("option", { value, selected: value === JSON.stringify(names) },
      value === "[]" ? none : severalOf(JSON.parse(value).map(inPlace)))));
    return { node: el("label", { class: "field" }, el("span", {}, word), select), chosen: () => JSON.parse(select.value) };
  };
  const who = menu(say("class.student"), student, say("class.row")), where = menu(say("class.group"), group, say("class.file"));
  const known = DATA.traits.map(name => [name, menu(say(`trait.${name}`), traits.find(trait => trait.name === name)?.columns ?? [], say("class.none"))]);
  const open = () => {
    const chosen = known.map(([name, { chosen: columns }]) => ({ name, columns: columns() })).filter(({ columns }) => columns.length);
    try { openRoster({ sniffed, proposed, text, file }, proposeRules(sniffed, { student: who.chosen(), group: where.chosen(), traits: chosen })); } catch (error) { tell(error); }
  };
  const [first, ...rest] = known.map(([, { node }]) => node), isMore = traits.some(({ name }) => name !== DATA.traits[0]);
  fill(classPanel.columns, el("details", { open: isOpen }, el("summary", {}, say("class.map")),
    el("div", { class: "menus" }, who.node, where.node, first),
    el("details", { open: isMore }, el("summary", {}, say("class.more")), el("div", { class: "menus" }, ...rest)),
    el("button", { type: "button", onclick: open }, say("class.use"))));
}
