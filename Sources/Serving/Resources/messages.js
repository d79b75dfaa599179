// Turns as the messages that the API has.

/** What was said in a turn: what it begins with, and the answer that the conversation goes on with. */
export function messagesOf(turn) {
  return [...questions(turn), ...(turn.answers.length ? [message(turn.answers[turn.picked])] : [])];
}

/** What a turn begins with: what the user said, or the results of the calls that the turn before ended with. */
export function questions({ user, results }) {
  return results?.map(({ id, name, content }) => ({ role: "tool", tool_call_id: id, name, content })) ?? [{ role: "user", content: user }];
}

/** An answer as a message. */
export function message(answer) {
  const { content = "", calls = [] } = answer ?? {};
  return calls.length ? { role: "assistant", content, tool_calls: calls } : { role: "assistant", content };
}

/** An answer as it is judged: with the model that gave it, and why it ended. */
export function judged({ model, content, calls, finish }) {
  return { model, content, tool_calls: calls?.length ? calls : undefined, finish_reason: finish };
}
