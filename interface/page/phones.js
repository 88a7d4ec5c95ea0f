// ---- between a wall and the phones in the room: the link that seats a phone, and the letters that say how its year ended ----
const NAME_LENGTH = 30;
// A name as it is compared: Ada, ADA and a pasted "Ada " are one.
const tidy = name => name.normalize("NFKC").replace(/\s+/g, " ").trim();
const isSameName = (a, b) => tidy(a).toLocaleLowerCase(LOCALE) === tidy(b).toLocaleLowerCase(LOCALE);

const asLetters = choices => choices.map(choice => choice[0]).join("");
function asChoices(letters) {
  need(typeof letters === "string");
  const choices = [...letters].map(letter => Object.keys(CHOICES).find(choice => choice[0] === letter) ?? letter);
  for (const choice of choices) isOne(choice, Object.keys(CHOICES));
  return choices;
}

// A phone as it opens: the world of a scene, and nobody who sits there yet.
function phoneOpening({ scene: name }) {
  const scene = DATA.scenes.find(scene => scene.name === name);
  need(scene, "link.name", { name: String(name) });
  const { seed, size, weeks } = scene;
  return { scene: "", seed, size, weeks, rules: "reference", name: "", number: 0, choices: "" };
}
const phoneVersion = patch => versionOf([phoneOpening(patch), DATA.scenes.find(({ name }) => name === patch.scene).parameters]);
const toPhone = state => toLink(differing(state, phoneOpening(state)), phoneVersion(state));

// ---- how a year ended: failed tests, knowledge gained and the rules in 19 bits, and 11 that notice a wrong letter ----
const CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // none is taken for another one
const CODE_LENGTH = 6, CODE_CHECKS = 2048;
const GAIN = { least: -5.12, step: 0.02, most: 511 };
const codeCheck = said => sumOf(`${FORMAT} ${SETBACK.fingerprint} ${said}`) % CODE_CHECKS;

function toCode({ failures, gain, rules }) {
  const steps = Math.min(Math.max(Math.round((gain - GAIN.least) / GAIN.step), 0), GAIN.most);
  const said = (Math.min(failures, 127) * 512 + steps) * 8 + Object.keys(DATA.presets).indexOf(rules), all = said * CODE_CHECKS + codeCheck(said);
  return Array.from({ length: CODE_LENGTH }, (_, k) => CODE_LETTERS[Math.floor(all / 32 ** (CODE_LENGTH - 1 - k)) % 32]).join("");
}

// What a code says, as it was read out or typed; null where it is none.
function fromCode(text) {
  const letters = [...text.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1")].map(letter => CODE_LETTERS.indexOf(letter));
  if (letters.length !== CODE_LENGTH || letters.includes(-1)) return null;
  const all = letters.reduce((sum, digit) => sum * 32 + digit), said = Math.floor(all / CODE_CHECKS);
  const rules = Object.keys(DATA.presets)[said % 8];
  if (codeCheck(said) !== all % CODE_CHECKS || !rules) return null;
  return { failures: Math.floor(said / 4096), gain: GAIN.least + GAIN.step * (Math.floor(said / 8) % 512), rules };
}
