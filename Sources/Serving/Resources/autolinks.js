// Addresses that are links by themselves.

import { at } from "./targets.js";

const mail = /[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,256}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*/.source;
const address = /<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*)>/iy;
const mailAddress = new RegExp(`<(${mail})>`, "iy");

/** An address in angle brackets: { text, target, end }. */
export function readAutolink(text, place) {
  const web = at(address, text, place);
  if (web) return { text: web[1], target: web[1], end: place + web[0].length };
  const found = at(mailAddress, text, place);
  return found && { text: found[1], target: `mailto:${found[1]}`, end: place + found[0].length };
}

/** An address that stands in a text as GFM finds it: { text, target }. */
export function readBareLink(text, place) {
  const web = at(/(?:https?:\/\/|www\.)[^\s<\u3000-\u303F\uFF00-\uFFEF]+/iy, text, place);
  if (web) {
    const found = trimmed(web[0]);
    const domain = /^(?:https?:\/\/)?([^/?#:]*)/i.exec(found)[1].split(".");
    const isWhole = domain.every(Boolean) && !domain.slice(-2).some((part) => part.includes("_"));
    if (!isWhole || (/^www\./i.test(found) && domain.length < 2)) return null;
    return { text: found, target: /^www\./i.test(found) ? `http://${found}` : found };
  }
  const letters = at(/[a-z0-9.+-]{1,256}(?:_[a-z0-9.+-]{1,256})*@[a-z0-9_-]+(?:\.[a-z0-9_-]+)+/iy, text, place);
  const found = letters?.[0].replace(/\.$/, "");
  return found && /[a-z0-9]$/i.test(found) ? { text: found, target: `mailto:${found}` } : null;
}

/** Without the marks that belong to the sentence. */
function trimmed(text) {
  let end = text.length;
  let surplus = 0;
  for (const character of text) surplus += character === ")" ? 1 : character === "(" ? -1 : 0;
  while (end > 0) {
    const last = text[end - 1];
    if (last === ")" && surplus > 0) surplus -= 1;
    else if (last === ";") {
      const entity = /&[a-z0-9]{1,31};$/i.exec(text.slice(Math.max(0, end - 40), end));
      if (entity) { end -= entity[0].length; continue; }
    } else if (!"?!.,:*_~'\"".includes(last)) break;
    end -= 1;
  }
  return text.slice(0, end);
}
