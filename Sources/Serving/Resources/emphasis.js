// Emphasis, by CommonMark's rules for runs of delimiters, and GFM's strikethrough.

import { at } from "./targets.js";

const space = /^$|\s/u;
const punctuation = /[\p{P}\p{S}]/u;
// Chinese and Japanese have no spaces: beside their characters a run is as free as beside punctuation.
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303F\uFF00-\uFFEF]/u;

/** The run of delimiters at a place, with nothing matched yet. */
export function readRun(text, place) {
  const mark = text[place];
  const { length } = at(new RegExp(`\\${mark}+`, "y"), text, place)[0];
  const before = lastCharacter(text, place);
  const after = String.fromCodePoint(...[text.codePointAt(place + length)].filter((code) => code !== undefined));
  const isFree = (character) => space.test(character) || punctuation.test(character) || unspaced.test(character);
  const isLeft = !space.test(after) && (!punctuation.test(after) || isFree(before));
  const isRight = !space.test(before) && (!punctuation.test(before) || isFree(after));
  const isWithinWord = isLeft && isRight && (mark === "_" || (mark === "~" && length === 1));
  return {
    mark, length, left: length, opens: [], closes: [],
    canOpen: isLeft && (!isWithinWord || (mark === "_" && punctuation.test(before))) && (mark !== "~" || length < 3),
    canClose: isRight && (!isWithinWord || (mark === "_" && punctuation.test(after))) && (mark !== "~" || length < 3),
  };
}

function lastCharacter(text, place) {
  if (place === 0) return "";
  const isPair = place > 1 && /[\uDC00-\uDFFF]/.test(text[place - 1]);
  return isPair ? text.slice(place - 2, place) : text[place - 1];
}

/** Matches the runs from one on: each gets the tags that it closes and opens. */
export function matchEmphasis(runs, first) {
  const previous = [];
  for (let index = first; index < runs.length; index += 1) previous[index] = index - 1;
  // Below these no opener is left, by what a closer asks for; so no part is searched twice.
  const floors = new Map();
  for (let index = first; index < runs.length; index += 1) {
    const closer = runs[index];
    while (closer.canClose && closer.left) {
      const kind = `${closer.mark}${closer.canOpen}${closer.mark === "~" ? closer.length : closer.length % 3}`;
      const floor = floors.get(kind) ?? first - 1;
      let place = previous[index];
      while (place > floor && !matches(runs[place], closer)) place = previous[place];
      if (place <= floor) {
        floors.set(kind, index - 1);
        break;
      }
      const opener = runs[place];
      const count = closer.mark === "~" ? closer.left : Math.min(opener.left, closer.left, 2);
      const tag = closer.mark === "~" ? "del" : count === 2 ? "strong" : "em";
      opener.left -= count;
      closer.left -= count;
      opener.opens.push(tag);
      closer.closes.push(tag);
      // What stands between them is settled.
      previous[index] = opener.left ? place : previous[place];
    }
    if (!closer.canOpen || !closer.left) {
      if (index + 1 < runs.length) previous[index + 1] = closer.canOpen && closer.left ? index : previous[index];
    }
  }
}

function matches(opener, closer) {
  if (!opener.canOpen || !opener.left || opener.mark !== closer.mark) return false;
  if (closer.mark === "~") return opener.length === closer.length;
  const isOdd = (opener.canClose || closer.canOpen) && (opener.length + closer.length) % 3 === 0;
  return !isOdd || (opener.length % 3 === 0 && closer.length % 3 === 0);
}
