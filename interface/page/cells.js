// ---- what a cell of a roster says: a number, one of some words, or that nothing is known -------------------------
const isPattern = text => text.includes("*");

// Whether a text fits a pattern, in which each * stands for any text.
function fits(text, pattern) {
  const [first, ...rest] = pattern.split("*"), end = rest.pop();
  let from = first.length;
  const to = text.length - end.length;
  if (from > to || !text.startsWith(first) || !text.endsWith(end)) return false;
  return rest.every(part => { // the first place where a part stands leaves most for the next
    const k = text.indexOf(part, from);
    from = k + part.length;
    return k >= 0 && from <= to;
  });
}

// The value of a digit of any script; they stand in tens.
function digitOf(digit) {
  const code = digit.codePointAt(0);
  let k = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - k - 1))) k++;
  return k % 10;
}

// The number that a cell writes, with or without a percent sign; null where it writes none.
function numberOf(cell, decimal = ".") {
  let text = cell.replace(/%$/, "").trim();
  if (decimal === ",") text = text.replace(/[.,]/g, mark => mark === "," ? "." : ",");
  text = text.replace(/(?![0-9])\p{Nd}/gu, digitOf);
  const x = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN;
  return Math.abs(x) < DATA.rosters.huge ? x : null;
}

// Whether a cell is among some words: as it is written, as a number where both are numbers, or where it fits a *.
function wordsOf(words, decimal = ".") {
  const texts = new Set(words), patterns = words.filter(word => isPattern(word) && /[^*]/.test(word));
  const numbers = new Set([".", decimal].flatMap(mark => words.map(word => numberOf(word, mark))).filter(x => x !== null));
  return cell => texts.has(cell) || (numbers.size > 0 && numbers.has(numberOf(cell, decimal))) || patterns.some(pattern => fits(cell, pattern));
}

// The decimal mark of some cells: a comma where it must be one and no cell has a point.
function decimalOf(cells) {
  let isSure = false;
  for (const cell of cells) {
    if (/^[+-]?\d*\.\d+\s*%?$/.test(cell)) return ".";
    isSure ||= /^[+-]?\d*,\d+\s*%?$/.test(cell) && !/^[+-]?[1-9]\d{0,2}(,\d{3})+\s*%?$/.test(cell);
  }
  return isSure ? "," : ".";
}
