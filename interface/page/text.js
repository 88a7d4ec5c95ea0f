// ---- from the bytes of a roster's file to its text, in the encodings that the command line tries ----------------
class RosterError extends Error {}
function refuse(key, given) {
  const said = Object.entries(given).map(([name, value]) => [name, typeof value === "string" ? inPlace(value) : value]);
  throw new RosterError(say(`roster.${key}`, Object.fromEntries(said)));
}

// Files that are no list of text, by how they begin.
const BEGINNINGS = [
  [/^\x89PNG/, "picture", "PNG"], [/^\xff\xd8\xff/, "picture", "JPEG"], [/^GIF8/, "picture", "GIF"], [/^RIFF.{4}WEBP/s, "picture", "WebP"],
  [/^.{4}ftyp(hei|mif|avi)/s, "picture", "HEIF"], [/^(II\*\0|MM\0\*)/, "picture", "TIFF"], [/^BM.{4}\0{4}/s, "picture", "BMP"], [/^%PDF/, "pdf"],
  [/^PK\x03\x04/, "packed"], [/^\xd0\xcf\x11\xe0/, "packed"], [/^(\xef\xbb\xbf)?\s*<(\?xml|!doctype|html|svg)/i, "markup"],
];
// Controls that no text of Windows has, and bytes that it leaves out.
const NO_LETTERS = /[\x00-\x08\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]/;

function textOf(bytes, file) {
  const begins = String.fromCharCode(...bytes.subarray(0, 64)), other = BEGINNINGS.find(([beginning]) => beginning.test(begins));
  if (other) refuse("other", { file, what: say(`roster.${other[1]}`, { kind: other[2] }) });
  const marked = { "\xff\xfe": "utf-16le", "\xfe\xff": "utf-16be" }[begins.slice(0, 2)];
  for (const encoding of marked ? [marked] : ["utf-8", "windows-1252"]) {
    let text;
    try { text = new TextDecoder(encoding, { fatal: true }).decode(bytes); } catch { continue; }
    if (text.includes("\0") || (encoding === "windows-1252" && NO_LETTERS.test(text))) break;
    return text.replace(/\r\n?/g, "\n");
  }
  return refuse("text", { file });
}
