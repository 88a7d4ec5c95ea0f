// ---- a QR code: letters as black and white modules, by ISO/IEC 18004 (bytes alone, levels L and M, all 40 versions) ----
// No library: those there are take 20 to 50 kB, and the page is one file that asks nobody for another.
// By version from 1 on: check words of a block, and blocks, at level L and at level M.
const QR_CHECKS = ["7 10 15 20 26 18 20 24 30 18 20 24 26 30 22 24 28 30 28 28 28 28 30 30 26 28 30 30 30 30 30 30 30 30 30 30 30 30 30 30",
  "10 16 26 18 24 16 18 22 22 26 30 22 22 24 24 28 28 26 26 26 26 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28 28"].map(row => row.split(" ").map(Number));
const QR_BLOCKS = ["1 1 1 1 1 2 2 2 2 4 4 4 4 4 6 6 6 6 7 8 8 9 9 10 12 12 12 13 14 15 16 17 18 19 19 20 21 22 24 25",
  "1 1 1 2 2 4 4 4 5 5 5 8 9 9 10 10 11 13 14 16 17 17 18 20 21 23 25 26 28 29 31 33 35 37 38 40 43 45 47 49"].map(row => row.split(" ").map(Number));
const QR_MASKS = [(x, y) => (x + y) % 2, (x, y) => y % 2, x => x % 3, (x, y) => (x + y) % 3, (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => x * y % 2 + x * y % 3, (x, y) => (x * y % 2 + x * y % 3) % 2, (x, y) => ((x + y) % 2 + x * y % 3) % 2];

// Where small squares help to find the grid, along either side.
function qrAlignments(version) {
  if (version === 1) return [];
  const n = Math.floor(version / 7) + 2, last = 4 * version + 10, step = version === 32 ? 26 : Math.ceil((4 * version + 4) / (2 * n - 2)) * 2;
  return [6, ...Array.from({ length: n - 1 }, (_, k) => last - step * (n - 2 - k))];
}

// Words of eight bits that a version holds, check words and all: its modules without what stands there in every code.
function qrWords(version) {
  const n = qrAlignments(version).length, modules = (16 * version + 128) * version + 64;
  return Math.floor((modules - (n ? (25 * n - 10) * n - 55 : 0) - (version > 6 ? 36 : 0)) / 8);
}
const qrRoom = (version, level) => qrWords(version) - QR_CHECKS[level][version - 1] * QR_BLOCKS[level][version - 1];

// The field of 256 elements, as powers of 2 and their logarithms.
const QR_POWER = [1], QR_LOG = [];
for (let k = 0; k < 255; k++) {
  QR_LOG[QR_POWER[k]] = k;
  QR_POWER.push(QR_POWER[k] << 1 ^ (QR_POWER[k] > 127 ? 0x11d : 0));
}
const qrTimes = (a, b) => a && b ? QR_POWER[(QR_LOG[a] + QR_LOG[b]) % 255] : 0;

// The check words of a block: what is left of it, divided by the polynomial whose roots are the first n powers of 2.
function qrChecks(block, n) {
  let by = [1];
  for (let k = 0; k < n; k++) by = [...by, 0].map((x, i) => x ^ qrTimes(by[i - 1] ?? 0, QR_POWER[k]));
  const left = new Array(n).fill(0);
  for (const word of block) {
    const factor = word ^ left.shift();
    left.push(0);
    for (let i = 0; i < n; i++) left[i] ^= qrTimes(by[i + 1], factor);
  }
  return left;
}

// The code of a text as rows of 0 and 1, in the smallest version that holds it, with more checks where there is room; null where it is too long.
function qrCode(text) {
  const bytes = new TextEncoder().encode(text), lengthBits = version => version < 10 ? 8 : 16;
  const needs = version => Math.ceil((4 + lengthBits(version)) / 8 + bytes.length);
  const version = QR_CHECKS[0].findIndex((_, k) => needs(k + 1) <= qrRoom(k + 1, 0)) + 1;
  if (!version) return null;
  const level = Number(needs(version) <= qrRoom(version, 1)), size = 4 * version + 17;

  // what is said, as bits: bytes follow, how many, the bytes, an end; then filled up
  const bits = [], put = (x, n) => { for (let k = n - 1; k >= 0; k--) bits.push(x >> k & 1); };
  put(4, 4);
  put(bytes.length, lengthBits(version));
  for (const byte of bytes) put(byte, 8);
  put(0, 4);
  const room = qrRoom(version, level), data = Array.from({ length: room }, (_, k) => {
    const at = 8 * k, filled = Math.ceil(bits.length / 8);
    return k < filled ? [0, 1, 2, 3, 4, 5, 6, 7].reduce((word, i) => word << 1 | (bits[at + i] ?? 0), 0) : (k - filled) % 2 ? 0x11 : 0xec;
  });

  // dealt into blocks, each with its check words, and read across them
  const blocks = QR_BLOCKS[level][version - 1], n = QR_CHECKS[level][version - 1], short = Math.floor(room / blocks), longer = blocks - room % blocks;
  const dealt = Array.from({ length: blocks }, (_, k) => data.slice(k * short + Math.max(k - longer, 0), (k + 1) * short + Math.max(k + 1 - longer, 0)));
  const across = (rows, longest) => Array.from({ length: longest }, (_, i) => rows.map(row => row[i])).flat().filter(word => word !== undefined);
  const words = [...across(dealt, short + 1), ...across(dealt.map(block => qrChecks(block, n)), n)];

  // what stands in every code: three large squares, the small ones, the ruled lines, room for format and version
  const rows = Array.from({ length: size }, () => new Array(size).fill(null));
  const set = (x, y, is) => { if (rows[y]?.[x] !== undefined) rows[y][x] = Number(is); };
  for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]]) {
    for (let dy = -4; dy <= 4; dy++) for (let dx = -4; dx <= 4; dx++) set(cx + dx, cy + dy, ![2, 4].includes(Math.max(Math.abs(dx), Math.abs(dy))));
  }
  const places = qrAlignments(version);
  for (const cy of places) for (const cx of places) {
    if (rows[cy][cx] !== null) continue; // a large square is there
    for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) set(cx + dx, cy + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
  }
  for (let k = 8; k < size - 8; k++) { set(k, 6, k % 2 === 0); set(6, k, k % 2 === 0); }
  const withChecks = (x, n, by) => { let left = x << n; for (let k = 31 - Math.clz32(left); k >= n; k = 31 - Math.clz32(left)) left ^= by << k - n; return x << n | left; };
  const format = mask => {
    const said = withChecks((1 - level) << 3 | mask, 10, 0x537) ^ 0x5412;
    for (let k = 0; k < 15; k++) {
      const is = said >> k & 1;
      set(8, k < 6 ? k : k < 8 ? k + 1 : size - 15 + k, is);
      set(k < 8 ? size - 1 - k : k < 9 ? 7 : 14 - k, 8, is);
    }
    set(8, size - 8, 1);
  };
  format(0);
  if (version > 6) for (let k = 0, said = withChecks(version, 12, 0x1f25); k < 18; k++) {
    set(size - 11 + k % 3, Math.floor(k / 3), said >> k & 1);
    set(Math.floor(k / 3), size - 11 + k % 3, said >> k & 1);
  }

  // the words, two columns at a time from the right, up and down in turn
  const free = [];
  for (let right = size - 1, up = true; right > 0; right -= right === 8 ? 3 : 2, up = !up) {
    for (let k = 0; k < size; k++) for (const x of [right, right - 1]) {
      const y = up ? size - 1 - k : k;
      if (rows[y][x] === null) free.push([x, y]);
    }
  }
  free.forEach(([x, y], k) => { rows[y][x] = (words[k >> 3] ?? 0) >> 7 - k % 8 & 1; });

  // the mask under which the code is most even
  const masked = mask => { for (const [x, y] of free) rows[y][x] ^= QR_MASKS[mask](x, y) === 0; };
  const flaws = QR_MASKS.map((_, mask) => { masked(mask); format(mask); const found = qrFlaws(rows); masked(mask); return found; });
  const best = flaws.indexOf(Math.min(...flaws));
  masked(best);
  format(best);
  return rows;
}

// What makes a code hard to read, in points: long runs, blocks of one colour, what looks like a large square, too much of one colour.
function qrFlaws(rows) {
  const lines = [...rows, ...rows.map((_, x) => rows.map(row => row[x]))].map(line => line.join(""));
  let flaws = 0;
  for (const line of lines) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) flaws += run.length - 2;
    for (const pattern of ["10111010000", "00001011101"]) for (let k = line.indexOf(pattern); k >= 0; k = line.indexOf(pattern, k + 1)) flaws += 40;
  }
  for (let y = 1; y < rows.length; y++) for (let x = 1; x < rows.length; x++) {
    if (rows[y][x] === rows[y][x - 1] && rows[y][x] === rows[y - 1][x] && rows[y][x] === rows[y - 1][x - 1]) flaws += 3;
  }
  const share = rows.flat().reduce((a, b) => a + b) / rows.length ** 2;
  return flaws + 10 * Math.floor(Math.abs(share - 0.5) * 20);
}

// As a picture, black on white in the dark as well, with the white edge that readers need.
function qrPicture(rows, label) {
  const side = rows.length + 8;
  const path = rows.flatMap((row, y) => [...row.join("").matchAll(/1+/g)].map(run => `M${run.index + 4} ${y + 4}h${run[0].length}v1h-${run[0].length}z`)).join("");
  return svg("svg", { class: "qr", role: "img", "aria-label": label, viewBox: `0 0 ${side} ${side}`, "shape-rendering": "crispEdges" },
    svg("rect", { width: side, height: side, fill: "#fff" }), svg("path", { d: path, fill: "#000" }));
}
