// ---- to take along: a picture of both classrooms and their leading curves, and the curves as a table --------------
const SHEET = { width: 1200, pad: 30, line: 30, seat: 84, row: 56 };
const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "visibility", "font-size", "font-family", "font-weight", "text-anchor", "paint-order"];

function buildSave() {
  $("save-svg").addEventListener("click", () => save("svg", "image/svg+xml", pictureText()));
  $("save-png").addEventListener("click", savePng);
  $("save-csv").addEventListener("click", () => save("csv", "text/csv", tableText()));
  $("print").addEventListener("click", () => { pause(); window.print(); });
}

function save(ending, type, what) {
  const url = URL.createObjectURL(what instanceof Blob ? what : new Blob([what], { type }));
  el("a", { href: url, download: `setback-${school.step === "scene" ? school.scene.name : school.step}.${ending}` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

// The curves of the whole year, in full; a number that is not known leaves its cell empty.
function tableText() {
  const sides = hasTwo() ? SIDES : ["A"], cell = text => `"${String(text).replaceAll('"', '""')}"`;
  const head = [say("player.week"), ...curves.flatMap(curve => sides.map(side => columnOf(curve, side)))].map(cell);
  const rows = Array.from({ length: school.weeks }, (_, week) => [week + 1, ...curves.flatMap((_, k) => sides.map(side => Number.isFinite(series[side][k][week]) ? series[side][k][week] : ""))]);
  return `\ufeff${[head, ...rows].map(row => row.join(",")).join("\r\n")}\r\n`;
}

// A copy that carries its own styles, as there is no sheet where it goes.
function styled(node) {
  const copy = node.cloneNode(true), [from, to] = [node, copy].map(all => [all, ...all.querySelectorAll("*")]);
  from.forEach((one, k) => {
    const looks = getComputedStyle(one);
    for (const name of STYLES) to[k].setAttribute(name, looks.getPropertyValue(name));
    to[k].removeAttribute("class");
  });
  return copy;
}

function pictureText() {
  const { width, pad, line } = SHEET, sides = hasTwo() ? SIDES : ["A"], body = getComputedStyle(document.body);
  const ink = getComputedStyle(document.documentElement).color, serif = getComputedStyle($("title")).fontFamily, sans = body.fontFamily;
  const parts = [];
  const from = (x, wide = 0) => IS_RTL ? width - x - wide : x; // the side on which reading begins
  const text = (words, x, y, size, family = sans, fill = ink) => parts.push(svg("text", { x: from(x), y, fill, "font-size": size, "font-family": family, direction: WORDS["page.dir"] }, words));
  let y = pad + 30;
  text($("title").textContent, pad, y, 34, serif);
  for (const words of inLines(readSaid(), width - 2 * pad, `20px ${serif}`)) text(words, pad, y += line, 20, serif);
  y += 20;
  const half = (width - 2 * pad) / 2, seats = $("room-A").querySelectorAll(".seat").length, rows = Math.ceil(seats / 6);
  sides.forEach((side, s) => {
    const left = pad + s * half;
    text(`${side}  ${rooms[side].label.textContent}`, left, y + 22, 18, serif, getComputedStyle(charts[0].ends[side]).fill);
    rooms[side].buttons.forEach(({ button, name }, k) => parts.push(seatPicture(button, name.textContent, from(left + k % 6 * (SHEET.seat + 6), SHEET.seat), y + 36 + Math.floor(k / 6) * (SHEET.row + 6))));
  });
  y += 36 + rows * (SHEET.row + 6) + 24;
  const leads = charts.slice(0, 3), wide = (width - 2 * pad) / leads.length;
  leads.forEach((chart, k) => {
    text(curveWords(chart.curve)[0], pad + k * wide, y + 14, 18, sans);
    const copy = styled(chart.svg);
    for (const [name, x] of Object.entries({ x: from(pad + k * wide, wide - 16), y: y + 22, width: wide - 16, height: (wide - 16) * BOX.height / BOX.width })) copy.setAttribute(name, x);
    parts.push(copy);
  });
  y += 36 + wide * BOX.height / BOX.width;
  text(say("hand.model"), pad, y, 15);
  const height = y + pad, paper = getComputedStyle(document.documentElement).backgroundColor;
  const sheet = svg("svg", { xmlns: "http://www.w3.org/2000/svg", "xml:lang": LOCALE, width, height, viewBox: `0 0 ${width} ${height}` }, svg("rect", { width, height, fill: paper }), ...parts);
  return new XMLSerializer().serializeToString(sheet);
}

// A seat with the mark of its state, its name and the parts of the headline.
function seatPicture(button, name, x, y) {
  const { seat, row } = SHEET, from = (x, wide = 0) => IS_RTL ? seat - x - wide : x, looks = getComputedStyle(button), color = looks.color, sans = getComputedStyle(document.body).fontFamily;
  const shapes = [...$(`mark-${button.dataset.state}`).children].map(shape => {
    const copy = shape.cloneNode(true), isFull = copy.classList.contains("full");
    copy.removeAttribute("class");
    for (const [key, value] of Object.entries(isFull ? { fill: color } : { fill: "none", stroke: color, "stroke-width": 2 })) copy.setAttribute(key, value);
    return copy;
  });
  const parts = [...button.querySelectorAll(".dot, .bar, .level")].flatMap((node, k) => {
    const share = Number(node.dataset.fill ?? 0) / NOTCHES;
    if (node.className === "dot") { // what lies below a chord of the circle, up to the same height as on the page
      const r = 7, y = r - 2 * r * (0.88 * share + Math.min(share, 0.12)), half = Math.sqrt(Math.max(r * r - y * y, 1e-4)), cx = from(11);
      return [svg("circle", { cx, cy: 11, r, fill: "none", stroke: color }), svg("path", { d: `M${cx - half} ${11 + y}A${r} ${r} 0 ${Number(y < 0)} 0 ${cx + half} ${11 + y}Z`, fill: color })];
    }
    if (node.className === "bar") return [svg("rect", { x: from(0, share * seat), y: row - 5, width: share * seat, height: 5, fill: color })];
    const x = from(seat - 12 - 10 * (button.querySelectorAll(".level").length - 1 - [...node.parentNode.children].indexOf(node)), 7);
    return [svg("rect", { x, y: 5, width: 7, height: row - 14, fill: "none", stroke: color }), svg("rect", { x, y: 5 + (1 - share) * (row - 14), width: 7, height: share * (row - 14), fill: color })];
  });
  return svg("g", { transform: `translate(${x} ${y})` }, svg("rect", { width: seat, height: row, rx: 6, fill: looks.backgroundColor }),
    svg("g", { transform: `translate(${from(seat / 2 - 4)} 20)` }, ...shapes), svg("text", { x: from(seat / 2 - 4), y: row - 10, "text-anchor": "middle", "font-size": 12, "font-family": sans, fill: color }, name), ...parts);
}

// Lines of a text that are no wider than so many pixels: broken after a space, or before a sign of a script that has none.
function inLines(text, width, font) {
  const pen = el("canvas").getContext("2d"), lines = [""];
  pen.font = font;
  for (const part of text.split(/(?<=\s)|(?<![（“《])(?=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])/u)) {
    const longer = `${lines.at(-1)}${part}`;
    if (pen.measureText(longer.trimEnd()).width > width) lines.push(part);
    else lines.splice(-1, 1, longer);
  }
  return lines;
}

function savePng() {
  const text = pictureText(), picture = new Image();
  picture.onload = () => {
    const canvas = el("canvas", { width: 2 * picture.width, height: 2 * picture.height });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(blob => save("png", "image/png", blob));
  };
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
}
