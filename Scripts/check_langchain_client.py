"""Checks that `langchain-openai` works unchanged with `caravan serve`: `check_langchain_client.py http://127.0.0.1:8080`."""

import sys
from importlib.metadata import version

from langchain_core.exceptions import ContextOverflowError
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAI

base = sys.argv[1] + "/v1"
name = sys.argv[2].rstrip("/").rsplit("/", 1)[-1]
common = dict(model=name, base_url=base, api_key="none", temperature=0, max_retries=0)

chat = ChatOpenAI(**common, max_tokens=12)
answer = chat.invoke([HumanMessage("Tell me about Lily.")])
assert answer.content and answer.usage_metadata["output_tokens"] > 0
assert "".join(part.content for part in chat.stream("Tell me about Lily.")) == answer.content


@tool
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


history = [
    HumanMessage("2 + 3?"), AIMessage("", tool_calls=[{"name": "add", "args": {"a": 2, "b": 3}, "id": "call00001"}]),
    ToolMessage("5", tool_call_id="call00001"),
]
assert chat.bind_tools([add]).invoke(history).content is not None

text = OpenAI(**common, max_tokens=12).invoke("Once upon a time")
assert text and text[0] in " ,.", repr(text)
assert "".join(OpenAI(**common, max_tokens=12).stream("Once upon a time")) == text

try:
    chat.invoke("word " * 5000)
except ContextOverflowError as error:
    print("an overflow is known:", str(error)[:80])
else:
    raise AssertionError("an overflow was taken")
print("langchain-openai", version("langchain-openai"), "works:", repr(text))
