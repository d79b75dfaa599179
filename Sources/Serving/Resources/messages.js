// Turns as the messages that the API has.

/** What was said in a turn: the question, and the answer that the conversation goes on with. */
export function messagesOf(turn) {
  return [question(turn), ...(turn.answers.length ? [message(turn.answers[turn.picked])] : [])];
}

/** What was asked in a turn. */
export function question(turn) { return { role: "user", content: turn.user }; }

/** An answer as a message. */
export function message(answer) {
  const { content = "", calls = [] } = answer ?? {};
  return calls.length ? { role: "assistant", content, tool_calls: calls } : { role: "assistant", content };
}
