"""Whether losses follow float32's where AdamW keeps its moments in 8 bits, and where gradients are bfloat16 too: the same training three
times, and a picture of the courses.

    python Benchmarks/moments.py DATA [--shape 12M] [--steps 200] [--caravan PROGRAM]

DATA is a file of `caravan dpo`'s pairs, whose prompts with the chosen answers are learned from by a model of random weights. Prints how
far the losses lie apart, and draws them in Benchmarks/moments.svg. Needs numpy.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from memory import ROOT, SHAPES, write_model

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 320, 50, 16, 36
NARROW = ["--optimizer", "adamw8bit"]
# Of each run: the color and the width of its line, its words, its options.
LOOKS = {
    "wide": ("#9bb8d3", 6, "all in float32", []), "moments": ("#2f2f2f", 2.4, "moments in 8 bits", NARROW),
    "both": ("#e0663c", 1, "moments in 8 bits, gradients in bfloat16", [*NARROW, "--gradient-dtype", "bfloat16"]),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--shape", default="12M", choices=SHAPES)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--rate", default="1e-3")
    parser.add_argument("--caravan", default=ROOT / ".build/release/caravan")
    options = parser.parse_args()
    losses = {}
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        write_model(SHAPES[options.shape], work / "model")
        rows = map(json.loads, options.data.read_text().splitlines())
        (work / "data.jsonl").write_text(
            "".join(json.dumps({"prompt": row["prompt"], "completion": row["chosen"]}) + "\n" for row in rows))
        for name, (_, _, _, more) in LOOKS.items():
            subprocess.run(
                [options.caravan, "sft", "--model", work / "model", "--data", work / "data.jsonl", "--output", work / name,
                 *more, "--max-steps", str(options.steps), "--epochs", "1000", "--batch-size", "8", "--max-length",
                 "256", "--learning-rate", options.rate], check=True, capture_output=True)  # fmt: skip
            lines = map(json.loads, (work / name / "metrics.jsonl").read_text().splitlines())
            losses[name] = [line["loss"] for line in lines if "loss" in line]
    plain, tail = losses["wide"], slice(-20, None)
    print(f"{options.shape}, {options.steps} steps: losses from {plain[0]:.4f} to {mean(plain[tail]):.4f} (mean of the last 20)")
    for name in list(LOOKS)[1:]:
        apart = [abs(a - b) / b for a, b in zip(losses[name], plain, strict=True)]
        print(f"{LOOKS[name][2]}: to {mean(losses[name][tail]):.4f}; apart by {mean(apart):.2%} on average, {max(apart):.2%} at most")
    place = Path(__file__).with_name("moments.svg")
    place.write_text(picture(losses))
    print(place)


def mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


def picture(losses: dict[str, list[float]]) -> str:
    """The courses over one another, wide lines below narrow ones."""
    steps = len(losses["wide"])
    top = max(map(max, losses.values()))

    def x(step: float) -> float:
        return round(LEFT + (WIDTH - LEFT - 16) * step / steps, 1)

    def y(loss: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - loss / top), 1)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="#fff"/>']  # fmt: skip
    for loss in range(int(top) + 1):
        parts.append(f'<path d="M{LEFT} {y(loss)}H{WIDTH - 16}" stroke="#ddd"/>'
                     f'<text x="{LEFT - 8}" y="{y(loss) + 4}" text-anchor="end">{loss}</text>')  # fmt: skip
    for step in range(0, steps + 1, 50):
        parts.append(f'<text x="{x(step)}" y="{HEIGHT - 16}" text-anchor="middle">{step}</text>')
    parts.append(f'<text x="{WIDTH - 16}" y="{HEIGHT - 2}" text-anchor="end">steps</text>')
    for row, (name, (color, width, words, _)) in enumerate(LOOKS.items()):
        points = " ".join(f"{x(step + 1)},{y(loss)}" for step, loss in enumerate(losses[name]))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="{width}"/>')
        parts.append(f'<path d="M{WIDTH - 290} {TOP + 12 + 18 * row}h24" stroke="{color}" stroke-width="{width}"/>'
                     f'<text x="{WIDTH - 258}" y="{TOP + 16 + 18 * row}">{words}</text>')  # fmt: skip
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    main()
