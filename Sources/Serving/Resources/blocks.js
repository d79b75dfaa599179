// The blocks of a Markdown text, by CommonMark's way of parsing: line by line, against the blocks that are open.
//
// A block is { type, children } or { type, lines }, and has what its type needs besides.

import { Line } from "./line.js";
import { begin, isClosingFence } from "./starts.js";
import { mathEnds } from "./mathlines.js";
import { takeDefinitions } from "./definitions.js";

/** Deeper quotes and lists than anybody reads are text. */
export const maximumDepth = 40;

/** The blocks of a text, and its link definitions: label → { target, title }. */
export function parseBlocks(text) {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\0/g, "\uFFFD").replace(/\n$/, "").split("\n");
  const parser = new Parser(lines);
  lines.forEach((line, number) => parser.take(new Line(line), number));
  while (parser.open.length) parser.close(lines.length - 1);
  return { root: parser.root, definitions: parser.definitions };
}

class Parser {
  constructor(lines) {
    this.root = { type: "root", children: [], start: 0 };
    this.open = [this.root];
    this.definitions = new Map();
    this.ends = mathEnds(lines);
  }

  get tip() { return this.open.at(-1); }
  get depth() { return this.open.length; }

  take(line, number) {
    this.number = number;
    let matched = 1;
    while (matched < this.open.length && goesOn(this.open[matched], line, number)) matched += 1;
    const leaf = this.open[matched - 1];
    if (leaf.isDone) return this.closeTo(matched - 1, number);
    if (matched === this.open.length && isVerbatim(leaf)) return this.addLine(leaf, line, number);

    // The blocks that did not go on close when something else begins; a paragraph may go on lazily.
    this.matched = matched;
    while (!isVerbatim(this.open[this.matched - 1]) && begin(this, line, number)) {
      if (this.tip.isDone) return this.closeTo(this.depth - 1, number);
      if (this.tip.lines) {
        if (!this.tip.isHeld) this.addLine(this.tip, line, number);
        return;
      }
    }
    const container = this.open[this.matched - 1];
    if (!line.isBlank && this.matched < this.depth && this.tip.type === "paragraph") return this.addLine(this.tip, line, number);
    this.closeTo(this.matched, number - 1);
    if (line.isBlank) return;
    if (container.type === "table") container.rows.push(line.content);
    else if (container.type === "paragraph") this.addLine(container, line, number);
    else this.addLine(this.push({ type: "paragraph", lines: [] }, number), line, number);
  }

  addLine(leaf, line, number) {
    leaf.lines.push(leaf.type === "paragraph" ? line.content : line.rest);
    if (leaf.end?.test?.(line.rest)) this.closeTo(this.open.indexOf(leaf), number);
  }

  /** Opens a block within what matched. */
  push(block, number) {
    this.closeTo(this.matched, number - 1);
    while (!this.tip.children || (this.tip.type === "list") !== (block.type === "item")) this.close(number - 1);
    block.start = number;
    this.tip.children.push(block);
    this.open.push(block);
    this.matched = this.open.length;
    return block;
  }

  closeTo(depth, number) { while (this.open.length > depth) this.close(number); }

  close(number) {
    const block = this.open.pop();
    block.last = block.type === "list" || block.type === "item" ? block.children.at(-1)?.last ?? block.start : number;
    if (block.type === "indented") {
      while (block.lines.length && !block.lines.at(-1).trim()) { block.lines.pop(); block.last -= 1; }
    } else if (block.type === "list") {
      block.isLoose = block.children.some((item, index) =>
        isApart(item, block.children[index + 1]) || item.children.some((child, place) => isApart(child, item.children[place + 1])));
    } else if (block.type === "paragraph") {
      const siblings = this.tip.children;
      const found = takeDefinitions(block, this.definitions);
      if (found.length) siblings.splice(siblings.indexOf(block), 1, ...found, ...(block.lines.length ? [block] : []));
    }
  }

  /** Makes the paragraph that is open something else, after what is left of it. */
  replaceParagraph(block, earlier, number) {
    const paragraph = this.open.pop();
    this.tip.children.splice(-1, 1, ...earlier, block);
    block.start = earlier.length ? number - 1 : paragraph.start;
    this.open.push(block);
    this.matched = this.open.length;
  }
}

function isApart(block, next) { return next !== undefined && block.last !== next.start - 1; }

function isVerbatim(block) { return ["fenced", "indented", "html", "math"].includes(block.type); }

/** Whether a block that is open goes on in a line; reads what marks it. */
function goesOn(block, line, number) {
  switch (block.type) {
    case "quote":
      if (line.indent > 3 || line.first !== ">") return false;
      line.skip(1);
      line.skipColumns(1);
      return true;
    case "item":
      if (line.isBlank) { if (!block.children.length) return false; line.skip(); return true; }
      if (line.indent < block.width) return false;
      line.skipColumns(block.width);
      return true;
    case "fenced":
      block.isDone = line.indent <= 3 && isClosingFence(line.content, block.fence);
      if (!block.isDone) line.skipColumns(block.indent);
      return true;
    case "indented":
      if (line.indent < 4 && !line.isBlank) return false;
      line.skipColumns(4);
      return true;
    case "html": return !(line.isBlank && block.end === null);
    case "math": return number <= block.lastLine;
    case "paragraph": case "table": return !line.isBlank;
    case "list": return true;
    default: return false;
  }
}
