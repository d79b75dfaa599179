// Markdown as models write it, made into elements. Text only ever becomes text nodes, and links only lead to
// web pages and mail, so nothing that a model says can run or be fetched.

import { parseBlocks } from "./blocks.js";
import { highlight } from "./highlight.js";
import { parseInlines } from "./inlines.js";
import { cells } from "./table.js";
import { texNode } from "./texspans.js";

const mathTags = new Set(["math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup",
  "munder", "mover", "munderover", "mtable", "mtr", "mtd"]);

/** A fragment for a text. */
export function render(text) {
  const fragment = document.createDocumentFragment();
  fragment.append(...parse(text).map(element));
  return fragment;
}

/** The nodes of a text: texts, and { tag, attributes, children }. */
export function parse(text) {
  const { root, definitions } = parseBlocks(text);
  const nodes = root.children.flatMap((block) => nodesOf(block, definitions, false));
  // A definition that nothing refers to is a text like any other.
  for (const { key, node } of pending(nodes)) {
    if (!definitions.get(key).isUsed) Object.assign(node, { tag: "p" });
  }
  return nodes;
}

function pending(nodes, found = []) {
  for (const node of nodes) {
    if (node.definition) found.push({ key: node.definition, node });
    else if (node.children) pending(node.children, found);
  }
  return found;
}

function nodesOf(block, definitions, isTight) {
  const inline = (text) => parseInlines(text, definitions);
  const inner = () => block.children.flatMap((child) => nodesOf(child, definitions, false));
  switch (block.type) {
    case "paragraph": {
      const children = inline(block.lines.join("\n"));
      return isTight ? children : [{ tag: "p", children }];
    }
    // The page has headings of its own above these.
    case "heading": return [{ tag: `h${Math.min(block.level + 2, 6)}`, attributes: { "data-level": block.level }, children: inline(block.lines.join("\n").trim()) }];
    case "rule": return [{ tag: "hr", children: [] }];
    case "quote": return [{ tag: "blockquote", children: inner() }];
    case "fenced": return [codeBlock(block.lines.join("\n"), block.info)];
    case "indented": return [codeBlock(block.lines.join("\n"), "")];
    case "html": return [{ tag: "p", attributes: { class: "html" }, children: [block.lines.join("\n").replace(/\n+$/, "")] }];
    case "math": return [mathBlock(block.lines.join("\n").trim())];
    case "table": return [table(block, inline)];
    case "list": return [list(block, definitions)];
    case "definition": return [{ definition: block.key, tag: null, children: inline(block.text) }];
    default: return inner();
  }
}

function list(block, definitions) {
  const children = block.children.map((item) => {
    const checkbox = takeCheckbox(item);
    const isTight = !block.isLoose;
    const inner = item.children.flatMap((child) => nodesOf(child, definitions, isTight));
    return { tag: "li", attributes: checkbox ? { class: "task" } : undefined, children: checkbox ? [checkbox, ...inner] : inner };
  });
  const attributes = block.isOrdered && block.first !== 1 ? { start: block.first } : undefined;
  return { tag: block.isOrdered ? "ol" : "ul", attributes, children };
}

/** The box that a task begins with. */
function takeCheckbox(item) {
  const [first] = item.children;
  const match = first?.type === "paragraph" && /^\[([ xX])\][ \t]+(?=\S)/.exec(first.lines[0]);
  if (!match) return null;
  first.lines = [first.lines[0].slice(match[0].length), ...first.lines.slice(1)];
  const isDone = match[1] !== " ";
  return { tag: "input", attributes: { type: "checkbox", disabled: "", "aria-label": isDone ? "done" : "to do", ...(isDone ? { checked: "" } : {}) }, children: [] };
}

function codeBlock(text, info) {
  const language = unescapedWord(info);
  const copy = { tag: "button", attributes: { type: "button", class: "quiet copy-code" }, children: ["Copy"] };
  return {
    tag: "div", attributes: { class: "code" },
    children: [
      { tag: "div", children: [{ tag: "span", children: [language || "text"] }, copy] },
      { tag: "pre", attributes: { tabindex: "0" }, children: [{ tag: "code", children: highlight(text, language) }] },
    ],
  };
}

function unescapedWord(info) { return parseInlines(info.split(/\s/)[0].replace(/[*_~`[\]<]/g, "\\$&"), new Map()).filter((node) => typeof node === "string").join(""); }

/** TeX in lines of its own; what stands after its end goes on as text. */
function mathBlock(source) {
  const [, opening, body, closing] = /^(\$\$|\\\[)([^]*)(\$\$|\\\])[.,;]?$/.exec(source) ?? [];
  const isWhole = opening && (opening === "$$") === (closing === "$$");
  const isEnvironment = /^\\begin\{[^]*\\end\{[a-z]+\*?\}$/.test(source);
  if (isWhole || isEnvironment) return { tag: "p", children: [texNode(source, isWhole ? body : source, true)] };
  return { tag: "p", children: parseInlines(source, new Map()) };
}

function table(block, inline) {
  const row = (text, tag) => {
    const texts = cells(text).slice(0, block.sides.length);
    // Short rows are filled up, unless a table is as wide as nobody writes it.
    while (texts.length < Math.min(block.sides.length, 100)) texts.push("");
    return {
      tag: "tr",
      children: texts.map((cell, column) => ({ tag, attributes: block.sides[column] ? { class: block.sides[column] } : undefined, children: inline(cell) })),
    };
  };
  const [head, ...body] = block.rows;
  const children = [{ tag: "thead", children: [row(head, "th")] }];
  if (body.length) children.push({ tag: "tbody", children: body.map((text) => row(text, "td")) });
  return { tag: "div", attributes: { class: "scroll", tabindex: "0" }, children: [{ tag: "table", children }] };
}

function element(node) {
  if (typeof node === "string") return document.createTextNode(node);
  if (node.tag === null) return document.createDocumentFragment();
  const result = mathTags.has(node.tag)
    ? document.createElementNS("http://www.w3.org/1998/Math/MathML", node.tag) : document.createElement(node.tag);
  for (const [name, value] of Object.entries(node.attributes ?? {})) result.setAttribute(name, value);
  if (node.tag === "a") {
    result.target = "_blank";
    result.rel = "noopener noreferrer nofollow";
  }
  result.append(...node.children.map(element));
  return result;
}
