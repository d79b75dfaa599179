// How blocks begin. Each start looks at a line and opens its block, or leaves the line as it is.

import { maximumDepth } from "./blocks.js";
import { takeDefinitions } from "./definitions.js";
import { cells, columns } from "./table.js";

/** Opens the block that begins in a line. Returns whether one does. */
export function begin(parser, line, number) {
  if (line.isBlank) return false;
  const container = parser.open[parser.matched - 1];
  if (line.indent >= 4) {
    // Code does not interrupt a paragraph.
    if (parser.tip.type === "paragraph" || container.type === "table") return false;
    line.skipColumns(4);
    parser.push({ type: "indented", lines: [] }, number);
    return true;
  }
  return starts.some((start) => start(parser, line, number, container));
}

export function isClosingFence(text, fence) {
  const mark = text.trimEnd();
  return mark.length >= fence.length && mark === fence[0].repeat(mark.length);
}

const starts = [quote, heading, fence, math, html, underline, rule, item, table];

function quote(parser, line, number) {
  if (line.first !== ">" || parser.depth > maximumDepth) return false;
  line.skip(1);
  line.skipColumns(1);
  parser.push({ type: "quote", children: [] }, number);
  return true;
}

function heading(parser, line, number) {
  const marks = /^#{1,6}(?=[ \t]|$)/.exec(line.content)?.[0];
  if (!marks) return false;
  let text = line.content.slice(marks.length).trim();
  const closing = /#*$/.exec(text.slice(-99))[0];
  if (closing && (closing.length === text.length || /[ \t]/.test(text.at(-closing.length - 1)))) text = text.slice(0, -closing.length).trim();
  parser.push({ type: "heading", level: marks.length, lines: [text], isDone: true }, number);
  return true;
}

function fence(parser, line, number) {
  const mark = /^(?:`{3,}(?!.*`)|~{3,})/.exec(line.content)?.[0];
  if (!mark) return false;
  const info = line.content.slice(mark.length).trim();
  parser.push({ type: "fenced", fence: mark, indent: line.indent, info, lines: [], isHeld: true }, number);
  return true;
}

function math(parser, line, number) {
  const lastLine = parser.ends(line.content, number);
  if (lastLine === undefined) return false;
  line.skip();
  parser.push({ type: "math", lastLine, lines: [] }, number);
  return true;
}

const attribute = /\s+[a-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?/.source;
/** One whole tag. */
export const tag = new RegExp(`<[a-z][a-z0-9-]*(?:${attribute})*\\s*/?>|</[a-z][a-z0-9-]*\\s*>`, "iy");

// How an HTML block begins, how it ends (null: at a blank line), and whether it interrupts a paragraph.
const kinds = [
  [/^<(?:script|pre|style|textarea)(?:\s|>|$)/i, /<\/(?:script|pre|style|textarea)>/i, true],
  [/^<!--/, /-->/, true], [/^<\?/, /\?>/, true], [/^<![a-z]/i, />/, true], [/^<!\[CDATA\[/, /\]\]>/, true],
  [/^<\/?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?:\s|\/?>|$)/i, null, true],
  [new RegExp(`^(?:${tag.source})\\s*$`, "i"), null, false],
];

function html(parser, line, number) {
  // A break that stands alone is a break.
  if (line.first !== "<" || /^<br\s*\/?>/i.test(line.content)) return false;
  const kind = kinds.find(([first]) => first.test(line.content));
  if (!kind || (!kind[2] && parser.tip.type === "paragraph")) return false;
  parser.push({ type: "html", end: kind[1], lines: [] }, number);
  return true;
}

/** The line under a heading. */
function underline(parser, line, number, container) {
  if (container.type !== "paragraph" || !/^(?:=+|-+)[ \t]*$/.test(line.content)) return false;
  // Link definitions alone are no heading's text.
  const found = takeDefinitions(container, parser.definitions);
  if (container.lines.length) {
    parser.replaceParagraph({ type: "heading", level: line.first === "=" ? 1 : 2, lines: container.lines, isDone: true }, found, number);
    return true;
  }
  container.lines = found.flatMap((definition) => definition.text.split("\n"));
  return false;
}

function isRule(text) {
  const marks = text.replace(/[ \t]/g, "");
  return marks.length >= 3 && "-_*".includes(marks[0]) && marks === marks[0].repeat(marks.length);
}

function rule(parser, line, number) {
  if (!isRule(line.content)) return false;
  parser.push({ type: "rule", lines: [], isDone: true }, number);
  return true;
}

function item(parser, line, number, container) {
  if (parser.depth > maximumDepth) return false;
  const match = /^(?:[-+*]|(\d{1,9})[.)])(?=[ \t]|$)/.exec(line.content);
  if (!match) return false;
  const [mark, digits] = match;
  const isEmpty = !line.content.slice(mark.length).trim();
  // Within a paragraph, "1986. A great year" begins no list, and neither does a lone dash.
  if (container.type === "paragraph" && (isEmpty || (digits !== undefined && Number(digits) !== 1))) return false;
  const indent = line.indent;
  line.skip(mark.length);
  const spaces = line.isBlank || line.indent > 4 ? 1 : line.indent;
  line.skipColumns(spaces);
  const list = container.type === "list" ? container : undefined;
  if (list?.kind !== mark.at(-1) || list.isOrdered !== (digits !== undefined)) {
    if (list) parser.matched -= 1;
    parser.push({ type: "list", kind: mark.at(-1), isOrdered: digits !== undefined, first: Number(digits), children: [] }, number);
  }
  parser.push({ type: "item", width: indent + mark.length + spaces, children: [] }, number);
  return true;
}

function table(parser, line, number, container) {
  if (container.type !== "paragraph" || !/^[|:\- \t]+$/.test(line.content)) return false;
  const sides = columns(line.content);
  const head = container.lines.at(-1);
  if (!sides || (!line.content.includes("|") && !head.includes("|")) || cells(head).length !== sides.length) return false;
  const earlier = container.lines.length > 1 ? [{ ...container, lines: container.lines.slice(0, -1), last: number - 2 }] : [];
  parser.replaceParagraph({ type: "table", sides, rows: [head], lines: [], isHeld: true }, earlier, number);
  return true;
}
