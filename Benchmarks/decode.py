"""Times the decoding of one sequence and of several, `caravan generate` beside transformers' `generate`.

    python Benchmarks/decode.py [--model FOLDER] [--dtypes float32 bfloat16 int8] [--sequences 1 16]

A long answer's time less a short one's, the least of several runs, so that loading and the prompt do not count. The bound
is the machine's memory: the bytes of all weights that a token needs, over the rate at which the same threads sum a block
larger than the caches; it is taken before and after, since the machine may be shared. The model is compare.py's 58M unless
one is named.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from compare import MODELS, ROOT, WORK, make_model

SHORT, LONG = 8, 72
PROMPT = "".join(chr(0x4E00 + 37 * i) for i in range(16))


def read_rate(threads: int) -> float:
    """Bytes a second, the best of several sums over 512 MiB."""
    import torch

    torch.set_num_threads(threads)
    block = torch.ones(1 << 27)
    best = 0.0
    for _ in range(8):
        start = time.perf_counter()
        block.sum()
        best = max(best, 4 * block.numel() / (time.perf_counter() - start))
    return best


def bytes_per_token(config: dict, dtype: str) -> int:
    hidden, feed_forward, heads = config["hidden_size"], config["intermediate_size"], config["num_attention_heads"]
    size = config.get("head_dim") or hidden // heads
    layer = hidden * size * (2 * heads + 2 * config["num_key_value_heads"]) + 3 * hidden * feed_forward
    count = config["num_hidden_layers"] * layer + config["vocab_size"] * hidden
    return count * {"float32": 4, "bfloat16": 2, "int8": 1}[dtype]


def caravan(folder: Path, dtype: str, sequences: int, tokens: int, threads: int) -> float:
    kind = ["--quantize", "int8"] if dtype == "int8" else ["--dtype", dtype]
    command = [
        ROOT / ".build/release/caravan", "generate", "--model", folder, "--raw", "--jsonl", "--threads", threads,
        "--max-tokens", tokens, "--answers", sequences, "--batch", sequences, *kind, PROMPT]  # fmt: skip
    start = time.perf_counter()
    output = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE).stdout
    seconds = time.perf_counter() - start
    if any(json.loads(line)["tokens"] != tokens for line in output.splitlines()):
        sys.exit("the model ended an answer by itself; use another one")
    return seconds


class Transformers:
    def __init__(self, folder: Path, dtype: str, threads: int):
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        torch.set_num_threads(threads)
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
        self.ids = AutoTokenizer.from_pretrained(folder)(PROMPT, return_tensors="pt")["input_ids"]

    def __call__(self, sequences: int, tokens: int) -> float:
        ids = self.ids.repeat(sequences, 1)
        start = time.perf_counter()
        self.model.generate(
            ids, attention_mask=ids.new_ones(ids.shape), max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False,
            pad_token_id=0)  # fmt: skip
        return time.perf_counter() - start


def rate(run, sequences: int, repeats: int) -> float:
    """Tokens a second."""
    short, long = (min(run(sequences, n) for _ in range(repeats)) for n in (SHORT, LONG))
    return sequences * (LONG - SHORT) / (long - short)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path)
    parser.add_argument("--dtypes", nargs="+", default=["float32", "bfloat16", "int8"])
    parser.add_argument("--sequences", nargs="+", type=int, default=[1, 16])
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--repeats", type=int, default=4)
    args = parser.parse_args()
    folder = args.model or WORK / "58M"
    if args.model is None:
        WORK.mkdir(exist_ok=True)
        make_model("58M", folder)
    config = json.load(open(folder / "config.json"))
    print("| program | weights | sequences | tokens/s | × of one | share of the memory's bound |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    for dtype in args.dtypes:
        programs = {"caravan": lambda sequences, tokens: caravan(folder, dtype, sequences, tokens, args.threads)}
        if dtype != "int8":
            programs["transformers"] = Transformers(folder, dtype, args.threads)
        for name, run in programs.items():
            one = None
            for sequences in args.sequences:
                before = read_rate(args.threads)
                tokens = rate(run, sequences, args.repeats)
                bound = max(before, read_rate(args.threads)) / bytes_per_token(config, dtype)
                one = one or tokens
                share = f"{tokens / bound:.0%}" if sequences == 1 else ""
                print(f"| {name} | {dtype} | {sequences} | {tokens:.1f} | {tokens / one:.1f} | {share} |", flush=True)


if __name__ == "__main__":
    main()
