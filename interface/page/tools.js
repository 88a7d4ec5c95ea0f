// ---- words, numbers and elements: what every other file is made with --------------------------------------
const WORDS = JSON.parse(document.getElementById("words").textContent);
const DATA = JSON.parse(document.getElementById("data").textContent);
const LOCALE = WORDS["page.lang"];
const PLURAL = new Intl.PluralRules(LOCALE);
const SIDES = ["A", "B"];

// A text of the words file with its {holes} filled in; where it has plurals, `n` decides.
function say(key, given = {}) {
  const text = WORDS[key] ?? WORDS[`${key}.${PLURAL.select(given.n)}`] ?? WORDS[`${key}.other`];
  if (text === undefined) throw new Error(`there are no words for ${key}`);
  return text.replace(/\{(\w+)\}/g, (hole, name) => {
    if (given[name] === undefined) throw new Error(`${key} needs ${name}`);
    return typeof given[name] === "number" ? number(given[name]) : given[name];
  });
}

const FORMATS = new Map();
function format(options) {
  const key = JSON.stringify(options);
  if (!FORMATS.has(key)) FORMATS.set(key, new Intl.NumberFormat(LOCALE, options));
  return FORMATS.get(key);
}
// The fewest digits that tell a number, or exactly so many.
const number = (x, digits) => format(digits === undefined
  ? { maximumSignificantDigits: 4 } : { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(x + 0);
const percent = x => format({ style: "percent", maximumFractionDigits: 0 }).format(x);
const signed = (x, digits) => format({ minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "exceptZero" }).format(x);
const signedPercent = x => format({ style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" }).format(x);
const list = texts => new Intl.ListFormat(LOCALE, { type: "unit" }).format(texts);

const capital = text => text.charAt(0).toLocaleUpperCase(LOCALE) + text.slice(1);

const $ = id => document.getElementById(id);

// An element; attributes that begin with "on" are listeners, true is a bare attribute, false and null none.
function make(node, given, children) {
  for (const [name, value] of Object.entries(given ?? {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter(child => child !== null && child !== undefined && child !== false));
  return node;
}
const el = (tag, given, ...children) => make(document.createElement(tag), given, children);
const svg = (tag, given, ...children) => make(document.createElementNS("http://www.w3.org/2000/svg", tag), given, children);
const mark = state => svg("svg", { class: "mark", "aria-hidden": "true", viewBox: "0 0 20 20" }, svg("use", { href: `#mark-${state}` }));

// Text is only written where it has changed: the page is drawn many times a second.
function write(node, text) { if (node.textContent !== text) node.textContent = text; }
function fill(node, ...children) { node.replaceChildren(...children.filter(child => child)); }
