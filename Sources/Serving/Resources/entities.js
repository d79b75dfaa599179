// Entities and escapes, decoded to text.

const entity = /&(?:#[xX]([0-9a-fA-F]{1,6})|#(\d{1,7})|([a-zA-Z][a-zA-Z0-9]{0,31}));/y;
const names = new Map();

/** The entity at a place: { text, end }; nothing where there is none. */
export function readEntity(text, place) {
  entity.lastIndex = place;
  const match = entity.exec(text);
  if (!match) return null;
  const [whole, hexadecimal, decimal, name] = match;
  const decoded = name ? named(name) : numbered(hexadecimal ? parseInt(hexadecimal, 16) : parseInt(decimal, 10));
  return decoded === null ? null : { text: decoded, end: place + whole.length };
}

/** A text without its backslashes and entities. */
export function unescape(text) {
  return text.replace(/\\([!-/:-@[-`{-~])|&[#\w]{1,33};/g, (whole, escaped) => escaped ?? readEntity(whole, 0)?.text ?? whole);
}

function numbered(code) {
  return code === 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF) ? "\uFFFD" : String.fromCodePoint(code);
}

/** What HTML calls a name. The browser knows all of them; it sees nothing but letters and digits here. */
function named(name) {
  if (!names.has(name)) {
    const field = document.createElement("textarea");
    field.innerHTML = `&${name};`;
    names.set(name, field.value === `&${name};` || field.value.endsWith(";") && name !== "semi" ? null : field.value);
  }
  return names.get(name);
}
