"""Checks that `litellm` works unchanged with `caravan serve`: `check_litellm_client.py http://127.0.0.1:8080 FOLDER`."""

import os
import sys
from importlib.metadata import version

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm

name = sys.argv[2].rstrip("/").rsplit("/", 1)[-1]
common = dict(api_base=sys.argv[1] + "/v1", api_key="none", temperature=0, max_tokens=12, num_retries=0)
messages = [{"role": "user", "content": "Tell me about Lily."}]

answer = litellm.completion(model=f"openai/{name}", messages=messages, **common)
assert answer.choices[0].message.content and answer.usage.completion_tokens > 0
parts = litellm.completion(model=f"openai/{name}", messages=messages, stream=True, **common)
assert "".join(part.choices[0].delta.content or "" for part in parts) == answer.choices[0].message.content
text = litellm.text_completion(model=f"text-completion-openai/{name}", prompt="Once upon a time", **common).choices[0].text
assert text[0] in " ,.", repr(text)
try:
    litellm.completion(model=f"openai/{name}", messages=[{"role": "user", "content": "word " * 5000}], **common)
except litellm.ContextWindowExceededError as error:
    print("an overflow is known:", str(error)[:80])
else:
    raise AssertionError("an overflow was taken")
print("litellm", version("litellm"), "works:", repr(text))
