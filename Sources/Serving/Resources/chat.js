// The conversation: what was asked and answered, on the page and in the browser's storage.

import { attemptsView, setAside } from "./attempts.js";
import { addCalls, callViews } from "./calls.js";
import { letters, shuffled, voteRow } from "./comparison.js";
import { newID } from "./conversations.js";
import { button, copy, node } from "./dom.js";
import { render } from "./markdown.js";
import { message, messagesOf, questions } from "./messages.js";
import { ratingButtons } from "./ratings.js";
import { resultForm, resultsFor, resultViews } from "./results.js";
import { answer } from "./server.js";
import { options, settings } from "./settings.js";

const log = document.getElementById("log");
const scroller = log.parentElement;
const status = document.getElementById("status");

/** A turn is what the user said, or the results of the turn before's calls, and one answer, or two to be compared:
 *  { user, results, answers: [{ model, content, calls, finish, error, code, tokens, seconds, rating }], attempts, choice, picked, score }.
 *  `drafts` are results that are not sent yet. */
export class Conversation {
  /** @param notify called with an error to show, or nothing, whenever what can be done has changed. */
  constructor(notify, conversations) {
    this.notify = notify;
    this.conversations = conversations;
    this.names = [];
    /** Whether the server takes ratings of single answers. */
    this.takesRatings = false;
    this.running = null;
    this.take(conversations.last ?? { id: newID(), turns: [] });
    // What is still being answered.
    addEventListener("pagehide", () => { if (this.isRunning) this.keep(); });
    conversations.onChange = (chat) => this.follow(chat);
    log.addEventListener("click", (event) => copyCode(event));
    this.draw();
  }

  get isEmpty() { return this.turns.length === 0; }
  get isRunning() { return this.running !== null; }

  /** Whether the last two answers still have to be judged, or passed over, before one of them can be continued. */
  get awaitsVote() {
    const last = this.turns.at(-1);
    return last !== undefined && last.answers.length === 2 && !last.choice;
  }

  take(chat) {
    this.id = chat.id;
    this.revision = chat.revision;
    /** The turns that no model is told of any more. */
    this.skipped = chat.skipped ?? 0;
    this.turns = chat.turns.filter((turn) => (typeof turn?.user === "string" || Array.isArray(turn?.results)) && Array.isArray(turn.answers));
    for (const turn of this.turns) {
      for (const answer of turn.answers) answer.finish ??= "stopped";
      // Attempts were single answers once.
      turn.attempts &&= turn.attempts.map((attempt) => (attempt.answers ? attempt : { answers: [attempt] }));
    }
    this.conversations.current = this.id;
  }

  /** Begins anew. */
  clear() { this.show({ id: newID(), turns: [] }); }

  /** Shows another conversation. What this one has is kept. */
  show(chat) {
    this.stop();
    if (this.isRunning) this.keep();
    this.replace(chat);
  }

  /** Goes along with what another tab, or the list, has made of this conversation: null where it is deleted. */
  follow(chat) {
    if (chat === null) {
      this.stop();
      this.replace({ id: newID(), turns: [] });
    } else if (!this.isRunning && !isTyping()) {
      this.take(chat);
      this.draw();
      this.notify();
    }
  }

  replace(chat) {
    this.running = null;
    this.take(chat);
    this.draw();
    scroller.scrollTop = scroller.scrollHeight;
    this.notify();
  }

  /** Says something, { user } or { results }, and has it answered. */
  say(said) {
    this.turns.push({ ...said, answers: [], picked: 0 });
    return this.answerLast();
  }

  /** Stops the answer that is under way; what there is of it stays. */
  stop() { this.running?.abort(); }

  /** Has the last turn answered, in place of the answers that it has. */
  async answerLast() {
    this.stop();
    const turn = this.turns.at(-1);
    setAside(turn);
    const models = settings.mode === "both" && this.names.length === 2
      ? shuffled(this.names) : [this.names.includes(settings.mode) ? settings.mode : this.names[0]];
    delete turn.prompt;
    delete turn.drafts;
    turn.tools = options().tools;
    turn.answers = models.map((model) => ({ model, content: "", calls: [], finish: null, error: null }));
    Object.assign(turn, { choice: null, picked: 0, score: null });
    const abort = new AbortController();
    this.running = abort;
    const prompt = this.prompt(this.turns.length - 1);
    this.keep();
    this.draw();
    this.notify();
    scroller.scrollTop = scroller.scrollHeight;
    log.setAttribute("aria-busy", "true");
    status.textContent = "Answering";
    const errors = await Promise.all(turn.answers.map((answer, index) => this.receive(turn, answer, index, prompt, abort.signal)));
    if (this.running !== abort) return;
    this.running = null;
    log.removeAttribute("aria-busy");
    status.textContent = abort.signal.aborted ? "Stopped" : "Answered";
    this.keep();
    const wasAtEnd = isAtEnd();
    this.draw();
    // What went wrong stands where the answer would; only a key has to be asked for.
    this.notify(errors.find((error) => error?.status === 401));
    // Below the answers there may now be a vote.
    if (wasAtEnd) scroller.scrollTop = scroller.scrollHeight;
  }

  /** Has an answer that was cut or stopped go on where it ends. */
  async continueAnswer(turn, target) {
    const messages = [...this.prompt(this.turns.indexOf(turn)), message(target)];
    const abort = new AbortController();
    this.running = abort;
    target.finish = null;
    // What was rated was another text.
    delete target.rating;
    this.draw();
    this.notify();
    const goesOn = { continue_final_message: true, add_generation_prompt: false };
    const error = await this.receive(turn, target, turn.answers.indexOf(target), messages, abort.signal, goesOn);
    if (this.running !== abort) return;
    this.running = null;
    this.keep();
    this.draw();
    this.notify(error?.status === 401 ? error : undefined);
  }

  /** Goes on without the older half of what was said: with the answer that has begun, or a new one. */
  forgetOldest() {
    const turn = this.turns.at(-1);
    const half = this.skipped + Math.ceil((this.turns.length - 1 - this.skipped) / 2);
    this.skipped = this.laterBeginnings.find((place) => place >= half) ?? this.laterBeginnings.at(-1);
    if (turn.answers.length === 1 && turn.answers[0].content) this.continueAnswer(turn, turn.answers[0]);
    else this.answerLast();
  }

  /** The turns that what the model is told may begin with instead; results say nothing without their calls. */
  get laterBeginnings() { return [...this.turns.keys()].filter((place) => place > this.skipped && !this.turns[place].results); }

  /** The messages up to what was asked in a turn. */
  prompt(index) {
    const messages = settings.system.trim() ? [{ role: "system", content: settings.system }] : [];
    this.turns.slice(0, index + 1).forEach((turn, place) => {
      if (place < this.skipped && place < index) return;
      messages.push(...(place < index ? messagesOf(turn) : questions(turn)));
    });
    return messages;
  }

  async receive(turn, target, index, messages, signal, fields = {}) {
    turn.prompt ??= messages;
    let failure = null;
    let began = null;
    target.error = null;
    try {
      for await (const part of answer(settings.apiKey, { model: target.model, messages, ...options(), ...fields }, signal)) {
        if (part.text) began ??= performance.now();
        if (part.usage) {
          target.tokens = (target.tokens ?? 0) + part.usage.completion_tokens;
          target.seconds = (target.seconds ?? 0) + (performance.now() - (began ?? performance.now())) / 1000;
        }
        target.content += part.text;
        addCalls(target.calls ??= [], part.calls);
        target.finish = part.finish ?? target.finish;
        this.scheduleText(turn, target, index);
      }
    } catch (error) {
      if (signal.aborted) {
        target.finish = "stopped";
      } else {
        target.error = error.message;
        target.code = error.code;
        failure = error;
      }
    }
    target.finish ??= "stopped";
    return failure;
  }

  /** Shows new text at the next frame, and keeps the end in view for those who are there. */
  scheduleText(turn, target, index) {
    if (target.isScheduled) return;
    Object.defineProperty(target, "isScheduled", { value: true, configurable: true });
    requestAnimationFrame(() => {
      delete target.isScheduled;
      const text = log.children[this.turns.indexOf(turn)]?.querySelectorAll(".answer > .text")[index];
      if (!text || !saysSomething(target)) return;
      const wasAtEnd = isAtEnd();
      text.classList.remove("waiting");
      text.replaceChildren(render(target.content), ...callViews(target.calls, turn.answers.length === 2));
      if (wasAtEnd) scroller.scrollTop = scroller.scrollHeight;
    });
  }

  keep() {
    const { isKept, ...names } = this.conversations.keep({ id: this.id, revision: this.revision, turns: this.turns, skipped: this.skipped });
    Object.assign(this, names);
    if (!isKept) this.notify(new Error("The browser has no room to keep this conversation: export or delete some under Chats."));
  }

  draw() {
    log.replaceChildren(...this.turns.map((turn, index) => this.turnView(turn, index)));
    document.getElementById("welcome").hidden = !this.isEmpty;
    const compares = this.turns.some((turn) => turn.answers.length === 2) || (settings.mode === "both" && this.names.length === 2);
    document.body.classList.toggle("compares", compares);
  }

  turnView(turn, index) {
    const isLast = index === this.turns.length - 1;
    const view = node("article", "turn");
    if (this.skipped && index === this.skipped) view.append(node("p", "note", "The model is not told what stands above."));
    view.append(this.askedView(turn, index));
    const isBlind = turn.answers.length === 2 && !["first", "second", "tie", "both_bad"].includes(turn.choice);
    const answers = node("div", turn.answers.length === 2 ? "answers two" : "answers");
    turn.answers.forEach((answer, place) => answers.append(this.answerView(turn, answer, place, isLast, isBlind)));
    view.append(answers);
    if (turn.answers.length === 2 && !(isLast && this.isRunning)) {
      const row = voteRow(turn, { prompt: turn.prompt ?? this.prompt(index), tools: turn.tools }, (error) => {
        this.keep();
        this.draw();
        this.notify(error);
        if (!error) log.children[index].querySelector(".vote").scrollIntoView({ block: "nearest" });
      });
      if (isLast || turn.choice) view.append(row);
    }
    if (isLast && !this.isRunning && !this.awaitsVote) view.append(...this.resultFields(turn));
    view.append(...attemptsView(turn.attempts, isBlind));
    return view;
  }

  /** The form for the results of the calls that the conversation goes on with. */
  resultFields(turn) {
    const answer = turn.answers[turn.picked];
    const results = turn.drafts ?? (answer ? resultsFor(answer) : []);
    if (!results.length) return [];
    turn.drafts = results;
    return [resultForm(results, () => { delete turn.drafts; this.say({ results }); })];
  }

  askedView(turn, index) {
    const view = node("div", "asked");
    const bubbles = turn.results ? resultViews(turn.results) : [node("div", "bubble", turn.user)];
    const again = (said) => { this.turns.length = index; this.say(said); };
    const edit = button("Edit", "quiet", () => {
      if (turn.results) {
        const results = turn.results.map((result) => ({ ...result }));
        view.replaceChildren(resultForm(results, () => { if (!this.isRunning) again({ results }); }, () => this.draw()));
        view.querySelector("textarea")?.focus();
        return;
      }
      const field = node("textarea");
      field.value = turn.user;
      field.rows = Math.min(12, turn.user.split("\n").length + 1);
      field.setAttribute("aria-label", "Your message");
      const send = () => {
        if (field.value.trim() && !this.isRunning) again({ user: field.value });
      };
      const tools = node("div", "tools");
      tools.append(button("Cancel", "quiet", () => this.draw()), button("Send", "strong", send));
      field.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
        if (event.key === "Escape") { event.stopPropagation(); this.draw(); }
      });
      view.replaceChildren(field, tools);
      field.focus();
    });
    edit.disabled = this.isRunning;
    const tools = node("div", "tools");
    tools.append(edit);
    view.append(...bubbles, tools);
    return view;
  }

  answerView(turn, answer, place, isLast, isBlind) {
    const view = node("section", "answer");
    const isOne = turn.answers.length === 1;
    const better = { first: 0, second: 1 }[turn.choice];
    if (!isOne) {
      const title = node("h3", "", isBlind ? `Answer ${letters[place]}` : `${letters[place]} was ${answer.model}`);
      if (better === place) title.append(node("span", "badge", "better"));
      view.classList.toggle("preferred", better === place);
      view.append(title);
    }
    view.setAttribute("aria-label", isOne ? "Answer" : `Answer ${letters[place]}`);
    const text = node("div", "text");
    if (isLast && answer.finish === null && !saysSomething(answer)) text.classList.add("waiting");
    else text.append(render(answer.content), ...callViews(answer.calls ?? [], !isOne));
    view.append(text);
    if (answer.error) {
      view.append(node("p", "failed", answer.error));
      if (answer.code === "context_length_exceeded" && isLast && !this.isRunning) {
        view.append(this.laterBeginnings.length
          ? button("Go on without the oldest messages", "", () => this.forgetOldest())
          : node("p", "note", "There is nothing older to leave out: shorten the message, or begin a new conversation."));
      }
    } else if (answer.finish === "stopped") view.append(node("p", "note", "Stopped."));
    else if (answer.finish === "content_filter") view.append(node("p", "note", "Withheld by the server's moderation."));
    else if (answer.finish === "length") view.append(node("p", "note", "Cut off at the most tokens."));
    // While one may not know whose an answer is, its speed would tell.
    if (answer.tokens && !isBlind) {
      const speed = answer.seconds > 0.05 ? `, ${(answer.tokens / answer.seconds).toFixed(1)} a second` : "";
      view.append(node("p", "note figures", `${answer.model} · ${answer.tokens} tokens${speed}`));
    }
    const tools = node("div", "tools");
    const isCut = ["length", "stopped"].includes(answer.finish) && answer.content && !answer.calls?.length;
    if (isCut && isLast && !turn.choice && !this.isRunning) {
      tools.append(button("Continue", "strong", () => this.continueAnswer(turn, answer)));
    }
    if (isOne && this.takesRatings && !this.isRunning) tools.append(...this.ratings(turn, answer));
    tools.append(button("Copy", "quiet", (event) => copy(answer.content, event.currentTarget)));
    const isDecided = ["first", "second"].includes(turn.choice);
    if (isLast && !isDecided && !this.isRunning && place === turn.answers.length - 1) {
      tools.append(button(isOne ? "Retry" : "Retry both", "quiet", () => this.answerLast()));
    }
    view.append(tools);
    return view;
  }

  /** The buttons that rate an answer. */
  ratings(turn, answer) {
    const index = this.turns.indexOf(turn);
    return ratingButtons(answer, { prompt: turn.prompt ?? this.prompt(index), tools: turn.tools }, (outcome, pressed) => {
      const isError = outcome instanceof Error;
      if (!isError) status.textContent = outcome;
      this.keep();
      this.draw();
      log.children[index]?.querySelector(`[data-rating=${pressed}]`)?.focus();
      this.notify(isError ? outcome : undefined);
    });
  }
}

/** Whether the end of the conversation is in view, so that it should stay there. */
function isAtEnd() { return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60; }

/** Whether something stands in a field that is not sent. */
function isTyping() { return [...log.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue); }

function saysSomething(answer) { return answer.content !== "" || Boolean(answer.calls?.length); }

function copyCode(event) {
  const target = event.target.closest(".copy-code");
  if (target) copy(target.closest(".code").querySelector("code").textContent, target);
}
