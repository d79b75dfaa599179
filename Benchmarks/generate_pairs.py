"""Writes preference pairs of the size of real ones: generate_pairs.py FILE [COUNT].

Each is a prompt of about 60 words with two answers of about 120, of which some hold line breaks, quotes and letters
beyond ASCII. One record in fifty repeats an earlier one, one in twenty an earlier prompt. A million are 2.1 GB.
"""

import json
import random
import sys


def main(path: str, count: int) -> None:
    chance = random.Random(1)
    letters = "etaoinshrdlucmfwypvbgk"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(20_000)]
    words += ["naïve", "Straße", "“quoted”", "日本語", "привет", "x\ny", "\\alpha", "\"so\"", "🙂"] * 40
    sentences = [" ".join(chance.choices(words, k=12)).capitalize() + "." for _ in range(50_000)]

    def text(mean: int) -> str:
        return chance.choice([" ", "\n", "\n\n"]).join(chance.choices(sentences, k=chance.randint(1, 2 * mean)))

    recent: list[tuple[str, str]] = []
    with open(path, "w", encoding="utf-8") as file:
        for number in range(count):
            if recent and number % 50 == 0:
                file.write(chance.choice(recent)[1])
                continue
            prompt = chance.choice(recent)[0] if recent and number % 20 == 0 else f"{number}: {text(5)}"
            record = {"id": number, "prompt": prompt, "chosen": text(10), "rejected": text(9)}
            line = json.dumps(record, ensure_ascii=number % 4 == 0) + "\n"
            file.write(line)
            if len(recent) < 10_000:
                recent.append((prompt, line))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
