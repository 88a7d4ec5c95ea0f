// ---- how a file is read: in setback's own columns, as an export that is known, or as it is proposed --------------
// The first mapping that ships all of whose columns are there.
const recognise = text => DATA.rosters.mappings.map(given => ({ ...DEFAULTS, ...given })).find(rules => topOf(text, rules)) ?? null;

// What is proposed is looked at by somebody before it is used.
function openText(text, file) {
  const own = topOf(text, OWN) && ownRules(tableOf(text, OWN, file)), sniffed = sniff(text);
  return { text, file, sniffed, rules: own || recognise(text), proposed: sniffed && proposeRules(sniffed) };
}
