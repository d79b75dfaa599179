"""Runs `caravan grpo` and TRL's GRPOTrainer (transformers' generation) side by side: the same weights, prompts, number and lengths of
answers, in one run.

Called by `make bench-grpo`; Benchmarks/README.md holds results. The model is random, so that nearly every answer has its full length, and the
reward asks for a character, which both see in no time. TRL's time is that of its own steps, as it reports them.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import sys

from compare import MODELS, ROOT, WORK, make_model, measured


# Characters for whose sake an answer is worth 1.
WANTED = "".join(chr(0x4E00 + i) for i in range(40))


def make_prompts(count, length, vocabulary, path):
    draw = random.Random(0)
    with open(path, "w") as file:
        for _ in range(count):
            text = "".join(chr(0x4E00 + draw.randrange(vocabulary - 4)) for _ in range(length))
            file.write(json.dumps({"prompt": [{"role": "user", "content": text}]}) + "\n")


def caravan(model, prompts, out, args):
    command = [
        args.caravan, "grpo", "--model", model, "--data", prompts, "--reward", f"regex:[{WANTED}]", "--output", out,
        "--batch-size", args.prompts, "--group-size", args.group, "--max-tokens", args.tokens, "--max-steps", args.steps,
        "--threads", args.threads, "--learning-rate", "1e-6", "--no-shuffle", *args.caravan_options.split()]
    return measured([str(part) for part in command], {})


def trl(model, prompts, out, args):
    environment = {"OMP_NUM_THREADS": str(args.threads), "TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": ""}
    return measured(
        [sys.executable, __file__, "--trl", str(model), str(prompts), str(out), "--prompts", str(args.prompts), "--group",
         str(args.group), "--tokens", str(args.tokens), "--steps", str(args.steps)], environment)


def run_trl(args):
    import torch
    from datasets import load_dataset
    from transformers import AutoTokenizer
    from trl import GRPOConfig, GRPOTrainer

    model, prompts, out = args.trl
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))

    def reward(completions, **_):
        return [float(any(character in WANTED for character in answer[0]["content"])) for answer in completions]

    config = GRPOConfig(
        output_dir=out, per_device_train_batch_size=args.group, gradient_accumulation_steps=args.prompts,
        num_generations=args.group, max_completion_length=args.tokens, max_steps=args.steps, learning_rate=1e-6, beta=0.0,
        bf16=False, use_cpu=True, report_to=[], save_strategy="no", logging_steps=1, gradient_checkpointing=False,
        shuffle_dataset=False, disable_tqdm=True, lr_scheduler_type="linear", warmup_steps=0)
    trainer = GRPOTrainer(
        model=model, reward_funcs=reward, args=config, train_dataset=load_dataset("json", data_files=prompts, split="train"),
        processing_class=AutoTokenizer.from_pretrained(model))
    trainer.train()
    history = [entry for entry in trainer.state.log_history if "step_time" in entry]
    pathlib.Path(out).mkdir(exist_ok=True)
    (pathlib.Path(out) / "times.json").write_text(json.dumps([entry["step_time"] for entry in history]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--trl", nargs=3)
    parser.add_argument("--caravan", default=str(ROOT / ".build/release/caravan"))
    parser.add_argument("--model", default="12M", choices=MODELS)
    parser.add_argument("--prompts", type=int, default=4)
    parser.add_argument("--group", type=int, default=8)
    parser.add_argument("--length", type=int, default=64, help="tokens of a prompt")
    parser.add_argument("--tokens", type=int, default=128, help="tokens of an answer")
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--caravan-options", default="", help="more of them, as '--dtype bfloat16'")
    args = parser.parse_args()
    if args.trl:
        return run_trl(args)

    WORK.mkdir(exist_ok=True)
    model = WORK / args.model
    make_model(args.model, model)
    prompts = WORK / "prompts.jsonl"
    make_prompts(args.prompts * args.steps, args.length, MODELS[args.model][5], prompts)
    results = {}
    for name, run in [("caravan", caravan), ("trl", trl)]:
        out = WORK / f"grpo-{name}"
        shutil.rmtree(out, ignore_errors=True)
        results[name] = (out, *run(model, prompts, out, args))
    # The first step pays for what is only done once.
    times = json.loads((results["trl"][0] / "times.json").read_text())[1:]
    metrics = [json.loads(line) for line in open(results["caravan"][0] / "metrics.jsonl")][1:]
    parts = {name: sum(row[f"time/{name}"] for row in metrics) / len(metrics) for name in ["answering", "scoring", "training"]}
    own, other = sum(parts.values()), sum(times) / len(times)
    shown = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in parts.items())
    print(f"{args.model}, {args.prompts} prompts of {args.length} tokens, {args.group} answers of {args.tokens}, {args.threads} threads")
    print(f"caravan  {own:.2f} s a step ({shown}), {results['caravan'][2] / 1e9:.2f} GB")
    print(f"TRL      {other:.2f} s a step, {results['trl'][2] / 1e9:.2f} GB")
    print(f"{other / own:.1f} times as fast, {results['caravan'][2] / results['trl'][2]:.2f} of the memory")


if __name__ == "__main__":
    main()
