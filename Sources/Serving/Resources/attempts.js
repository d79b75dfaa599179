// The answers that a turn had before Retry.

import { callViews } from "./calls.js";
import { letters } from "./comparison.js";
import { node } from "./dom.js";
import { render } from "./markdown.js";

const verdicts = { tie: "Tie", both_bad: "Both bad", skipped: "Not voted on" };

/** Puts a turn's answers, if they say something, among its attempts: { answers, choice }. */
export function setAside(turn) {
  const { answers, choice } = turn;
  if (answers.some(({ content, calls }) => content || calls?.length)) (turn.attempts ??= []).push({ answers, choice });
}

/** The attempts, folded; nothing where there are none.
 *  @param isBlind whether nobody may know yet whose an answer is: a writer is known by the style. */
export function attemptsView(attempts, isBlind) {
  if (!attempts?.length) return [];
  const view = node("details", "attempts");
  const isPair = attempts[0].answers.length === 2;
  const one = isPair ? "Earlier answers" : "An earlier answer";
  view.append(node("summary", "", attempts.length === 1 ? one : `${attempts.length} earlier attempts`));
  for (const { answers, choice } of attempts) {
    const isOne = answers.length === 1;
    const row = node("div", isOne ? "attempt" : "attempt two");
    answers.forEach((answer, place) => {
      const side = node("section");
      if (!isOne) side.append(node("h4", "", isBlind ? `Answer ${letters[place]}` : `${letters[place]} was ${answer.model}`));
      const text = node("div", "text");
      text.append(render(answer.content), ...callViews(answer.calls ?? []));
      side.append(text);
      row.append(side);
    });
    if (verdicts[choice]) row.append(node("p", "note", `${verdicts[choice]}.`));
    view.append(row);
  }
  return [view];
}
