// The settings and how they are kept.

// What is empty is left to the server.
const defaults = {
  mode: "both", system: "", temperature: "0.7", topP: "", topK: "", minP: "", repetitionPenalty: "", presencePenalty: "",
  frequencyPenalty: "", maxTokens: "", seed: "", stop: "", tools: "", apiKey: "",
};
const dialog = document.getElementById("settings");
const form = dialog.querySelector("form");

/** What is kept in the browser under a name; nothing where that is forbidden or broken. */
export function stored(name, place = localStorage) {
  try { return JSON.parse(place.getItem(`caravan.${name}`)); } catch { return null; }
}

/** Keeps a value; returns whether that worked. */
export function store(name, value, place = localStorage) {
  try { place.setItem(`caravan.${name}`, JSON.stringify(value)); return true; } catch { return false; }
}

/** The settings as texts, as the form has them. */
export const settings = { ...defaults, ...stored("settings") };

/** The fields of a request that the settings are. */
export function options() {
  const number = (text) => (String(text).trim() === "" || !Number.isFinite(Number(text)) ? undefined : Number(text));
  const stops = settings.stop.split("\n").filter(Boolean).map((text) => text.replaceAll("\\n", "\n"));
  return {
    temperature: number(settings.temperature), top_p: number(settings.topP), top_k: number(settings.topK), min_p: number(settings.minP),
    repetition_penalty: number(settings.repetitionPenalty), presence_penalty: number(settings.presencePenalty),
    frequency_penalty: number(settings.frequencyPenalty), max_tokens: number(settings.maxTokens), seed: number(settings.seed),
    stop: stops.length ? stops : undefined, tools: settings.tools.trim() ? toolsIn(settings.tools) ?? undefined : undefined,
  };
}

/** The functions that a text of JSON describes; null where it does not. */
function toolsIn(text) {
  try {
    const tools = JSON.parse(text);
    return Array.isArray(tools) && tools.every((tool) => tool?.function?.name) ? tools : null;
  } catch { return null; }
}

/** Opens the dialog, at the API key where the server wants one. */
export function openSettings(field) {
  show();
  dialog.showModal();
  if (field) form.elements[field].focus();
}

/** Makes the dialog work; `changed` is called when it closes. */
export function connectSettings(changed) {
  document.getElementById("open-settings").addEventListener("click", () => openSettings());
  document.getElementById("reset-settings").addEventListener("click", () => {
    Object.assign(settings, defaults, { apiKey: settings.apiKey });
    show();
  });
  const { stop, tools } = form.elements;
  stop.addEventListener("input", () => stop.setCustomValidity(stop.value.split("\n").filter(Boolean).length > 16 ? "At most 16 texts." : ""));
  tools.addEventListener("input", () => tools.setCustomValidity(
    !tools.value.trim() || toolsIn(tools.value) ? "" : "A JSON list of { \"type\": \"function\", \"function\": { \"name\": … } }."));
  dialog.addEventListener("close", () => {
    // What is not valid does not count.
    for (const name of Object.keys(defaults)) if (form.elements[name].checkValidity()) settings[name] = form.elements[name].value;
    store("settings", settings);
    changed();
  });
  connectTheme();
}

/** Shows what the server does where a setting is empty. */
export function showServerDefaults({ max_tokens: most }) { if (most) form.elements.maxTokens.placeholder = String(most); }

/** Lists who may answer, where there are two. */
export function offerModes(names) {
  const { mode } = form.elements;
  document.getElementById("mode-row").hidden = names.length < 2;
  mode.replaceChildren(new Option("both, side by side and blind", "both"), ...names.map((name) => new Option(name, name)));
  if (!["both", ...names].includes(settings.mode)) settings.mode = "both";
}

function show() { for (const name of Object.keys(defaults)) form.elements[name].value = settings[name]; }

function connectTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const current = () => stored("theme") ?? (dark.matches ? "dark" : "light");
  const apply = () => { document.documentElement.dataset.theme = current(); };
  document.getElementById("theme").addEventListener("click", () => {
    const next = current() === "dark" ? "light" : "dark";
    store("theme", next);
    document.documentElement.dataset.theme = next;
  });
  dark.addEventListener("change", apply);
  apply();
}
