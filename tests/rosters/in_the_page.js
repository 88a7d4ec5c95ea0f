// Opens each file that is told as the page does: through the mapping that is told, or as the page itself would.
const opened = ({ bytes, file, rules }) => {
  const found = { recognised: null, proposed: null };
  try {
    const text = textOf(Uint8Array.from(bytes), file), own = openText(text, file), used = rules === "own" ? OWN : rules ?? own.rules ?? own.proposed;
    Object.assign(found, { text, recognised: own.rules && (own.rules.called ?? "own"), proposed: own.proposed });
    const ownOnes = rules === "own" ? ownRules(tableOf(text, OWN, file)) : used;
    if (!ownOnes) refuse("column", { file, name: "student_id" });
    return { ...found, roster: rosterOf(text, ownOnes, file) };
  } catch (error) {
    if (!(error instanceof RosterError)) throw error;
    return { ...found, refused: error.message };
  }
};
const named = ({ given, surname, both, id }) => {
  const header = ["First name", "Surname", "Name"];
  return namesOf(header, [{ cells: [given, surname, both] }], [id])[0];
};
