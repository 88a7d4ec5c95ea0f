// ---- words, numbers and elements: what every other file is made with --------------------------------------
// Words come as tables, and are asked for with the table's name and a dot before theirs.
const WORDS = Object.fromEntries(Object.entries(JSON.parse(document.getElementById("words").textContent))
  .flatMap(([table, words]) => Object.entries(words).map(([key, text]) => [`${table}.${key}`, text])));
const DATA = JSON.parse(document.getElementById("data").textContent);
// So do the numbers of the model, each as a list.
const ROW = ["name", "low", "high", "default", "unit", "whole", "source"];
for (const tables of [DATA.levers, DATA.sections]) {
  for (const [name, rows] of Object.entries(tables)) tables[name] = rows.map(row => Object.fromEntries(row.map((x, k) => [ROW[k], x])));
}
const LOCALE = WORDS["page.lang"];
const IS_RTL = WORDS["page.dir"] === "rtl";
const PLURAL = new Intl.PluralRules(LOCALE);
const SIDES = ["A", "B"];

// A text of the words with its {holes} filled in. One that has a form for every plural of its language has no other, and `n` decides.
function say(key, given = {}) {
  const text = WORDS[key] ?? WORDS[`${key}.${PLURAL.select(given.n)}`] ?? WORDS[`${key}.other`];
  if (text === undefined) throw new Error(`there are no words for ${key}`);
  if (!text.includes("{")) return text;
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
const exactly = x => typeof x === "number" ? format({ maximumSignificantDigits: 17, useGrouping: false }).format(x) : String(x);
// A list without an "and"; where a language sets nothing between units, as Chinese, with one.
const lists = type => new Intl.ListFormat(LOCALE, { type });
const LIST = lists(lists("unit").format(["a", "b"]) === "ab" ? "conjunction" : "unit");
const list = texts => LIST.format(texts);
// Texts one after the other as the language puts them: by default sentences. What is empty is left out.
const joined = (texts, key = "page.then") => texts.filter(Boolean).reduce((a, b) => a ? say(key, { a, b }) : b, "");
document.documentElement.dataset.digits = new Intl.NumberFormat(LOCALE).resolvedOptions().numberingSystem; // for counters of the style

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

// Only what has changed is written, into the text that is there: the page is drawn many times a second.
function write(node, text) {
  const only = node.firstChild;
  if (only?.nodeType !== Node.TEXT_NODE || only.nextSibling) node.textContent = text;
  else if (only.data !== text) only.data = text;
}
function put(node, name, value) { if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value); }
function fill(node, ...children) { node.replaceChildren(...children.filter(child => child)); }
