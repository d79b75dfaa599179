// TeX within a text: \( \), \[ \], $$ $$, and $ $ where it cannot be money.

import { readTex } from "./tex.js";

const forms = [["\\(", "\\)", false], ["\\[", "\\]", true], ["$$", "$$", true]];

/** Finds TeX in one text, in a time that grows as the text does. */
export class TexReader {
  constructor(text) {
    this.text = text;
    this.absent = new Set();
  }

  /** The TeX at a place: { node, end }; nothing where there is none. */
  read(place) {
    const form = forms.find(([opening]) => this.text.startsWith(opening, place));
    if (form) {
      const [opening, closing, isBlock] = form;
      if (this.absent.has(closing)) return null;
      const end = this.text.indexOf(closing, place + 2);
      if (end < 0) { this.absent.add(closing); return null; }
      if (!this.text.slice(place + 2, end).trim()) return null;
      return { node: texNode(this.text.slice(place, end + 2), this.text.slice(place + 2, end), isBlock), end: end + 2 };
    }
    if (this.text[place] !== "$") return null;
    const match = /^\$((?:[^$\\`\n]|\\[^\n])+)\$(?![\w$])/.exec(this.text.slice(place, place + 500));
    if (!match || /^\s|\s$/.test(match[1]) || /[\w$]/.test(this.text[place - 1] ?? "") || isProse(match[1])) return null;
    return { node: texNode(match[0], match[1], false), end: place + match[0].length };
  }
}

/** Whether what stands between two dollars is words: "$20, not 30$". */
function isProse(body) {
  const words = body.replace(/\\[a-z]+|\{[^{}]*\}/gi, " ");
  return (/^\d/.test(body) ? /[a-z]{3,}/i : /[a-z]{3,}[,.]? [a-z]{2,}/i).test(words);
}

/** TeX as MathML where we know how; else as it was written. */
export function texNode(source, body, isBlock) {
  const children = readTex(body);
  return children
    ? { tag: "math", attributes: { display: isBlock ? "block" : "inline", title: source.trim() }, children }
    : { tag: "code", attributes: { class: isBlock ? "tex block" : "tex" }, children: [source] };
}
