// ---- a link: a state as letters behind the address, and back; only what differs from a page as it opens is written ----
// `#format.version.check.state`: a link of another format, or of other equations, numbers or scenes, would show other
// years, so it is refused. The state is a JSON merge patch (RFC 7396) of what stands there when nothing has been done.
const FORMAT = "3"; // another one whenever these scripts write another state, or begin with another one
class LinkError extends Error {}
const need = (is, key = "link.damaged", given = {}) => { if (!is) throw new LinkError(say(key, given)); };
const isTable = x => x !== null && typeof x === "object" && !Array.isArray(x);
const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// What a state has that its opening has not, at any depth; null takes a name away. Lists are written whole.
function differing(state, opening) {
  const other = Object.entries(state).filter(([key, x]) => !isSame(x, opening[key]));
  const gone = Object.keys(opening).filter(key => !Object.hasOwn(state, key));
  return Object.fromEntries([...other.map(([key, x]) => [key, isTable(x) && isTable(opening[key]) ? differing(x, opening[key]) : x]), ...gone.map(key => [key, null])]);
}
function patched(opening, patch) {
  if (!isTable(patch)) return patch;
  const from = isTable(opening) ? opening : {}, own = key => Object.hasOwn(from, key) ? from[key] : {};
  const taken = Object.entries(patch).filter(([, x]) => x !== null).map(([key, x]) => [key, patched(own(key), x)]);
  return Object.fromEntries([...Object.entries(from).filter(([key]) => patch[key] !== null), ...taken]);
}

// A check of the letters, not a secret: it notices a link that lost its end or a letter.
function sumOf(text) {
  let a = 0x811c9dc5;
  for (const letter of text) a = Math.imul(a ^ letter.charCodeAt(0), 0x01000193);
  return a >>> 0;
}
const checkOf = text => sumOf(text).toString(16).padStart(8, "0");
// Of all that decides a year and stands in no link; labels are words, which differ from language to language.
const versionOf = opening => checkOf(JSON.stringify([SETBACK.fingerprint, SETBACK.parameters, SETBACK.levers, DATA.parts, DATA.presets, DATA.reference, opening]));

function toLink(patch, version) {
  const text = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(patch)))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  return `#${FORMAT}.${version}.${checkOf(text)}.${text}`;
}

// The patch that a link holds; `versionFor(patch)` says which version can follow it.
function fromLink(hash, versionFor) {
  const [format, version, check, text, ...rest] = hash.slice(1).split(".");
  need(!/^\d+$/.test(format) || version === undefined || format === FORMAT, "link.version");
  need(!rest.length && text && checkOf(text) === check);
  let patch = null;
  try {
    patch = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), letter => letter.charCodeAt(0))));
  } catch { need(false); }
  need(isTable(patch));
  need(versionFor(patch) === version, "link.version");
  return patch;
}

// ---- what a link asks for must be there, and within its range ------------------------------------------------------
const isOne = (x, names) => need(names.includes(x), "link.name", { name: String(x) });
const isWithin = (name, x, low, high, whole = true) => {
  need(x !== undefined);
  need(typeof x === "number" && x >= low && x <= high && (!whole || Number.isInteger(x)), "link.range", { name, x: exactly(x), low: exactly(low), high: exactly(high) });
};
const isKnown = (table, names) => { need(isTable(table)); for (const name of Object.keys(table)) isOne(name, names); };
