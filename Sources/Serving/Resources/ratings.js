// Good or bad: what a person says of one answer.

import { button } from "./dom.js";
import { judged } from "./messages.js";
import { rate } from "./server.js";
import { settings } from "./settings.js";

const thumb = "M7 9v8H4V9zl3-6c1.400 0 2 1 2 2l-.500 3H16a1.500 1.500 0 0 1 1.500 1.800l-1.200 5.700a2 2 0 0 1-2 1.500H7";
const labels = { good: "Good", bad: "Bad" };

/** The two buttons under a whole answer: a second press takes the rating back.
 *  @param asked what was answered: { prompt, tools }.
 *  @param changed called with what to say, or with an error, when the rating is written down or could not be. */
export function ratingButtons(answer, asked, changed) {
  const isWhole = ["stop", "length", "tool_calls"].includes(answer.finish) && !answer.error && (answer.content || answer.calls?.length);
  if (!isWhole) return [];
  const buttons = Object.entries(labels).map(([rating, label]) => {
    const isPressed = answer.rating?.rating === rating;
    const result = button(label, "quiet rating", async () => {
      for (const each of buttons) each.disabled = true;
      try { changed(await send(answer, asked, isPressed ? "none" : rating), rating); } catch (error) { changed(error, rating); }
    });
    result.dataset.rating = rating;
    result.setAttribute("aria-pressed", isPressed);
    if (answer.finish === "length") result.title = "The answer was cut at the token limit: no model learns from its rating.";
    result.prepend(icon());
    return result;
  });
  return buttons;
}

/** Sends a rating in the place of the one before; returns what to say. */
async function send(answer, asked, rating) {
  const body = { rating, ...asked, answer: judged(answer) };
  try {
    const { id } = await rate(settings.apiKey, answer.rating ? { ...body, id: answer.rating.id } : body);
    if (rating === "none") delete answer.rating; else answer.rating = { id, rating };
  } catch (error) {
    if (error.code !== "rating_not_found") throw error;
    // The server writes into another file by now.
    delete answer.rating;
    if (rating !== "none") return send(answer, asked, rating);
  }
  return rating === "none" ? "The rating is taken back" : `Rated ${rating}`;
}

function icon() {
  const [image, path] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
  image.setAttribute("viewBox", "0 0 20 20");
  image.setAttribute("aria-hidden", "true");
  path.setAttribute("d", thumb);
  image.append(path);
  return image;
}
