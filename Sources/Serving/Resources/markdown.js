// Markdown as models write it, made into elements. Text only ever becomes text nodes, and links only lead to
// web pages and mail, so nothing that a model says can run or be fetched.

const maximumDepth = 12;

/** A fragment for a text. */
export function render(text) {
  const fragment = document.createDocumentFragment();
  blocks(text.replace(/\r\n?/g, "\n").split("\n"), fragment, 0);
  return fragment;
}

const fence = /^( {0,3})(`{3,}|~{3,})\s*([^`]*)$/;
const item = /^( {0,3})([-*+]|\d{1,9}[.)])( +|$)(.*)$/;
const rule = /^ {0,3}([-*_])( *\1){2,} *$/;
const heading = /^ {0,3}(#{1,6})(?: +(.*?))?(?: +#+)? *$/;
const delimiter = /^ *\|?( *:?-+:? *\|)+( *:?-+:? *)?\|? *$/;

function blocks(lines, parent, depth) {
  if (depth > maximumDepth) return void parent.append(element("p", lines.join("\n")));
  let index = 0;
  while (index < lines.length) {
    const line = lines[index];
    let match;
    if (!line.trim()) {
      index += 1;
    } else if ((match = line.match(fence))) {
      index = code(lines, index, match, parent);
    } else if ((match = line.match(heading))) {
      // The page has headings of its own above these.
      const title = element(`h${Math.min(match[1].length + 2, 6)}`);
      inline(match[2] ?? "", title, 0);
      parent.append(title);
      index += 1;
    } else if (rule.test(line)) {
      parent.append(element("hr"));
      index += 1;
    } else if (/^ {0,3}>/.test(line)) {
      const quoted = [];
      while (index < lines.length && /^ {0,3}>/.test(lines[index])) quoted.push(lines[index++].replace(/^ {0,3}> ?/, ""));
      const quote = element("blockquote");
      blocks(quoted, quote, depth + 1);
      parent.append(quote);
    } else if (item.test(line)) {
      index = list(lines, index, parent, depth);
    } else if (line.includes("|") && index + 1 < lines.length && delimiter.test(lines[index + 1])) {
      index = table(lines, index, parent);
    } else {
      const start = index;
      index += 1;
      while (index < lines.length && lines[index].trim() && !interrupts(lines[index])) index += 1;
      const paragraph = element("p");
      inline(lines.slice(start, index).join("\n"), paragraph, 0);
      parent.append(paragraph);
    }
  }
}

/** Whether a line ends the paragraph before it. */
function interrupts(line) {
  const match = line.match(item);
  return fence.test(line) || heading.test(line) || rule.test(line) || /^ {0,3}>/.test(line)
    || (match !== null && match[4] !== "" && (!/^\d/.test(match[2]) || /^1[.)]$/.test(match[2])));
}

function code(lines, index, [, , mark, info], parent) {
  const body = [];
  for (index += 1; index < lines.length; index += 1) {
    const line = lines[index].trim();
    if (line.length >= mark.length && line === mark[0].repeat(line.length)) { index += 1; break; }
    body.push(lines[index]);
  }
  const block = element("div");
  block.className = "code";
  const bar = element("div");
  const copy = element("button", "Copy");
  copy.type = "button";
  copy.className = "quiet copy-code";
  bar.append(element("span", info.trim().split(/\s/)[0] || "text"), copy);
  const pre = element("pre");
  pre.tabIndex = 0;
  pre.append(element("code", body.join("\n")));
  block.append(bar, pre);
  parent.append(block);
  return index;
}

function list(lines, index, parent, depth) {
  const [, , first] = lines[index].match(item);
  const isOrdered = /\d/.test(first);
  const kind = first.at(-1);
  const node = element(isOrdered ? "ol" : "ul");
  if (isOrdered && parseInt(first, 10) !== 1) node.start = parseInt(first, 10);
  while (index < lines.length) {
    const match = lines[index].match(item);
    if (!match || rule.test(lines[index]) || match[2].at(-1) !== kind || /\d/.test(match[2]) !== isOrdered) break;
    const indent = match[1].length + match[2].length + Math.min(match[3].length || 1, 4);
    const content = [match[4]];
    index += 1;
    while (index < lines.length) {
      const line = lines[index];
      const isIndented = line.search(/\S/) >= Math.min(indent, 2);
      if (!line.trim()) {
        // A blank line belongs to the item only if more of the item follows.
        const next = lines.slice(index + 1, index + 3).find((line) => line.trim());
        if (next === undefined || next.search(/\S/) < Math.min(indent, 2)) break;
      } else if (!isIndented && (item.test(line) || interrupts(line) || !lines[index - 1].trim())) {
        break;
      }
      content.push(line.replace(new RegExp(`^ {0,${indent}}`), ""));
      index += 1;
    }
    const entry = element("li");
    blocks(content, entry, depth + 1);
    node.append(entry);
    // Items may have a blank line between them.
    if (index + 1 < lines.length && !lines[index].trim() && item.test(lines[index + 1])) index += 1;
  }
  parent.append(node);
  return index;
}

function table(lines, index, parent) {
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replace(/\\\|/g, "|"));
  const sides = cells(lines[index + 1]).map((cell) => (/^:.*:$/.test(cell) ? "middle" : cell.endsWith(":") ? "end" : ""));
  const node = element("table");
  const row = (line, tag) => {
    const tr = element("tr");
    cells(line).slice(0, sides.length).forEach((text, column) => {
      const cell = element(tag);
      cell.className = sides[column];
      inline(text, cell, 0);
      tr.append(cell);
    });
    return tr;
  };
  const head = element("thead");
  head.append(row(lines[index], "th"));
  const body = element("tbody");
  for (index += 2; index < lines.length && lines[index].includes("|"); index += 1) body.append(row(lines[index], "td"));
  node.append(head, body);
  const scroll = element("div");
  scroll.className = "scroll";
  scroll.append(node);
  parent.append(scroll);
  return index;
}

const spans = new RegExp(
  [
    /\\(?<escaped>[!-/:-@[-`{-~])/,
    /(?<ticks>`+)(?<code>[^`]|[^`][^]*?[^`])\k<ticks>(?!`)/,
    /\*\*(?=\S)(?<strong>[^]*?\S)\*\*(?!\*)/,
    /(?<!\w)__(?=\S)(?<strong2>[^]*?\S)__(?!\w)/,
    /\*(?=[^\s*])(?<em>[^]*?[^\s*])\*(?!\*)/,
    /(?<!\w)_(?=[^\s_])(?<em2>[^]*?[^\s_]|[^\s_])_(?!\w)/,
    /~~(?=\S)(?<del>[^]*?\S)~~/,
    /!?\[(?<label>[^[\]]*(?:\[[^[\]]*\][^[\]]*)*)\]\(\s*<?(?<target>[^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+["'(][^]*?["')])?\s*\)/,
    /(?<bare>https?:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}*_~])/,
    /(?<break> {2,}\n|\\\n)/,
  ].map((part) => part.source).join("|"), "gu");

function inline(text, parent, depth) {
  // Longer ones would take the patterns too long; no paragraph of prose is.
  if (depth > maximumDepth || text.length > 20000) return void parent.append(text);
  let end = 0;
  for (const match of text.matchAll(spans)) {
    parent.append(text.slice(end, match.index));
    end = match.index + match[0].length;
    const found = match.groups;
    const nest = (tag, inner) => {
      const node = element(tag);
      inline(inner, node, depth + 1);
      parent.append(node);
    };
    if (found.escaped !== undefined) parent.append(found.escaped);
    else if (found.code !== undefined) parent.append(element("code", found.code.replace(/\n/g, " ").replace(/^ (.+) $/, "$1")));
    else if (found.strong !== undefined || found.strong2 !== undefined) nest("strong", found.strong ?? found.strong2);
    else if (found.em !== undefined || found.em2 !== undefined) nest("em", found.em ?? found.em2);
    else if (found.del !== undefined) nest("del", found.del);
    else if (found.break !== undefined) parent.append(element("br"));
    else if (found.bare !== undefined) parent.append(link(found.bare, (node) => node.append(found.bare)));
    else parent.append(link(found.target, (node) => inline(found.label, node, depth + 1)));
  }
  parent.append(text.slice(end));
}

/** A link where it leads somewhere harmless, else its text alone; images too, which are not fetched. */
function link(target, fill) {
  let url;
  try { url = new URL(target); } catch { /* Not a whole address. */ }
  const isHarmless = url !== undefined && ["http:", "https:", "mailto:"].includes(url.protocol);
  const node = element(isHarmless ? "a" : "span");
  if (isHarmless) {
    node.href = url.href;
    node.target = "_blank";
    node.rel = "noopener noreferrer nofollow";
  }
  fill(node);
  return node;
}

function element(tag, text) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  return node;
}
