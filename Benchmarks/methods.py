"""Every preference method on the quickstart's miniature: the share of held-out pairs in which the trained model prefers the better
answer, over several seeds, and what it cost. Prints a table in Markdown.

    .build/release/caravan quickstart
    python Benchmarks/methods.py quickstart-run [--seeds 5] [--methods sigmoid alphapo] [--caravan PROGRAM]

All methods train from the same SFT model on the same pairs for one epoch at the quickstart's learning rate, each with the other
parameters that its paper or TRL has as default. A pair is right where the model has moved further from the SFT model towards the
better answer than towards the worse one, summed over tokens: one measure for all. Needs no package.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import mean

ROOT = Path(__file__).resolve().parent.parent
METHODS = {
    "sigmoid": ["dpo"], "conservative DPO": ["dpo", "--label-smoothing", "0.1"], "hinge": ["dpo", "--loss", "hinge"],
    "ipo": ["dpo", "--loss", "ipo"], "dpo-norm": ["dpo", "--loss", "dpo-norm", "--beta", "5"],
    "exo-pair": ["dpo", "--loss", "exo-pair", "--label-smoothing", "0.001"], "nca-pair": ["dpo", "--loss", "nca-pair"],
    "robust": ["dpo", "--loss", "robust", "--label-smoothing", "0.1"], "bco-pair": ["dpo", "--loss", "bco-pair"],
    "sppo-hard": ["dpo", "--loss", "sppo-hard"], "aot": ["dpo", "--loss", "aot"],
    "aot-unpaired": ["dpo", "--loss", "aot-unpaired"], "apo-zero": ["dpo", "--loss", "apo-zero"],
    "apo-down": ["dpo", "--loss", "apo-down"], "discopop": ["dpo", "--loss", "discopop"],
    "sft (of the chosen)": ["dpo", "--loss", "sft"], "simpo": ["dpo", "--loss", "simpo", "--beta", "2"],
    "alphapo": ["dpo", "--loss", "alphapo", "--beta", "2.5", "--simpo-gamma", "0.1"],
    "orpo": ["dpo", "--loss", "orpo"], "cpo": ["dpo", "--loss", "cpo"],
    "MPO": ["dpo", "--loss", "sigmoid,bco-pair,sft", "--loss-weights", "0.8,0.2,1"],
    "wpo": ["dpo", "--wpo"], "ld-dpo (α 0.5)": ["dpo", "--ld-alpha", "0.5"],
    "tr-dpo (α 0.6, every 16)": ["dpo", "--reference-sync-steps", "16"], "kto": ["kto"], "bco": ["bco"],
}  # fmt: skip


def run(caravan, folder, name, *options):
    """Trains; returns the seconds."""
    environment = os.environ | {"CARAVAN_CACHE": str(folder / "cache")}
    start = time.perf_counter()
    done = subprocess.run(
        [caravan, *map(str, options), "--output", str(folder / name)], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return time.perf_counter() - start


def accuracy(caravan, folder, model, start, pairs, held_out):
    """The share of held-out pairs that a model has moved in the right way; a step at no rate measures it."""
    run(caravan, folder, "measure", "dpo", "--model", model, "--reference", start, "--data", pairs, "--eval-data", held_out,
        "--max-steps", "1", "--batch-size", "1", "--learning-rate", "1e-30", "--warmup-ratio", "0")  # fmt: skip
    lines = [json.loads(line) for line in open(folder / "measure/metrics.jsonl")]
    subprocess.run(["rm", "-r", folder / "measure"], check=True)
    return next(line["eval_rewards/accuracies"] for line in reversed(lines) if "eval_rewards/accuracies" in line)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("quickstart", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS), metavar="NAME", help="the rows wanted; all without it")
    parser.add_argument("--caravan", default=str(ROOT / ".build/release/caravan"))
    arguments = parser.parse_args()
    start, data = arguments.quickstart / "sft", arguments.quickstart / "pairs.jsonl"
    print("| method | held-out pairs preferred, mean | lowest and highest | seconds a run |\n| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        lines = data.read_text().splitlines(keepends=True)
        pairs, held_out, one = folder / "pairs.jsonl", folder / "held-out.jsonl", folder / "one.jsonl"
        pairs.write_text("".join(lines[: len(lines) * 9 // 10]))
        held_out.write_text("".join(lines[len(lines) * 9 // 10 :]))
        one.write_text(lines[0])
        for method in arguments.methods:
            command, *options = METHODS[method]
            shares, seconds = [], []
            for seed in range(arguments.seeds):
                seconds.append(run(
                    arguments.caravan, folder, "run", command, "--model", start, "--data", pairs, "--epochs", "1",
                    "--learning-rate", "1e-4", "--seed", seed, *options))  # fmt: skip
                shares.append(accuracy(arguments.caravan, folder, folder / "run", start, one, held_out))
                subprocess.run(["rm", "-r", folder / "run"], check=True)
            print(f"| {method} | {mean(shares):.1%} | {min(shares):.1%} – {max(shares):.1%} | {mean(seconds):.1f} |", flush=True)


if __name__ == "__main__":
    main()
