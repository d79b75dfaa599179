// Where links lead: targets, titles and labels as CommonMark writes them.

import { unescape } from "./entities.js";

/** A link's label, as two of them are compared. */
export function labelKey(label) { return label.trim().replace(/\s+/g, " ").toLowerCase().toUpperCase(); }

/** A target at a place: { text, end }. */
export function readTarget(text, place) {
  if (text[place] === "<") {
    const match = at(/<((?:[^<>\n\\]|\\.)*)>/y, text, place);
    return match && { text: unescape(match[1]), end: place + match[0].length };
  }
  let depth = 0;
  let end = place;
  for (; end < text.length; end += 1) {
    const character = text[end];
    if (character === "\\" && /[!-/:-@[-`{-~]/.test(text[end + 1] ?? "")) end += 1;
    else if (character === "(") { depth += 1; if (depth > 32) return null; }
    else if (character === ")") { if (depth === 0) break; depth -= 1; }
    else if (character <= " " || character === "\x7F") break;
  }
  return depth === 0 ? { text: unescape(text.slice(place, end)), end } : null;
}

/** A title at a place, in quotes or parentheses: { text, end }. */
export function readTitle(text, place) {
  const forms = { "\"": /"((?:[^"\\]|\\.)*)"/sy, "'": /'((?:[^'\\]|\\.)*)'/sy, "(": /\(((?:[^()\\]|\\.)*)\)/sy };
  const match = forms[text[place]] && at(forms[text[place]], text, place);
  return match && !/\n[ \t]*\n/.test(match[0]) ? { text: unescape(match[1]), end: place + match[0].length } : null;
}

/** What an expression that sticks finds at a place. */
export function at(expression, text, place) {
  expression.lastIndex = place;
  return expression.exec(text);
}

/** The address where a target leads to the web or to mail; nothing else may be followed. */
export function harmless(target) {
  let url;
  // A browser would take a backslash for a slash.
  try { url = new URL(target.replaceAll("\\", "%5C")); } catch { return null; }
  return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
}
