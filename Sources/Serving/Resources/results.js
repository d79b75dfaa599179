// What came of an answer's calls: a person says it, in the tools' place.

import { button, node } from "./dom.js";

/** What is to be said of the calls of an answer, { id, name, arguments, content } each; none where they may be half calls. */
export function resultsFor({ calls, finish, error }) {
  const areWhole = ["tool_calls", "stop", "length"].includes(finish) && !error;
  return !areWhole ? [] : (calls ?? []).map(({ id, function: { name, arguments: given } }) => ({ id, name, arguments: given, content: "" }));
}

/** A field for each result; what is typed goes into it at once, so that it outlives the fields.
 *  @param send called when all are to be sent.
 *  @param cancel called when they are to stay as they were; without it there is no such button. */
export function resultForm(results, send, cancel) {
  const form = node("form", "results");
  for (const result of results) {
    const label = node("label", "", "Result of ");
    label.append(node("code", "", `${result.name} ${result.arguments}`));
    const field = node("textarea");
    field.rows = 2;
    field.required = true;
    field.value = result.content;
    field.addEventListener("input", () => { result.content = field.value; });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
      if (event.key === "Escape" && cancel) { event.stopPropagation(); cancel(); }
    });
    label.append(field);
    form.append(label);
  }
  const tools = node("div", "tools");
  if (cancel) tools.append(button("Cancel", "quiet", cancel));
  tools.append(button(results.length === 1 ? "Send result" : "Send results", "strong", () => form.requestSubmit()));
  form.append(tools);
  form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  return form;
}

/** The results as they were sent. */
export function resultViews(results) {
  return results.map(({ name, content }) => {
    const view = node("div", "bubble");
    const title = node("p", "note", "Result of ");
    title.append(node("code", "", name));
    view.append(title, content);
    return view;
  });
}
