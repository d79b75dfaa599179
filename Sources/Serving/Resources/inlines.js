// What stands within a paragraph, by CommonMark's rules and GFM's: emphasis, links, code, TeX.
//
// The result is a list of nodes: texts, and { tag, attributes, children }.

import { readAutolink, readBareLink } from "./autolinks.js";
import { matchEmphasis, readRun } from "./emphasis.js";
import { readEntity } from "./entities.js";
import { tag as htmlTag } from "./starts.js";
import { at, harmless, labelKey, readTarget, readTitle } from "./targets.js";
import { TexReader } from "./texspans.js";

/** The nodes of a text.
 *  @param definitions of links, by their labels. */
export function parseInlines(text, definitions) { return new Inlines(text, definitions).nodes(); }

/** A link, or where it would lead nowhere harmless, a text that says so when it is pointed at. */
export function link(target, title, children) {
  const address = harmless(target);
  return address
    ? { tag: "a", attributes: title ? { href: address, title } : { href: address }, children }
    : { tag: "span", attributes: { title: title ? `${target} ${title}` : target }, children };
}

class Inlines {
  constructor(text, definitions) {
    this.text = text.replace(/[ \t]+$/, "");
    this.definitions = definitions;
    this.place = 0;
    /** Texts, nodes, runs of delimiters, and marks where a node begins and ends. */
    this.tokens = [];
    this.runs = [];
    this.brackets = [];
    /** Brackets below this one open no link, since a link stands after them. */
    this.deadBrackets = 0;
    this.tex = new TexReader(this.text);
    this.absent = new Set();
  }

  nodes() {
    while (this.place < this.text.length) this.step();
    matchEmphasis(this.runs, 0);
    return tree(this.tokens);
  }

  add(token, end) {
    this.tokens.push(token);
    this.place = end;
  }

  step() {
    const { text, place } = this;
    const plain = at(/[^\\`*_~[\]!<>&\n$:@\w]+/y, text, place);
    if (plain) return this.add(plain[0], place + plain[0].length);
    switch (text[place]) {
      case "\n": return this.lineBreak();
      case "\\": return this.escape();
      case "`": return this.code();
      case "&": return this.entity();
      case "<": return this.angle();
      case "$": if (!this.math()) this.add("$", place + 1); return;
      case "*": case "~": return this.run();
      case "_": return this.run();
      case "!":
        if (text[place + 1] !== "[") return this.add("!", place + 1);
        this.brackets.push({ token: this.tokens.length, place: place + 2, runs: this.runs.length, isImage: true });
        return this.add("![", place + 2);
      case "[":
        this.brackets.push({ token: this.tokens.length, place: place + 1, runs: this.runs.length, isImage: false });
        return this.add("[", place + 1);
      case "]": return this.closeBracket();
      default: return this.word();
    }
  }

  word() {
    const { text, place } = this;
    const before = text[place - 1];
    if (before === undefined || /[\s*_~("'[\]:;,<>{}|\u3000-\u303F\uFF00-\uFFEF]/.test(before)) {
      const found = readBareLink(text, place);
      if (found) return this.add({ ...link(found.target, "", [found.text]), isBare: true }, place + found.text.length);
    }
    // An underscore within a word is no delimiter, but its run is read as one.
    const word = at(/[^\W_]+/y, text, place)?.[0] ?? text[place];
    return this.add(word, place + word.length);
  }

  /** A line's end is a line's end, as people who chat mean it. */
  lineBreak() {
    const last = this.tokens.length - 1;
    if (typeof this.tokens[last] === "string") this.tokens[last] = this.tokens[last].replace(/[ \t]{1,1000}$/, "");
    this.add({ tag: "br", children: [] }, this.place + 1 + at(/[ \t]*/y, this.text, this.place + 1)[0].length);
  }

  escape() {
    if (this.math()) return;
    const next = this.text[this.place + 1];
    if (next === "\n") return void this.add("", this.place + 1);
    const isEscaped = next !== undefined && /[!-/:-@[-`{-~]/.test(next);
    this.add(isEscaped ? { text: next } : "\\", this.place + (isEscaped ? 2 : 1));
  }

  /** Adds the TeX that begins here. Returns whether some does. */
  math() {
    const found = this.tex.read(this.place);
    if (found) this.add(found.node, found.end);
    return found !== null;
  }

  code() {
    const marks = at(/`+/y, this.text, this.place)[0];
    const start = this.place + marks.length;
    this.closings ??= closings(this.text);
    const places = this.closings.get(marks.length) ?? [];
    while (places.length && places.at(-1) < start) places.pop();
    if (!places.length) return this.add(marks, start);
    let body = this.text.slice(start, places.at(-1)).replace(/\n/g, " ");
    if (body.trim() && body[0] === " " && body.at(-1) === " ") body = body.slice(1, -1);
    this.add({ tag: "code", children: [body] }, places.at(-1) + marks.length);
  }

  entity() {
    const found = readEntity(this.text, this.place);
    this.add(found ? { text: found.text } : "&", found?.end ?? this.place + 1);
  }

  /** An address in angle brackets, a break, or HTML, which is shown as it was written. */
  angle() {
    const { text, place } = this;
    const address = readAutolink(text, place);
    if (address) return this.add(link(address.target, "", [address.text]), address.end);
    const lineEnd = at(/<br\s*\/?>[ \t]*\n?/iy, text, place);
    if (lineEnd) return this.add({ tag: "br", children: [] }, place + lineEnd[0].length);
    const end = this.htmlEnd();
    this.add(end ? { text: text.slice(place, end) } : "<", end ?? place + 1);
  }

  htmlEnd() {
    const { text, place } = this;
    const forms = [["<!--", "-->"], ["<?", "?>"], ["<![CDATA[", "]]>"], ["<!", ">"]];
    const form = forms.find(([opening]) => text.startsWith(opening, place));
    if (!form) { const found = at(htmlTag, text, place); return found && place + found[0].length; }
    // Once there is none, there is none further on.
    if (this.absent.has(form[1])) return null;
    const end = text.indexOf(form[1], place + 2);
    if (end < 0) this.absent.add(form[1]);
    return end < 0 ? null : end + form[1].length;
  }

  run() {
    const run = readRun(this.text, this.place);
    this.runs.push(run);
    this.add(run, this.place + run.length);
  }

  closeBracket() {
    const bracket = this.brackets.pop();
    const wasDead = bracket && !bracket.isImage && this.brackets.length < this.deadBrackets;
    this.deadBrackets = Math.min(this.deadBrackets, this.brackets.length);
    const found = bracket && !wasDead ? this.target(bracket) : null;
    if (!found) {
      this.hasClosedBracket = true;
      return this.add("]", this.place + 1);
    }
    matchEmphasis(this.runs, bracket.runs);
    this.runs.length = bracket.runs;
    const { tag, attributes } = link(found.target, found.title, []);
    this.tokens[bracket.token] = { begins: tag, attributes };
    // What an image shows without a word is known by where it is.
    if (bracket.isImage && this.tokens.length === bracket.token + 1) this.tokens.push(found.target);
    this.add({ ends: tag }, found.end);
    if (!bracket.isImage) this.deadBrackets = this.brackets.length;
  }

  /** What stands after a bracket, or what its label means. */
  target(bracket) {
    const { text, place } = this;
    if (text[place + 1] === "(") {
      const space = /[ \t]*\n?[ \t]*/y;
      let end = place + 2 + at(space, text, place + 2)[0].length;
      const target = readTarget(text, end);
      if (target) {
        const gap = at(space, text, target.end)[0].length;
        const title = gap ? readTitle(text, target.end + gap) : null;
        end = title ? title.end + at(space, text, title.end)[0].length : target.end + gap;
        if (text[end] === ")") return { target: target.text, title: title?.text ?? "", end: end + 1 };
      }
    }
    if (!this.definitions.size) return null;
    const label = at(/\[((?:[^[\]\\]|\\.){0,999})\]/sy, text, place + 1);
    const own = place - bracket.place < 1000 ? text.slice(bracket.place, place) : "";
    const isOwn = !label?.[1].trim();
    if (isOwn && /(?<!\\)[[\]]/.test(own)) return null;
    const definition = this.definitions.get(labelKey(isOwn ? own : label[1]));
    if (!definition) return null;
    definition.isUsed = true;
    return { ...definition, end: place + 1 + (label && (!isOwn || label[1] === "") ? label[0].length : 0) };
  }
}

/** Where runs of backticks stand, by their lengths, the last first. */
function closings(text) {
  const places = new Map();
  for (const { 0: marks, index } of text.matchAll(/`+/g)) {
    if (!places.has(marks.length)) places.set(marks.length, []);
    places.get(marks.length).push(index);
  }
  for (const list of places.values()) list.reverse();
  return places;
}

/** The nodes that tokens are. A link within a link is its text. */
function tree(tokens) {
  const root = { children: [] };
  const open = [root];
  let links = 0;
  const begin = (tag, attributes) => {
    if (tag === "a") links += 1;
    const node = tag === "a" && links > 1 ? { tag: "span", attributes: { title: attributes.href }, children: [] } : { tag, attributes, children: [] };
    open.at(-1).children.push(node);
    open.push(node);
  };
  const end = (tag) => { if (tag === "a") links -= 1; open.pop(); };
  for (const token of tokens) {
    if (typeof token === "string") open.at(-1).children.push(token);
    else if (token.text !== undefined) open.at(-1).children.push(token.text);
    else if (token.begins) begin(token.begins, token.attributes);
    else if (token.ends) end(token.ends);
    else if (token.mark) {
      token.closes.forEach(end);
      if (token.left) open.at(-1).children.push(token.mark.repeat(token.left));
      token.opens.toReversed().forEach((tag) => begin(tag));
    } else if (token.tag === "a" && links) open.at(-1).children.push(...token.children);
    else open.at(-1).children.push(token);
  }
  return root.children;
}
