"""Trains the tests' tiny model in ten ways with two builds of caravan, and checks that both gave the same bits: weights,
optimizer, metrics and cards.

    python Scripts/compare_runs.py OLD/caravan NEW/caravan
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

fixtures = Path(__file__).parent.parent / "Tests/TrainingTests/Fixtures"
common = ["--model", fixtures / "model", "--threads", "1", "--batch-size", "8", "--learning-rate", "1e-3", "--save-every", "5"]
dpo = ["dpo", "--data", fixtures / "pairs.jsonl", "--eval-fraction", "0.2", *common]
sft = ["sft", "--data", fixtures / "conversations.jsonl", *common]
RUNS = {
    "sigmoid": [*dpo],
    "ipo": [*dpo, "--loss", "ipo"],
    "hinge": [*dpo, "--loss", "hinge"],
    "robust": [*dpo, "--loss", "robust", "--label-smoothing", "0.1", "--weight-decay", "0.1"],
    "simpo": [*dpo, "--loss", "simpo", "--beta", "2"],
    "dpo-norm": [*dpo, "--loss", "dpo-norm", "--beta", "5", "--recompute", "always", "--micro-tokens", "64"],
    "bfloat16": [*dpo, "--dtype", "bfloat16"],
    "sft": [*sft, "--epochs", "3"],
    "sft-cosine": [*sft, "--schedule", "cosine", "--max-steps", "7", "--max-grad-norm", "0", "--no-shuffle"],
    "resumed": [*dpo, "--label-smoothing", "0.1", "--epochs", "5"],
}
TIMES = {"tokens_per_second", "pairs_per_second", "conversations_per_second", "peak_memory_bytes"}


def run(program, arguments, folder):
    environment = {"PATH": "/usr/bin:/bin", "HF_HUB_OFFLINE": "1", "CARAVAN_CACHE": str(folder / "cache")}
    for name in ["CARAVAN_LIBTORCH", "HOME"]:
        if name in os.environ:
            environment[name] = os.environ[name]
    command = [program, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"


def metrics(path):
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [{name: value for name, value in line.items() if name not in TIMES} for line in lines]


def numbers(path):
    """A file's numbers in their order; the names before them may have changed."""
    contents = path.read_bytes()
    return contents[8 + int.from_bytes(contents[:8], "little"):]


def outcome(program, name, folder):
    folder.mkdir()
    arguments = [*RUNS[name], "--output", "run"]
    run(program, arguments, folder)
    output = folder / "run"
    if name == "resumed":
        # As if it had been killed in its eighth step: the newest checkpoints and the model are not there yet.
        for path in output.glob("checkpoint-*"):
            if int(path.name.split("-")[1]) > 10:
                subprocess.run(["rm", "-r", path], check=True)
        run(program, [*arguments, "--resume"], folder)
    result = {"metrics": metrics(output / "metrics.jsonl")}
    for path in [output / "model.safetensors", *sorted(output.glob("checkpoint-*/*.safetensors"))]:
        result[str(path.relative_to(output))] = numbers(path)
    card = (output / "README.md").read_text()
    # What the clock and the machine say.
    result["card"] = re.sub(r"(?ms)^## Speed and hardware.*?(?=^## |\Z)", "", card)
    return result


old, new = (str(Path(path).resolve()) for path in sys.argv[1:])
differences = 0
with tempfile.TemporaryDirectory() as folder:
    for name in RUNS:
        before = outcome(old, name, Path(folder, "old-" + name))
        after = outcome(new, name, Path(folder, "new-" + name))
        # A newer build may measure more.
        after["metrics"] = [
            {name: value for name, value in now.items() if name in was}
            for was, now in zip(before["metrics"], after["metrics"], strict=True)]
        different = [part for part in before.keys() | after.keys() if before.get(part) != after.get(part)]
        print(f"{name:12} {len(before['metrics'])} lines of metrics, {len(before) - 2} files of tensors: "
              + (f"DIFFERENT in {', '.join(sorted(different))}" if different else "the same"))
        differences += bool(different)
sys.exit(f"{differences} of {len(RUNS)} runs differ" if differences else 0)
