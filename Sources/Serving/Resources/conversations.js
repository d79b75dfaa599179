// The conversations that the browser keeps: a list to search, take up, export and delete from.

import { store, stored } from "./settings.js";

const dialog = document.getElementById("chats");
const list = document.getElementById("chat-list");
const search = document.getElementById("chat-search");
const undo = document.getElementById("chat-undo");

/** A conversation that is kept: { id, turns, skipped }. */
export class Conversations {
  /** @param open called with the conversation to be shown. @param forget called with one that was deleted. */
  constructor(open, forget) {
    this.open = open;
    this.forget = forget;
    this.all = [];
    this.read();
    const earlier = stored("conversation");
    if (!this.all.length && Array.isArray(earlier) && earlier.length) this.all.push({ id: newID(), turns: earlier });
    document.getElementById("open-chats").addEventListener("click", () => { search.value = ""; this.draw(); dialog.showModal(); });
    document.getElementById("export-chats").addEventListener("click", () => this.export(this.all));
    search.addEventListener("input", () => this.draw());
    undo.addEventListener("click", () => this.undo());
    addEventListener("storage", () => { if (dialog.open) this.draw(); });
  }

  /** Takes the list as it is now: other tabs change it too. */
  read() {
    const all = stored("conversations");
    if (Array.isArray(all)) this.all = all.filter((chat) => chat?.id && Array.isArray(chat.turns));
  }

  /** Changes the list as it is now; returns whether the browser keeps it. */
  change(edit) {
    this.read();
    edit(this.all);
    return store("conversations", this.all);
  }

  place(chat) { return this.all.findIndex(({ id }) => id === chat.id); }

  /** Keeps what was said; returns whether the browser does. */
  keep(chat) {
    return this.change((all) => {
      const place = this.place(chat);
      if (place >= 0) all[place] = chat; else if (chat.turns.length) all.unshift(chat);
    });
  }

  delete(chat) {
    this.change((all) => {
      this.deleted = { chat, place: this.place(chat) };
      if (this.deleted.place >= 0) all.splice(this.deleted.place, 1);
    });
    this.forget(chat);
    this.draw();
  }

  undo() {
    this.change((all) => all.splice(Math.max(0, this.deleted.place), 0, this.deleted.chat));
    this.deleted = null;
    this.draw();
  }

  draw() {
    this.read();
    const wanted = search.value.trim().toLowerCase();
    const found = this.all.filter((chat) => !wanted || chat.turns.some((turn) =>
      [turn.user, ...turn.answers.map(({ content }) => content)].some((text) => text.toLowerCase().includes(wanted))));
    undo.hidden = !this.deleted;
    list.replaceChildren(...found.map((chat) => this.row(chat)));
    if (!found.length) list.append(Object.assign(document.createElement("li"), { textContent: wanted ? "None has these words." : "There is none yet." }));
  }

  row(chat) {
    const row = document.createElement("li");
    const button = (label, className, action, name) => {
      const node = Object.assign(document.createElement("button"), { type: "button", className, textContent: label });
      if (name) node.setAttribute("aria-label", `${name}: ${title(chat)}`);
      node.addEventListener("click", action);
      return node;
    };
    row.append(
      button(title(chat), "title", () => { dialog.close(); this.open(chat); }),
      button("Export", "quiet", () => this.export([chat]), "Export"), button("Delete", "quiet", () => this.delete(chat), "Delete"));
    return row;
  }

  /** Saves conversations as lines that `caravan sft` reads. */
  export(chats) {
    const lines = chats.filter(({ turns }) => turns.length).map(({ turns }) => JSON.stringify({
      messages: turns.flatMap((turn) => [
        { role: "user", content: turn.user },
        ...(turn.answers.length ? [{ role: "assistant", content: turn.answers[turn.picked]?.content ?? "" }] : []),
      ]),
    }));
    const address = URL.createObjectURL(new Blob([lines.map((line) => `${line}\n`).join("")], { type: "application/jsonl" }));
    Object.assign(document.createElement("a"), { href: address, download: "conversations.jsonl" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
}

/** A name for a new conversation. */
export function newID() { return Array.from(crypto.getRandomValues(new Uint32Array(2)), (part) => part.toString(36)).join(""); }

function title(chat) { return chat.turns[0]?.user.trim().split("\n")[0].slice(0, 80) || "Untitled"; }
