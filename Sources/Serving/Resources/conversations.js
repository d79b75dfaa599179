// The conversations that the browser keeps: a list to search, take up, export and delete from, the same in all tabs.

import { button, node } from "./dom.js";
import { messagesOf, questions } from "./messages.js";
import { store, stored } from "./settings.js";

const dialog = document.getElementById("chats");
const list = document.getElementById("chat-list");
const search = document.getElementById("chat-search");
const undo = document.getElementById("chat-undo");

/** A conversation that is kept: { id, revision, turns, skipped }. */
export class Conversations {
  /** Called when something else has changed the conversation that is shown, with what it is now, or null. */
  onChange = () => {};

  /** @param open called with the conversation to be shown. */
  constructor(open) {
    this.open = open;
    this.deleted = [];
    this.all = [];
    this.read();
    const earlier = stored("conversation");
    if (!this.all.length && Array.isArray(earlier) && earlier.length) this.all.push({ id: newID(), turns: earlier });
    document.getElementById("open-chats").addEventListener("click", () => { search.value = ""; this.draw(); dialog.showModal(); });
    document.getElementById("export-chats").addEventListener("click", () => this.export(this.all));
    search.addEventListener("input", () => this.draw());
    undo.addEventListener("click", () => this.undo());
    addEventListener("storage", ({ key }) => { if (key === "caravan.conversations") this.follow(); });
  }

  /** The conversation that this tab showed last, or any tab. */
  get last() {
    const named = (id) => this.all.find((chat) => chat.id === id);
    return named(stored("current", sessionStorage)) ?? named(stored("current")) ?? this.all[0];
  }

  /** The conversation that this tab shows, by its name. */
  get current() { return this.shown; }
  set current(id) {
    this.shown = id;
    store("current", id, sessionStorage);
    store("current", id);
  }

  /** What the tabs have written until now. */
  read() {
    const found = stored("conversations");
    if (Array.isArray(found)) this.all = found.filter((chat) => chat?.id && Array.isArray(chat.turns));
  }

  /** Another tab has written. */
  follow() {
    const before = this.all.find(({ id }) => id === this.current);
    this.read();
    const now = this.all.find(({ id }) => id === this.current);
    if (before && !now) this.onChange(null);
    else if (now && now.revision !== before?.revision) this.onChange(now);
    if (dialog.open) this.draw();
  }

  /** Keeps what was said; returns whether the browser does, and its names.
   *
   *  Where another tab went on with the same conversation, both are kept. */
  keep(chat) {
    this.read();
    const place = this.all.findIndex(({ id }) => id === chat.id);
    const isForked = place >= 0 && this.all[place].revision !== chat.revision;
    const kept = { ...chat, id: isForked ? newID() : chat.id, revision: newID() };
    if (isForked || place < 0) this.all.unshift(kept); else this.all[place] = kept;
    if (!store("conversations", this.all)) return { isKept: false };
    if (isForked) this.current = kept.id;
    return { id: kept.id, revision: kept.revision, isKept: true };
  }

  delete(chat) {
    this.read();
    const place = this.all.findIndex(({ id }) => id === chat.id);
    if (place >= 0) {
      const [now] = this.all.splice(place, 1);
      this.deleted.push({ chat: now, place, wasShown: chat.id === this.current });
      store("conversations", this.all);
    }
    if (chat.id === this.current) this.onChange(null);
    this.draw();
  }

  undo() {
    this.read();
    const { chat, place, wasShown } = this.deleted.pop();
    this.all.splice(place, 0, chat);
    store("conversations", this.all);
    if (wasShown) this.open(chat);
    this.draw();
  }

  draw() {
    const wanted = search.value.trim().toLowerCase();
    const found = this.all.filter((chat) => !wanted || chat.turns.some((turn) =>
      [...questions(turn), ...turn.answers].some(({ content }) => content.toLowerCase().includes(wanted))));
    undo.hidden = !this.deleted.length;
    list.replaceChildren(...found.map((chat) => this.row(chat)));
    if (!found.length) list.append(node("li", "", wanted ? "None has these words." : "There is none yet."));
  }

  row(chat) {
    const row = node("li");
    const named = (label, action) => {
      const result = button(label, "quiet", action);
      result.setAttribute("aria-label", `${label}: ${title(chat)}`);
      return result;
    };
    const take = button(title(chat), "title", () => { dialog.close(); this.open(chat); });
    if (chat.id === this.current) take.setAttribute("aria-current", "true");
    row.append(take, named("Export", () => this.export([chat])), named("Delete", () => this.delete(chat)));
    return row;
  }

  /** Saves conversations as lines that `caravan sft` reads. */
  export(chats) {
    const lines = chats.filter(({ turns }) => turns.length).map(({ turns }) => `${JSON.stringify({ messages: turns.flatMap(messagesOf) })}\n`);
    const address = URL.createObjectURL(new Blob([lines.join("")], { type: "application/jsonl" }));
    Object.assign(node("a"), { href: address, download: "conversations.jsonl" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
}

/** A name for a new conversation. */
export function newID() { return Array.from(crypto.getRandomValues(new Uint32Array(2)), (part) => part.toString(36)).join(""); }

function title(chat) { return chat.turns[0]?.user?.trim().split("\n")[0].slice(0, 80) || "Untitled"; }
