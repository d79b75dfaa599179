// The tools that an answer calls.

import { node } from "./dom.js";

/** Adds what came of calls to those that there are: a call may come in parts, each with the call's place. */
export function addCalls(calls, parts) {
  for (const { index = calls.length, id, function: part = {} } of parts) {
    const call = (calls[index] ??= { id, type: "function", function: { name: "", arguments: "" } });
    call.function.name += part.name ?? "";
    call.function.arguments += part.arguments ?? "";
  }
}

/** A block for each call, to be opened for its arguments, or open where calls are to be compared. */
export function callViews(calls, isOpen = false) {
  return calls.map(({ function: { name, arguments: text } }) => {
    const view = node("details", "call");
    view.open = isOpen;
    const summary = node("summary", "", "Calls ");
    summary.append(node("code", "", name));
    const body = node("pre");
    body.tabIndex = 0;
    body.append(node("code", "", laidOut(text)));
    view.append(summary, body);
    return view;
  });
}

/** JSON with a line for each value; while it is not whole, as it came. */
function laidOut(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}
