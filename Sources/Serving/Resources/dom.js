// Elements, in a line each.

export function node(tag, className = "", text) {
  const result = document.createElement(tag);
  if (className) result.className = className;
  if (text !== undefined) result.textContent = text;
  return result;
}

export function button(label, className, action) {
  const result = node("button", className, label);
  result.type = "button";
  result.addEventListener("click", action);
  return result;
}

/** Copies a text, and says so on the button for a moment. */
export async function copy(text, target) {
  const label = target.textContent;
  try { await navigator.clipboard.writeText(text); target.textContent = "Copied"; } catch { target.textContent = "Not allowed"; }
  setTimeout(() => { target.textContent = label; }, 1500);
}
