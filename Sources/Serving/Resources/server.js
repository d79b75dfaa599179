// What the page asks of the server that it came from.

/** An answer of the server that is an error. */
export class ServerError extends Error {
  constructor(status, message, code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The models, as `/v1/models` lists them. */
export async function models(apiKey) { return (await (await request("/v1/models", apiKey)).json()).data; }

/** Sends a vote; returns the score. */
export async function vote(apiKey, body) { return (await request("/votes", apiKey, body)).json(); }

/** Whether ratings are taken, and how many there are. */
export async function ratings(apiKey) { return (await request("/ratings", apiKey)).json(); }

/** Sends a rating; returns its name. */
export async function rate(apiKey, body) { return (await request("/ratings", apiKey, body)).json(); }

/** The texts and calls of an answer as they come, and at the end why it ended. */
export async function* answer(apiKey, body, signal) {
  const response = await request("/v1/chat/completions", apiKey, { ...body, stream: true, stream_options: { include_usage: true } }, signal);
  for await (const data of events(response.body)) {
    if (data === "[DONE]") return;
    const part = JSON.parse(data);
    if (part.error) throw new ServerError(500, part.error.message);
    const [choice] = part.choices;
    if (part.usage) yield { text: "", calls: [], usage: part.usage };
    if (choice) yield { text: choice.delta.content ?? "", calls: choice.delta.tool_calls ?? [], finish: choice.finish_reason };
  }
  throw new ServerError(0, "The connection broke off.");
}

async function request(path, apiKey, body, signal) {
  const headers = {};
  if (apiKey) headers.Authorization = `Bearer ${apiKey}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method: body === undefined ? "GET" : "POST", headers, body: JSON.stringify(body), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServerError(0, "The server cannot be reached.");
  }
  if (response.ok) return response;
  const text = await response.text();
  let message = text || `The server answered ${response.status}.`;
  let code;
  try { ({ message, code } = JSON.parse(text).error); } catch { /* Not from our server. */ }
  throw new ServerError(response.status, inWords(response.status, code) ?? message, code);
}

/** What people can do about it, where the server speaks to programs. */
function inWords(status, code) {
  if (code === "context_length_exceeded") return "This conversation is longer than the model can read.";
  if (status === 401) return "The server asks for an API key: see Settings.";
  if (status === 429 || status === 503) return "The server is busy. Try again in a moment.";
  return undefined;
}

/** The data of server-sent events. */
async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    while (true) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop();
      for (const part of parts) if (part.startsWith("data: ")) yield part.slice(6);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
