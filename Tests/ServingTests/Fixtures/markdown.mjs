// The page's Markdown without a page: node markdown.mjs FOLDER reads a list of texts, and writes the HTML of each.
// With `times` after the folder it writes how many milliseconds each takes instead.

import { readFileSync } from "node:fs";

// What the browser knows and Node does not: the names of entities.
const entities = {
  amp: "&", lt: "<", gt: ">", quot: "\"", copy: "©", nbsp: "\u00a0", hellip: "…", mdash: "—", ndash: "–", eacute: "é", frac12: "½",
  times: "×", le: "≤",
};
globalThis.document = {
  createElement: () => ({ set innerHTML(text) { this.value = entities[text.slice(1, -1)] ?? text; } }),
};

const [, , folder, mode] = process.argv;
const { parse } = await import(`${folder}/markdown.js`);
const texts = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => (mode === "times" ? milliseconds(text) : parse(text).map(html).join("")))));

function milliseconds(text) {
  const start = performance.now();
  parse(text);
  return performance.now() - start;
}

/** A node as cmark would write it: without what only the page needs. */
function html(node) {
  if (typeof node === "string") return escaped(node);
  const { tag, attributes = {}, children } = node;
  const inner = () => children.map(html).join("");
  if (tag === null || tag === "button") return "";
  if (tag === "math") return "M";
  if (tag === "span" || attributes.class === "scroll") return inner();
  if (attributes.class === "code") {
    const language = html(children[0].children[0]);
    return `<pre><code${language === "text" ? "" : ` lang="${language}"`}>${html(children[1].children[0]).slice(6, -7)}</code></pre>`;
  }
  const name = attributes["data-level"] ? `h${attributes["data-level"]}` : tag;
  const side = { end: "right", middle: "center", start: "left" }[attributes.class];
  const shown = { ...(side ? { align: side } : {}) };
  for (const key of ["checked", "href", "start", "title"]) if (key in attributes) shown[key] = String(attributes[key]);
  const start = `<${name}${Object.entries(shown).map(([key, value]) => ` ${key}="${escaped(value)}"`).join("")}>`;
  return ["br", "hr", "input"].includes(tag) ? start : `${start}${inner()}</${name}>`;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;");
}
