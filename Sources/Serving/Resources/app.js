// Puts the page together.

import { Conversation } from "./chat.js";
import { Conversations } from "./conversations.js";
import { models, ratings } from "./server.js";
import { connectSettings, offerModes, openSettings, settings, showServerDefaults } from "./settings.js";

const form = document.getElementById("composer");
const message = document.getElementById("message");
const send = document.getElementById("send");
const stop = document.getElementById("stop");
const notice = document.getElementById("notice");
let isReady = false;

const conversations = new Conversations((chat) => conversation.show(chat));
const conversation = new Conversation(update, conversations);
connectSettings(async () => {
  if (!isReady) await meet();
  conversation.draw();
  greet();
  update();
});
await meet();

/** Asks who answers here. */
async function meet() {
  try {
    const found = await models(settings.apiKey);
    conversation.names = found.map((model) => model.id).slice(0, 2);
    conversation.takesRatings = (await ratings(settings.apiKey)).taken;
    showServerDefaults(found[0]);
    isReady = true;
    offerModes(conversation.names);
    document.getElementById("models").textContent = conversation.names.join(" and ");
    conversation.draw();
    greet();
    update();
  } catch (error) {
    update(error);
  }
}

function greet() {
  const compares = conversation.names.length === 2 && settings.mode === "both";
  document.getElementById("greeting").textContent = compares ? "Which answers better?" : "What shall we talk about?";
  document.getElementById("hint").textContent = compares
    ? "Two assistants answer, and you do not know which is which. Vote for the better answer to see who gave it."
    : "";
}

/** Brings buttons and notices up to date. */
function update(error) {
  send.hidden = conversation.isRunning;
  stop.hidden = !conversation.isRunning;
  send.disabled = !isReady || conversation.awaitsVote;
  message.placeholder = conversation.awaitsVote && !conversation.isRunning ? "Vote, or skip, to go on" : "Ask anything";
  notice.hidden = !error;
  if (error) notice.textContent = error.message;
  if (error?.status === 401 && !document.getElementById("settings").open) openSettings("apiKey");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = message.value;
  if (!text.trim() || send.disabled || conversation.isRunning) return;
  message.value = "";
  resize();
  conversation.say({ user: text });
});

message.addEventListener("keydown", (event) => {
  // While a character is being composed, Enter belongs to the input method.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && conversation.isRunning && !document.querySelector("dialog[open]")) conversation.stop();
});

/** Browsers without field-sizing need help to let the field grow. */
function resize() {
  if (CSS.supports("field-sizing", "content")) return;
  message.style.height = "auto";
  message.style.height = `${message.scrollHeight}px`;
}
message.addEventListener("input", resize);

const scroller = document.querySelector("main");
const toEnd = document.getElementById("to-end");
scroller.addEventListener("scroll", () => {
  toEnd.hidden = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 200;
});
toEnd.addEventListener("click", () => { scroller.scrollTop = scroller.scrollHeight; });

/** Where the scroller keeps room for its bar, what stands below keeps it too. */
function align() { document.body.style.setProperty("--gutter", `${(scroller.offsetWidth - scroller.clientWidth) / 2}px`); }
addEventListener("resize", align);
align();

stop.addEventListener("click", () => conversation.stop());
document.getElementById("new").addEventListener("click", () => {
  conversation.clear();
  message.focus();
});
