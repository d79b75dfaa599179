"""Says which tokens of random conversations are to be scored, for the test MaskCheckTests to compare with.

    python3 -m venv .venv && .venv/bin/pip install transformers tokenizers jinja2
    .venv/bin/python Scripts/check_masks.py cases.jsonl --templates FOLDER --tokenizers FOLDER FOLDER … [--count 600]
    CARAVAN_MASK_CASES=$PWD/cases.jsonl swift test --disable-xctest --filter MaskCheckTests

Templates with {% generation %} are compared with transformers' return_assistant_tokens_mask. For the others the answers are
found in the rendered text by what they say, which no other message of the conversation says; what ends them is looked up in ENDS.
"""

import argparse
import json
import pathlib
import random

import transformers
from transformers import PreTrainedTokenizerFast

transformers.logging.set_verbosity_error()

# What a template writes behind an answer in the middle of a conversation, and behind the last; {eos} is the tokenizer's.
ENDS = {
    "Qwen": ("<|im_end|>\n", "<|im_end|>\n"),
    "deepseek": ("<｜end▁of▁sentence｜>", "<｜end▁of▁sentence｜>"),
    "hermes": ("<|im_end|>\n", "<|im_end|>\n"),
    "gemma": ("<end_of_turn>\n", "<end_of_turn>\n"),
    "Llama-3": ("<|eot_id|>", "<|eot_id|>"),
    "Phi-3": ("<|end|>\n", "<|end|>\n{eos}"),
    "mistral": ("{eos}", "{eos}"),
    "tulu": ("{eos}\n", "{eos}\n"),
}

WORDS = "snow coal white black it is a the of 42 3.14 naïve 日本 語 😀 👍🏽 x=1; don't\t— Ünï\u0301 <b> \\n".split(" ")


def text(random, number):
    """Some words and line breaks, and a word that nobody else says."""
    words = [random.choice(WORDS) for _ in range(random.randint(1, 12))]
    words.insert(random.randint(0, len(words)), f"w{number}q{random.randint(0, 9999)}")
    joined = "".join(word + random.choice([" ", " ", " ", "\n", "\n\n", "  "]) for word in words)
    return random.choice(["", "", "", " ", "\n"]) + joined.rstrip() + random.choice(["", "", "", " ", "\n"])


def conversation(random):
    messages = []
    if random.random() < 0.4:
        messages.append({"role": "system", "content": text(random, 0)})
    for turn in range(random.randint(1, 4)):
        messages.append({"role": "user", "content": text(random, 2 * turn + 1)})
        answer = text(random, 2 * turn + 2)
        if random.random() < 0.2:
            answer = "<think>\n" + text(random, 100 + turn).strip() + "\n</think>\n\n" + answer
        messages.append({"role": "assistant", "content": answer})
    return messages


def span(whole, messages, index, render, ends):
    """Where the answer stands, in characters."""
    content = messages[index].get("content")
    if not content:
        before, after = render(messages[:index], True), render(messages[: index + 1], False)
        if not whole.startswith(before):
            # The turn's own text, behind what opens it.
            opening = "<|im_start|>assistant"
            before = whole[: whole.index(opening, whole.index(messages[index - 1]["content"])) + len(opening) + 1]
            after = whole[: whole.index(ends[0], len(before)) + len(ends[0])]
        assert whole.startswith(before) and whole.startswith(after)
        return len(before), len(after)
    shown = next((c for c in (content, content.strip(), content.split("</think>")[-1], content.split("</think>")[-1].strip()) if c and c in whole), None)
    if shown is None:
        raise ValueError("the template does not show the answer")
    start = whole.index(shown)
    end = start + len(shown) + len(ends[index == len(messages) - 1])
    assert whole[start + len(shown) : end] == ends[index == len(messages) - 1], (whole[start:], ends)
    before = render(messages[:index], True)
    if whole.startswith(before) and not whole[len(before) : start].strip():
        start = len(before)
    return start, end


def scored(tokenizer, whole, spans):
    encoding = tokenizer(whole, add_special_tokens=False, return_offsets_mapping=True)
    ids, offsets = encoding["input_ids"], encoding["offset_mapping"]
    mask = [0] * len(ids)
    for start, end in spans:
        first = next(i for i, (_, last) in enumerate(offsets) if last > start)
        for i in range(first, len(ids)):
            if offsets[i][1] > end:
                break
            mask[i] = 1
    return ids, mask


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("output")
    parser.add_argument("--templates", required=True)
    parser.add_argument("--tokenizers", nargs="+", required=True)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--conversations", help="JSON lines with messages and tools to take instead of random ones")
    options = parser.parse_args()
    refused = 0
    with open(options.output, "w") as output:
        for folder in options.tokenizers:
            # As tokenizer.json says it: transformers 5 gives LlamaTokenizer a pre-tokenizer of its own, which leaves out the space
            # before a text that begins with one.
            tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
            adds_bos = bool(getattr(tokenizer, "bos_token_id", None) is not None and tokenizer("a")["input_ids"][0] == tokenizer.bos_token_id)
            for path in sorted(pathlib.Path(options.templates).glob("*.jinja")):
                source = path.read_text()
                marks = "generation" in source and "endgeneration" in source
                ends = next((v for k, v in ENDS.items() if k in path.name), None)
                if not marks and ends is None:
                    continue
                ends = None if marks else tuple(e.replace("{eos}", tokenizer.eos_token) for e in ends)
                generator = random.Random(f"{path.name} {options.count}")

                given = [json.loads(line) for line in open(options.conversations)] if options.conversations else None
                for record in given or ({"messages": conversation(generator)} for _ in range(options.count)):
                    messages, tools = record["messages"], record.get("tools")

                    def render(messages, prompting):
                        return tokenizer.apply_chat_template(messages, tools=tools, chat_template=source, tokenize=False, add_generation_prompt=prompting)

                    try:
                        whole = render(messages, False)
                        if marks:
                            made = tokenizer.apply_chat_template(messages, tools=tools, chat_template=source, return_dict=True, return_assistant_tokens_mask=True)
                            ids, mask = made["input_ids"], made["assistant_masks"]
                        else:
                            spans = [span(whole, messages, i, render, ends) for i, m in enumerate(messages) if m["role"] == "assistant"]
                            ids, mask = scored(tokenizer, whole, spans)
                    except Exception as error:
                        if isinstance(error, AssertionError):
                            raise
                        refused += 1
                        continue
                    if adds_bos and ids[0] != tokenizer.bos_token_id:
                        ids, mask = [tokenizer.bos_token_id] + ids, [0] + mask
                    output.write(json.dumps({"tokenizer": str(pathlib.Path(folder).resolve()), "template": str(path.resolve()), "messages": messages, "tools": tools, "ids": ids, "mask": mask}) + "\n")
    print(f"{refused} conversations were refused by their template and left out")


main()
