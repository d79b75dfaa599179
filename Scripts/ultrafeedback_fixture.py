"""Writes the fixtures of Tests/DatasetsTests/OverallPreferencesTests.swift.

UltraFeedback-like rows, odd ones among them, and the pairs by overall score that the rule gives for them, computed here
independently of the Swift code. Needs Python 3 only:

    python3 Scripts/ultrafeedback_fixture.py
"""

import json
import random
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "Tests/DatasetsTests/Fixtures"
SEED = 42
MASK = (1 << 64) - 1


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        bits = self.state
        bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9 & MASK
        bits = (bits ^ bits >> 27) * 0x94D049BB133111EB & MASK
        return bits ^ bits >> 31

    def index(self, bound):
        return self.next() * bound >> 64


def row(source, instruction, answers):
    return {
        "source": source,
        "instruction": instruction,
        "models": [model for model, _, _ in answers],
        "completions": [
            {
                "model": model,
                "principle": "helpfulness",
                "custom_system_prompt": "",
                "response": response,
                "annotations": {"helpfulness": {"Rating": "N/A"}},
                "critique": "",
                "overall_score": score,
                "fine-grained_score": 4.25,
            }
            for model, response, score in answers
        ],
        "correct_answers": ["None"],
        "incorrect_answers": ["None"],
    }


def rows():
    draw = random.Random(7)
    yield row("truthful_qa", "Is glass a liquid?", [("a", "No.", 9.0), ("b", "Yes.", 1.0)])
    yield row("sharegpt", "Nobody answers.", [])
    yield row("sharegpt", "One answers.", [("a", "I do.", 7.0)])
    yield row("sharegpt", "All say the same.", [("a", "Yes.", 5.0)] * 4)
    yield row("sharegpt", "Two say the same.", [("a", "Yes.", 5.0), ("a", "Yes.", 5.0), ("b", "Yes.", 5.0)])
    yield row("sharegpt", " \n\t", [("a", "To what?", 5.0), ("b", "Hm.", 4.0)])
    yield row("sharegpt", "An empty answer.", [("a", "It is.", 5.0), ("b", " \u3000\x1f ", 4.0)])
    yield row("sharegpt", "\u00a0Space around.\n\n", [("a", "  Gone. \u2028", 5), ("b", "\x1cGone too.\n", 4)])
    # The accent as one code point and as two: different texts.
    yield row("sharegpt", "Accents?", [("a", "caf\u00e9", 5.0), ("a", "cafe\u0301", 5.0)])
    for number in range(40):
        answers = [
            (f"model-{index}", f"Answer {number}.{draw.randrange(3)}", draw.choice([1.0, 3.5, 6.5, 8.0, 8.5, 10]))
            for index in range(draw.choice([2, 3, 4, 4, 4]))
        ]
        yield row(draw.choice(["evol_instruct", "flan_v2_cot", "ultrachat"]), f"Question {number}?", answers)


def derive(rows):
    generator = SplitMix64(SEED)
    pairs, dropped = [], {}
    for line, row in enumerate(rows, 1):

        def drop(reason):
            dropped[reason] = dropped.get(reason, 0) + 1

        if row["source"] == "truthful_qa":
            drop("truthfulQA")
            continue
        keys = [(c["overall_score"], c["response"], c["model"]) for c in row["completions"]]
        best = max((score for score, _, _ in keys), default=None)
        chosen = next((key for key in keys if key[0] == best), None)
        others = [key for key in keys if key != chosen]
        if not others:
            drop("noTwoAnswers")
            continue
        rejected = others[generator.index(len(others))]
        texts = [text.strip() for text in (row["instruction"], chosen[1], rejected[1])]
        if not all(texts):
            drop("emptyText")
            continue
        pairs.append({"line": line, "prompt": texts[0], "chosen": texts[1], "rejected": texts[2]})
    return {"seed": SEED, "pairs": pairs, "dropped": dropped}


if __name__ == "__main__":
    FIXTURES.mkdir(parents=True, exist_ok=True)
    raw = list(rows())
    with open(FIXTURES / "ultrafeedback_raw.jsonl", "w") as file:
        file.writelines(json.dumps(row) + "\n" for row in raw)
    with open(FIXTURES / "ultrafeedback_pairs.json", "w") as file:
        json.dump(derive(raw), file, indent=1)
