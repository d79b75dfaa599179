"""Checks that the `openai` package works unchanged with `caravan serve`.

    python3 -m venv .venv && .venv/bin/pip install openai
    caravan serve MODEL --port 8080 &
    .venv/bin/python Scripts/check_openai_client.py http://127.0.0.1:8080
"""

import sys

import openai

client = openai.OpenAI(base_url=sys.argv[1].rstrip("/") + "/v1", api_key="none", max_retries=0)
model = client.models.list().data[0].id
assert client.models.retrieve(model).id == model
messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Tell me about Lily."}]
common = dict(model=model, messages=messages, max_tokens=16, temperature=0.8, top_p=0.9, seed=7)

answer = client.chat.completions.create(**common, n=2, logprobs=True, top_logprobs=3)
assert [choice.index for choice in answer.choices] == [0, 1]
for choice in answer.choices:
    assert choice.message.role == "assistant" and choice.finish_reason in ("stop", "length")
    content = choice.logprobs.content
    assert len(content) <= 16 and all(len(token.top_logprobs) == 3 and token.logprob <= 0 for token in content)
assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
assert answer.choices[0].message.content != answer.choices[1].message.content, "two answers should differ"

again = client.chat.completions.create(**common, n=2)
assert [c.message.content for c in again.choices] == [c.message.content for c in answer.choices], "the seed decides"

parts = list(client.chat.completions.create(**common, stream=True, stream_options={"include_usage": True}))
text = "".join(part.choices[0].delta.content or "" for part in parts if part.choices)
assert text == answer.choices[0].message.content, (text, answer.choices[0].message.content)
assert parts[-1].usage.completion_tokens > 0

greedy = client.completions.create(model=model, prompt="Once upon a time", max_tokens=24, temperature=0, logprobs=2)
stop = greedy.choices[0].text.split()[2]
cut = client.completions.create(model=model, prompt="Once upon a time", max_tokens=24, temperature=0, stop=[stop])
assert cut.choices[0].finish_reason == "stop" and greedy.choices[0].text.startswith(cut.choices[0].text)
assert stop not in cut.choices[0].text
scores = greedy.choices[0].logprobs
assert greedy.choices[0].text[0] in " ,.", "the first space of a continuation is there"
assert "".join(scores.tokens) == greedy.choices[0].text, scores.tokens
assert [greedy.choices[0].text[at:at + len(t)] for at, t in zip(scores.text_offset, scores.tokens)] == scores.tokens

echo = client.completions.create(
    model=model, prompt="Once upon a time", max_tokens=0, temperature=0, logprobs=1, echo=True).choices[0]
assert echo.text == "Once upon a time" and echo.logprobs.token_logprobs[0] is None
both = client.completions.create(
    model=model, prompt="Once upon a time", max_tokens=24, temperature=0, logprobs=2, echo=True).choices[0]
assert both.text == "Once upon a time" + greedy.choices[0].text

streamed = [part.choices[0] for part in client.completions.create(
    model=model, prompt="Once upon a time", max_tokens=24, temperature=0, logprobs=2, echo=True, stream=True)]
assert "".join(part.text for part in streamed) == both.text
for field in ["tokens", "text_offset", "token_logprobs"]:
    assert sum((getattr(part.logprobs, field) for part in streamed if part.logprobs), []) == getattr(both.logprobs, field), field

chat = client.chat.completions.create(**{**common, "temperature": 0}, logprobs=True).choices[0]
assert "".join(token.token for token in chat.logprobs.content) == chat.message.content
assert b"".join(bytes(token.bytes) for token in chat.logprobs.content).decode() == chat.message.content
assert len(client.completions.create(model=model, prompt=["a", "b"], max_tokens=4).choices) == 2
assert "".join(part.choices[0].text for part in client.completions.create(
    model=model, prompt="Once upon a time", max_tokens=24, temperature=0, stream=True)) == greedy.choices[0].text

with client.chat.completions.create(**{**common, "max_tokens": 200}, stream=True) as stream:
    next(iter(stream))  # and goes away

for change, kind in [
    ({"temperature": 9}, openai.BadRequestError), ({"model": "no-such-model"}, openai.NotFoundError),
    ({"extra_body": {"guided_json": {}}}, openai.BadRequestError),
    ({"extra_body": {"grammar": "x"}}, openai.BadRequestError), ({"logit_bias": {"5": 1}}, openai.BadRequestError),
]:
    try:
        client.chat.completions.create(**{**common, **change})
    except kind as error:
        assert error.body["message"], error
    else:
        raise AssertionError(f"{change} was taken")
response = client.responses.create(model=model, input="Tell me about Lily.", temperature=0, max_output_tokens=12)
assert response.status == "incomplete" and response.output_text and response.usage.output_tokens == 12
with client.responses.stream(model=model, input="Tell me about Lily.", temperature=0, max_output_tokens=12) as events:
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
assert text == response.output_text == client.chat.completions.create(
    model=model, messages=[{"role": "user", "content": "Tell me about Lily."}], temperature=0, max_tokens=12,
).choices[0].message.content

most = client.chat.completions.create(**{**common, "max_tokens": 10**9})
assert most.warnings and most.choices[0].finish_reason in ("stop", "length")
print("the openai package", openai.__version__, "works:", repr(greedy.choices[0].text))
