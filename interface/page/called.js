// ---- what students are called where others look on: first names alone, unless somebody asks for more --------------
const LONGEST_NAME = 40;

// A text that keeps to its place: no controls, no turns of direction, nothing that is not seen.
const clean = text => {
  const seen = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ").replace(/[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\p{Noncharacter_Code_Point}]/gu, "").trim();
  return /[^\s\p{Cf}\p{M}]/u.test(seen) ? seen : "";
};
function short(text) {
  const letters = [...text];
  return letters.length > LONGEST_NAME ? `${letters.slice(0, LONGEST_NAME - 1).join("")}…` : text;
}
const inPlace = text => short(clean(text));

// A name without its surname: of what follows the comma, or all, the first word and whatever has a digit.
function firstName(text) {
  const hasDigit = word => /\p{Nd}/u.test(word), words = text.slice(text.indexOf(",") + 1).split(/\s+/).filter(Boolean), first = words.find(word => !hasDigit(word));
  return words.filter(word => word === first || hasDigit(word)).join(" ");
}

// The name of every row, short and whole: from columns of names where there are some, else from its id.
function namesOf(header, rows, ids) {
  const place = pattern => header.findIndex(name => isSingle(name, header) && new RegExp(pattern, "u").test(name.toLowerCase()));
  const [given, surname, both] = DATA.rosters.names.map(place);
  return rows.map(({ cells }, k) => {
    const own = clean(cells[given] ?? ""), text = own || clean(cells[both] ?? "") || clean(ids[k]), whole = own ? clean(`${own} ${cells[surname] ?? ""}`) : text;
    return { first: /^\S+@\S+$/.test(text) ? "" : short(firstName(text)), whole: short(whole) };
  });
}

// Names that are alike are numbered; who has none has the number of the seat.
function numbered(names) {
  const alike = new Set(names.filter((name, k) => names.indexOf(name) !== k)), taken = new Set(names.filter(name => name && !alike.has(name)));
  return names.map((name, k) => {
    let one = name, n = name ? 1 : k + 1;
    while (alike.has(one) || !one || (one !== name && taken.has(one))) one = `${name} ${n++}`.trim();
    taken.add(one);
    return one;
  });
}
