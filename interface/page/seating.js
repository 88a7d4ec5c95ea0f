// ---- who of a roster sits in one class: those whom the file puts together, small classes joined and large ones dealt
// The parts of a name as one; what stands between them is marked where it stands in one of them.
const linked = (parts, between = "/") => parts.map(part => part.replaceAll("\\", "\\\\").replaceAll(between, `\\${between}`)).join(between);

// The rows of every class by its name, in the order of the file, and what was done.
function seatRows(keys, schools, rules, file) {
  const found = new Map(), classes = new Map(), done = { joined: 0, before: 0, after: 0, dealt: 0 };
  keys.forEach((key, k) => {
    const at = JSON.stringify(key);
    if (!found.has(at)) found.set(at, { keys: [key], rows: [] });
    found.get(at).rows.push(k);
  });
  let groups = [...found.values()];
  if (rules.small === "join") {
    groups = joinSmall(groups, rules.least, schools);
    done.joined = groups.length < found.size ? [...found.values()].filter(({ rows }) => rows.length < rules.least).length : 0;
    Object.assign(done, { before: found.size, after: groups.length });
  }
  for (const group of groups) {
    const names = group.keys.map(key => rules.group.length > 1 || (rules.deal && rules.group.length) ? linked(key) : key.join(""));
    const name = rules.small === "join" ? linked(names, "+") : names[0], of = group.rows.length;
    if (rules.deal && (of > rules.deal || !rules.group.length)) {
      deal(group.rows, rules, file).forEach((rows, k) => classes.set(name ? `${name}/${k + 1}` : String(k + 1), rows));
      done.dealt += of > rules.deal ? 1 : 0;
    } else classes.set(name || "all", group.rows);
  }
  const [least, most] = DATA.limits.size;
  for (const [name, { length }] of classes) {
    if (length < least) refuse("small", { class: name, file, n: length, least });
    if (length > most) refuse("large", { class: name, file, n: length, most });
  }
  return { classes, done };
}

// Classes of fewer than so many are joined, the smallest two first: within their school where they can.
function joinSmall(groups, least, schools) {
  const first = (a, b) => a.rows[0] - b.rows[0], n = groups[0].keys[0].length;
  let made = groups;
  for (const [ofSchool, shared] of [...Array.from({ length: n }, (_, k) => [true, n - 1 - k]), [false, 0]]) {
    const near = new Map();
    for (const group of made) {
      const at = JSON.stringify([ofSchool && schools.length ? schools[group.rows[0]] : null, group.keys[0].slice(0, shared)]);
      near.set(at, [...(near.get(at) ?? []), group]);
    }
    made = [...near.values()].flatMap(some => {
      const bySize = (a, b) => a.rows.length - b.rows.length || first(a, b);
      some.sort(bySize);
      while (some.length > 1 && some[0].rows.length < least) {
        const [a, b] = some.splice(0, 2).sort(first);
        some.push({ keys: [...a.keys, ...b.keys], rows: [...a.rows, ...b.rows].sort((x, y) => x - y) });
        some.sort(bySize);
      }
      return some;
    });
  }
  return made.sort(first);
}

// Rows dealt into classes of nearly one size, none larger than asked for, in the order of chance.
function deal(rows, rules, file) {
  const n = Math.ceil(rows.length / rules.deal), each = Math.floor(rows.length / n), more = rows.length % n;
  if (each < DATA.limits.size[0] && rows.length > DATA.limits.size[0]) refuse("alone", { file, n: rows.length, size: rules.deal });
  const drawn = rows.map(row => [SETBACK.uniform(rules.seed, "deal", row, 0, 0), row]).sort((a, b) => a[0] - b[0]).map(([, row]) => row);
  return Array.from({ length: n }, (_, k) => drawn.slice(k * each + Math.min(k, more), (k + 1) * each + Math.min(k + 1, more)).sort((a, b) => a - b));
}
