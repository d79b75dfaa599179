"""What products and files in bfloat16 see of what a model learned: a step of DPO, and the weights after it in float32, rounded to the
nearest number, and with a fixed dither.

    python Benchmarks/rounding.py MODEL PAIRS [--pairs 6] [--rate 5e-6] [--adapter RANK] [--trl] [--caravan PROGRAM]

PAIRS is a file of `caravan dpo`'s records, with texts. For each pair: how far the step moved log π(chosen) − log π(rejected), under the weights as
each program sees them, with all other arithmetic in float32; what a run with `--dtype bfloat16` reports; and each one's perplexity over
the chosen answers. With --trl, what runs of both programs report of a second step on the same pairs, in float32 and in bfloat16 (TRL's
takes a quarter of an hour on a processor without instructions for it).
"""

import argparse
import functools
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("pairs_file")
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--rate", default="5e-6")
    parser.add_argument("--max-length", default="512")
    parser.add_argument("--adapter", metavar="RANK")
    parser.add_argument("--trl", action="store_true")
    parser.add_argument("--trl-dtype", choices=["float32", "bfloat16"], help=argparse.SUPPRESS)
    parser.add_argument("--caravan", default=".build/release/caravan")
    options = parser.parse_args()
    if options.trl_dtype:
        return run_trl(options)
    with tempfile.TemporaryDirectory() as work:
        table(options, Path(work))


def table(options, work: Path) -> None:
    pairs = first_pairs(options, work / "pairs.jsonl")
    shared = ["--data", str(pairs), "--max-length", options.max_length]

    def run(*arguments: str) -> str:
        outcome = subprocess.run([options.caravan, *arguments], capture_output=True, text=True)
        assert outcome.returncode == 0, outcome.stderr
        return outcome.stderr

    def steps(name: str) -> list[dict]:
        lines = [json.loads(line) for line in (work / name / "metrics.jsonl").read_text().splitlines()]
        return [line for line in lines if "loss" in line]

    def train(name: str, dtype: str, count: int = options.steps) -> None:
        adapter = ["--lora-rank", options.adapter] if options.adapter else []
        run("dpo", "--model", options.model, *shared, "--output", str(work / name), "--dtype", dtype, "--batch-size", str(options.pairs),
            "--epochs", "1000", "--max-steps", str(count), "--learning-rate", options.rate, "--warmup-ratio", "0",
            "--schedule", "constant", *adapter)

    @functools.cache
    def margins(model: str, dtype: str) -> list[float]:
        """Each pair's, of the model against the one before training. The rate is too small to change a float32."""
        name = f"margins-{Path(model).name}-{dtype}"
        run("dpo", "--model", model, "--reference", options.model, *shared, "--output", str(work / name), "--dtype", dtype, "--no-shuffle",
            "--batch-size", "1", "--epochs", "1", "--learning-rate", "1e-30", "--schedule", "constant", "--beta", "1")
        return [step["rewards/margins"] for step in steps(name)]

    def perplexity(model: str, dtype: str = "float32") -> float:
        name = f"perplexity-{Path(model).name}-{dtype}"
        conversations = work / "chosen.jsonl"
        conversations.write_text("".join(
            json.dumps({"prompt": record["prompt"], "completion": record["chosen"]}) + "\n"
            for record in map(json.loads, pairs.read_text().splitlines())))
        run("sft", "--model", model, "--data", str(conversations), "--max-length", options.max_length, "--output", str(work / name),
            "--dtype", dtype, "--no-shuffle", "--batch-size", "1000", "--max-steps", "1", "--learning-rate", "1e-30")
        return math.exp(steps(name)[0]["loss"])

    train("float32", "float32")
    train("bfloat16", "bfloat16")
    trained = str(work / "float32")
    kept = {}
    for rounding in ("nearest", "dithered"):
        told = run("export", "safetensors", trained, "--output", str(work / rounding), "--dtype", "bfloat16", "--rounding", rounding)
        kept[rounding] = next((line for line in told.splitlines() if "keeps" in line), "")
    print(f"first losses: {steps('float32')[0]['loss']} in float32, {steps('bfloat16')[0]['loss']} in bfloat16")
    print(kept["dithered"])
    print("\n| weights | change of log π(chosen) − log π(rejected) | share | perplexity |\n| --- | --- | --- | --- |")
    truth = margins(trained, "float32")
    for words, model, dtype in [
        ("float32", trained, "float32"), ("to the nearest", str(work / "nearest"), "float32"),
        ("dithered", str(work / "dithered"), "float32"), ("`--dtype bfloat16`", trained, "bfloat16"),
        ("trained with `--dtype bfloat16`", str(work / "bfloat16"), "float32"),
    ]:  # fmt: skip
        own = margins(model, dtype)
        share = sum(a * b for a, b in zip(own, truth)) / sum(b * b for b in truth)
        print(f"| {words} | {', '.join(f'{margin:.2f}' for margin in own)} | {share:.3f} | {perplexity(model, dtype):.4f} |", flush=True)
    if options.trl:
        print("\n| program | loss of the second step | mean change |\n| --- | --- | --- |")

        def row(program: str, second: dict) -> None:
            print(f"| {program} | {second['loss']:.4f} | {second['rewards/margins'] / 0.1:.3f} |", flush=True)

        for dtype in ("float32", "bfloat16"):
            train(f"twice in {dtype}", dtype, 2)
            row(f"Caravan, {dtype}", steps(f"twice in {dtype}")[1])
        for dtype in ("float32", "bfloat16"):
            line = [sys.executable, __file__, options.model, str(pairs), "--trl-dtype", dtype, "--pairs", str(options.pairs),
                    "--rate", options.rate, "--max-length", options.max_length]  # fmt: skip
            row(f"TRL, {dtype}", json.loads(subprocess.run(line, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]))


def run_trl(options) -> None:
    import torch
    from datasets import load_dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import DPOConfig, DPOTrainer

    def conversation(record: dict) -> dict:
        answers = {name: [{"role": "assistant", "content": record[name]}] for name in ("chosen", "rejected")}
        return {"prompt": [{"role": "user", "content": record["prompt"]}]} | answers

    with tempfile.TemporaryDirectory() as out:
        config = DPOConfig(
            output_dir=out, max_steps=2, per_device_train_batch_size=1, gradient_accumulation_steps=options.pairs,
            learning_rate=float(options.rate), lr_scheduler_type="constant", warmup_steps=0, adam_beta2=0.999, weight_decay=0.0,
            max_grad_norm=1.0, max_length=int(options.max_length), beta=0.1, logging_steps=1, save_strategy="no", report_to=[],
            use_cpu=True, bf16=options.trl_dtype == "bfloat16", disable_tqdm=True, gradient_checkpointing=False,
            precompute_ref_log_probs=True)  # fmt: skip
        trainer = DPOTrainer(
            model=AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32), args=config,
            processing_class=AutoTokenizer.from_pretrained(options.model),
            train_dataset=load_dataset("json", data_files=options.pairs_file, split="train").map(conversation))
        trainer.train()
    print(json.dumps([row for row in trainer.state.log_history if "loss" in row][1]))


def first_pairs(options, place: Path) -> Path:
    """The first pairs whose prompts are short enough to leave both answers whole."""
    lines = []
    with open(options.pairs_file) as file:
        for line in file:
            record = json.loads(line)
            if len(record["prompt"]) + max(len(record["chosen"]), len(record["rejected"])) < 3 * int(options.max_length):
                lines.append(line)
            if len(lines) == options.pairs:
                break
    place.write_text("".join(lines))
    return place


main()
