// The vote on two answers, and how the models stand.

import { judged } from "./messages.js";
import { vote } from "./server.js";
import { settings } from "./settings.js";

/** The letters that stand for the answers while nobody may know whose they are. */
export const letters = ["A", "B"];

/** Two names in random order. */
export function shuffled(names) {
  return crypto.getRandomValues(new Uint8Array(1))[0] % 2 ? [names[1], names[0]] : [names[0], names[1]];
}

/** The row of buttons under two finished answers, or what became of the vote.
 *  @param asked what was answered: { prompt, tools }. */
export function voteRow(turn, asked, changed) {
  const row = document.createElement("div");
  row.className = "vote";
  if (turn.choice === "skipped") {
    row.append(paragraph(`Not voted on. The conversation goes on with answer ${letters[turn.picked]}.`));
    return row;
  }
  if (turn.choice) {
    const goesOn = ["tie", "both_bad"].includes(turn.choice) ? ` The conversation goes on with answer ${letters[turn.picked]}.` : "";
    row.append(paragraph(`Your vote is written down.${goesOn}`));
    if (turn.score) row.append(scoreCard(turn.score));
    return row;
  }
  const [first, second] = turn.answers.map(said);
  const areSame = first === second;
  // Half an answer would teach a model to stop halfway.
  const areWhole = turn.answers.every((answer) => !["stopped", "content_filter"].includes(answer.finish) && !answer.error);
  const hasCut = areWhole && turn.answers.some((answer) => answer.finish === "length");
  if (hasCut) row.append(paragraph("An answer was cut at the token limit: the vote counts, but no model learns from it."));
  row.append(paragraph(
    !areWhole ? "Only whole answers can be compared." : areSame ? "Both answers are the same." : "Which answer is better?"));
  const choices = [["first", `${letters[0]} is better`], ["tie", "Tie"], ["both_bad", "Both bad"], ["second", `${letters[1]} is better`]];
  for (const [choice, label] of choices) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "choice";
    button.dataset.choice = choice;
    button.textContent = label;
    button.disabled = !areWhole || (areSame && !["tie", "both_bad"].includes(choice));
    button.addEventListener("click", async () => {
      row.querySelectorAll("button").forEach((button) => { button.disabled = true; });
      try {
        turn.score = await vote(settings.apiKey, { ...asked, choice, answers: turn.answers.map(judged) });
        turn.choice = choice;
        turn.picked = choice === "second" ? 1 : choice === "first" ? 0 : turn.picked;
        changed();
      } catch (error) {
        changed(error);
      }
    });
    row.append(button);
  }
  const skip = document.createElement("button");
  skip.type = "button";
  skip.className = "quiet";
  skip.textContent = "Skip";
  skip.addEventListener("click", () => { turn.choice = "skipped"; changed(); });
  row.append(skip);
  return row;
}

/** What an answer says and calls; the names of calls are made up. */
function said({ content, calls }) { return JSON.stringify([content, (calls ?? []).map((call) => call.function)]); }

/** How often each model was preferred. */
function scoreCard({ models, ties, votes }) {
  const card = document.createElement("section");
  card.className = "score";
  card.setAttribute("aria-label", "Score");
  const title = document.createElement("h4");
  title.textContent = `After ${votes} ${votes === 1 ? "vote" : "votes"}`;
  const row = document.createElement("div");
  row.className = "row";
  const [first, second] = models;
  const sides = [`${first.model} `, ` ${second.model}`].map((name, index) => {
    const side = document.createElement("span");
    const wins = document.createElement("b");
    wins.textContent = `${models[index].wins}`;
    side.append(...(index ? [wins, name] : [name, wins]));
    return side;
  });
  const middle = document.createElement("span");
  middle.textContent = `${ties} ${ties === 1 ? "tie" : "ties"}`;
  row.append(sides[0], middle, sides[1]);
  const percent = (share) => `${Math.round(share * 100)}%`;
  // The bar leans towards the better one: from the left, the share of the right one.
  const bar = document.createElement("div");
  bar.className = "bar";
  const interval = document.createElement("div");
  interval.className = "interval";
  interval.style.left = `${second.interval[0] * 100}%`;
  interval.style.right = `${100 - second.interval[1] * 100}%`;
  const mark = document.createElement("div");
  mark.className = "share";
  mark.style.left = `${second.share * 100}%`;
  bar.append(interval, mark);
  const said = second.share >= first.share ? second : first;
  card.append(title, row, bar, paragraph(
    `${said.model} wins ${percent(said.share)}, ties counted as half; 95% interval ${percent(said.interval[0])} to ${percent(said.interval[1])}.`));
  return card;
}

function paragraph(text) {
  const node = document.createElement("p");
  node.textContent = text;
  return node;
}
