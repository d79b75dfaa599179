// Link definitions at the beginning of a paragraph: [label]: target "title"

import { at, labelKey, readTarget, readTitle } from "./targets.js";

/** Takes definitions off a paragraph's lines and puts them with the others; returns them as blocks. */
export function takeDefinitions(paragraph, definitions) {
  const found = [];
  if (paragraph.lines[0][0] !== "[") return found;
  const text = paragraph.lines.join("\n");
  let place = 0;
  while (text[place] === "[") {
    const definition = read(text, place);
    if (!definition) break;
    const block = {
      type: "definition", key: definition.key, text: text.slice(place, definition.end).trimEnd(), start: paragraph.start, last: paragraph.last,
    };
    if (!definitions.has(definition.key)) definitions.set(definition.key, { ...definition, isUsed: false });
    found.push(block);
    place = definition.end;
  }
  if (found.length) paragraph.lines = place < text.length ? text.slice(place).split("\n") : [];
  return found;
}

function read(text, place) {
  // A label that begins with ^ is a footnote's.
  const label = /\[(?!\^)((?:[^[\]\\]|\\.){1,999})\]:[ \t]*\n?[ \t]*/sy;
  label.lastIndex = place;
  const match = label.exec(text);
  if (!match || !match[1].trim()) return null;
  const target = readTarget(text, label.lastIndex);
  if (!target || target.end === label.lastIndex) return null;
  const lineEnd = (from) => at(/[ \t]*(?:\n|$)/y, text, from)?.[0].length;
  const gap = at(/[ \t]*\n?[ \t]*/y, text, target.end)[0];
  const title = gap ? readTitle(text, target.end + gap.length) : null;
  for (const [end, value] of title ? [[title.end, title.text], [target.end, ""]] : [[target.end, ""]]) {
    const rest = lineEnd(end);
    if (rest !== undefined) return { key: labelKey(match[1]), target: target.text, title: value, end: end + rest };
  }
  return null;
}
