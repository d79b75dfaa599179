"""Renders random conversations with every chat template of some folders, in transformers and in Caravan.

    python Scripts/check_templates.py CASES FOLDER... [--conversations N] [--seed S]
    CARAVAN_TEMPLATE_CASES=CASES swift test --filter rendersWhatTransformersRenders

The first command writes into the folder CASES what transformers renders and marks as generated, or that it refuses; the
second compares. The conversations hold what published templates read: every role, tool calls with arguments as mappings
and as text, reasoning, contents that are null, empty or lists of parts, tools, documents and switches.
"""

import argparse
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "fixtures"))
from templates import TOOLS, environment, render  # noqa: E402

TEXTS = [
    "", " ", "Hi", "  Hello there!\n", "\n\n1 + 1 = 2\n", "e\u0301 é 👩‍👩‍👧 日本 \u00a0", "<think>\nhm\n</think>\n\nTwo", "<think>hm</think>Two",
    "</think>x", "a <tool_call> b", "{{ x }} {% if %}", "\"quoted\" 'single' \\n &<>", "/no_think Hi", "/think", "a\r\nb\tc",
    "<|im_start|>", "x" * 50, "[TOOL_CALLS]", "<tool_response>\nok\n</tool_response>", "Be brief. detailed thinking off",
]
ARGUMENTS = [
    {}, {"city": "Zürich"}, {"days": 3, "ratio": 1.5, "big": 1e22, "none": None, "yes": True},
    {"nested": {"a": [1, {"b": "<&>'\""}], "e": {}, "l": []}, "text": "line\nline"}, {"list": ["a", 1, None, 2.0]},
]
MORE_TOOLS = [
    {"type": "function", "function": {
        "name": "f", "description": "", "parameters": {"type": "object", "properties": {
            "a": {"type": ["string", "null"], "enum": ["x", "y", None], "description": "line\nline", "nullable": True},
            "b": {"type": "array", "items": {"type": "object", "properties": {"c": {"type": "number"}}, "required": ["c"]}},
            "d": {"anyOf": [{"type": "integer"}, {"type": "string"}], "default": 0},
            "e": {"type": "object", "properties": {}, "additionalProperties": False},
        }, "required": ["a"]},
        "return": {"type": "string", "description": "what it gives"}}},
    {"name": "bare", "description": "no wrapper", "parameters": {"type": "object", "properties": {}}},
    {"type": "function", "function": {"name": "g"}},
]
SWITCHES = [
    ("enable_thinking", [True, False, None]), ("thinking", [True, False]), ("thinking_mode", ["on", "off"]),
    ("reasoning_effort", ["low", "medium", "high", "none"]), ("xml_tools", [["a"]]), ("python_tools", [["a"]]),
    ("builtin_tools", [["brave_search"], []]), ("tools_in_user_message", [True, False]), ("date_string", ["1 Jan 2020"]),
    ("custom_instructions", ["Sing."]), ("system_message", ["S"]), ("clear_thinking", [True, False]),
    ("preserve_thinking", [True, False]), ("keep_past_thinking", [True, False]), ("add_vision_id", [True, False]),
    ("model_identity", ["You are X."]), ("documents", [None, [], [{"title": "T", "text": "x y"}]]),
    ("available_tools", [[]]), ("controls", [{"thinking": True}]), ("strftime_format", ["%d"]),
    ("truncate_history_thinking", [True, False]), ("low_effort", [True, False]), ("medium_effort", [True, False]),
]
TOKENS = {
    "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>", "image_token": "<image>",
}


def content(chance):
    kind = chance.random()
    if kind < 0.75:
        return chance.choice(TEXTS)
    if kind < 0.82:
        return None
    if kind < 0.96:
        kinds = [{"type": "text", "text": chance.choice(TEXTS)}, {"type": "text", "text": "y"}, {"type": "image"}, {"type": "video"},
                 {"type": "thinking", "thinking": "t"}, {"text": "no type"}, "text"]
        return [chance.choice(kinds[:2] if chance.random() < 0.7 else kinds) for _ in range(chance.randint(0, 3))]
    return chance.choice([{"sky": "blue"}, 5, True, 1.5])


def tool_call(chance):
    arguments = chance.choice(ARGUMENTS)
    if chance.random() < 0.3:
        arguments = json.dumps(arguments, ensure_ascii=False)
    function = {"name": chance.choice(["get_weather", "now", ""]), "arguments": arguments}
    if chance.random() < 0.2:
        return function
    call = {"type": "function", "function": function}
    if chance.random() < 0.6:
        call = {"id": chance.choice(["call12345", "123456789", "x"]), **call}
    return call


def message(chance, role):
    result = {"role": role, "content": content(chance)}
    if role == "assistant":
        if chance.random() < 0.35:
            result["tool_calls"] = [tool_call(chance) for _ in range(chance.choice([0, 1, 1, 1, 2, 3]))]
        for field in ["reasoning_content", "thinking", "reasoning", "tool_plan", "citations"]:
            if chance.random() < 0.12:
                result[field] = chance.choice(TEXTS + [None])
        if chance.random() < 0.1:
            del result["content"]
    if role == "tool":
        if chance.random() < 0.7:
            result["tool_call_id"] = chance.choice(["call12345", "123456789"])
        if chance.random() < 0.4:
            result["name"] = "get_weather"
    if chance.random() < 0.05:
        result[chance.choice(["name", "weight", "prefix", "recipient", "content_type"])] = chance.choice(["n", 0, True])
    return result


def roles(chance):
    if chance.random() < 0.15:
        return [chance.choice(["system", "user", "assistant", "tool", "developer", "ipython"]) for _ in range(chance.randint(0, 6))]
    result = ["system"] if chance.random() < 0.4 else []
    for _ in range(chance.randint(1, 3)):
        result += ["user", "assistant"]
        while chance.random() < 0.3:
            result += ["tool"] * chance.randint(1, 2) + ["assistant"]
    return result[: None if chance.random() < 0.6 else -1]


def conversation(chance):
    values = {"messages": [message(chance, role) for role in roles(chance)], "documents": None, "tools": None}
    if chance.random() < 0.4:
        values["tools"] = chance.sample(TOOLS + MORE_TOOLS, chance.randint(0, 4))
    values["add_generation_prompt"] = chance.random() < 0.5
    for name, choices in SWITCHES:
        if chance.random() < 0.08:
            values[name] = chance.choice(choices)
    return {**{name: text for name, text in TOKENS.items() if chance.random() < 0.9}, **values}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", type=pathlib.Path)
    parser.add_argument("folders", type=pathlib.Path, nargs="+")
    parser.add_argument("--conversations", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.cases.mkdir(parents=True, exist_ok=True)
    plain = environment()
    for folder in options.folders:
        for file in sorted(folder.glob("**/*.jinja")):
            chance = random.Random(f"{options.seed} {file.name}")
            source = file.read_text(encoding="utf-8")
            cases = []
            for _ in range(options.conversations):
                values = conversation(chance)
                cases.append({"values": values, **render(plain, source, values)})
            text = json.dumps({"template": source, "cases": cases}, ensure_ascii=False)
            (options.cases / f"{folder.name}-{file.stem}.json").write_text(text, encoding="utf-8")
            print(f"{file.name}: {sum('expected' in case for case in cases)} of {len(cases)} rendered")


if __name__ == "__main__":
    main()
