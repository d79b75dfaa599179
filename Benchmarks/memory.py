"""How near the estimate of memory that a run prints comes to what the run then takes.

    python Benchmarks/memory.py [--shapes 1M,12M,58M,350M,1B,1.3B] [--runs full,lora,…] [--steps 1] [--caravan PROGRAM]

Models of random weights and pairs of random words; three steps each, or as many as --steps says. Prints a line for each run: the
estimate, the process's peak, and by how much they differ. Needs numpy; 1B with all weights takes some 20 GB.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy

ROOT = Path(__file__).resolve().parents[1]
# Vocabulary, width, feed-forward, layers, heads, key heads.
SHAPES = {
    "1M": (2000, 128, 352, 4, 4, 2), "12M": (8000, 256, 704, 8, 4, 4), "58M": (32000, 512, 1376, 8, 8, 8),
    "135M": (49152, 576, 1536, 30, 9, 3), "350M": (32000, 1024, 2816, 22, 16, 8), "1B": (32000, 2048, 5632, 18, 32, 8),
    "1.3B": (32000, 2048, 5504, 24, 16, 16),
}  # fmt: skip
ONLINE = ["--reward", "length", "--group-size", "4", "--max-tokens", "64", "--batch-size", "4"]
RUNS = {
    "full": ("dpo", []), "8 bits": ("dpo", ["--optimizer", "adamw8bit"]),
    "narrow gradients": ("dpo", ["--optimizer", "adamw8bit", "--gradient-dtype", "bfloat16"]), "bfloat16": ("dpo", ["--dtype", "bfloat16"]),
    "recomputed": ("dpo", ["--recompute", "always"]), "reference": ("dpo", ["--reference", "MODEL"]),
    "lora": ("dpo", ["--lora-rank", "16"]), "lora int8": ("dpo", ["--lora-rank", "16", "--base-type", "int8"]),
    "lora nf4": ("dpo", ["--lora-rank", "16", "--base-type", "nf4", "--micro-tokens", "512"]), "grpo": ("grpo", ONLINE),
    "grpo lora int8": ("grpo", [*ONLINE, "--lora-rank", "16", "--base-type", "int8"]),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", default="1M,12M,58M")
    parser.add_argument("--runs", default=",".join(RUNS))
    parser.add_argument("--caravan", default=ROOT / ".build/release/caravan")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--length", type=int, default=300, help="words of an answer")
    options = parser.parse_args()
    print("| model | run | estimate | peak | difference | parts |\n| --- | --- | --- | --- | --- | --- |", flush=True)
    for shape in options.shapes.split(","):
        with tempfile.TemporaryDirectory() as work:
            work = Path(work)
            write_model(SHAPES[shape], work / "model")
            write_pairs(work / "pairs.jsonl", options.length)
            for run in options.runs.split(","):
                measure(shape, run, work, options)


def measure(shape: str, run: str, work: Path, options) -> None:
    command, more = RUNS[run]
    shutil.rmtree(work / "run", ignore_errors=True)
    more = [str(work / "model") if word == "MODEL" else word for word in more]
    if "--batch-size" not in more:
        more = ["--batch-size", "4", "--epochs", "1", "--max-length", "2048", *more]
    outcome = subprocess.run(
        [options.caravan, command, "--model", work / "model", "--data", work / "pairs.jsonl", "--output", work / "run",
         "--max-steps", str(options.steps), *more],
        capture_output=True, text=True, env=os.environ | {"CARAVAN_CACHE": str(work / "cache")})  # fmt: skip
    if outcome.returncode != 0:
        print(f"| {shape} | {run} | {outcome.stderr.strip().splitlines()[-1][:300]} |", flush=True)
        return
    parts = re.findall(r"^  ([\d.]+ [MG]B [a-z ]+)$", outcome.stderr, re.MULTILINE)
    peak = max(json.loads(line).get("peak_memory_bytes", 0) for line in open(work / "run/metrics.jsonl"))
    estimate = sum(number(part) for part in parts)
    print(f"| {shape} | {run} | {estimate / 1e6:.0f} MB | {peak / 1e6:.0f} MB | {estimate / peak - 1:+.1%} | {', '.join(parts)} |", flush=True)


def number(part: str) -> float:
    value, unit, *_ = part.split()
    return float(value) * {"MB": 1e6, "GB": 1e9}[unit]


def write_model(shape: tuple, folder: Path) -> None:
    V, D, F, layers, heads, keys = shape
    folder.mkdir()
    fixture = ROOT / "Tests/TrainingTests/Fixtures/model"
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(fixture / name, folder / name)
    (folder / "config.json").write_text(json.dumps({
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": V, "hidden_size": D, "intermediate_size": F,
        "num_hidden_layers": layers, "num_attention_heads": heads, "num_key_value_heads": keys, "max_position_embeddings": 4096,
        "rms_norm_eps": 1e-5, "tie_word_embeddings": False, "bos_token_id": 1, "eos_token_id": 2, "torch_dtype": "bfloat16"}))
    S = D // heads
    shapes = {"model.embed_tokens.weight": [V, D], "model.norm.weight": [D], "lm_head.weight": [V, D]}
    for layer in range(layers):
        name = f"model.layers.{layer}."
        shapes |= {
            name + "input_layernorm.weight": [D], name + "post_attention_layernorm.weight": [D],
            name + "self_attn.q_proj.weight": [D, D], name + "self_attn.k_proj.weight": [keys * S, D],
            name + "self_attn.v_proj.weight": [keys * S, D], name + "self_attn.o_proj.weight": [D, D],
            name + "mlp.gate_proj.weight": [F, D], name + "mlp.up_proj.weight": [F, D], name + "mlp.down_proj.weight": [D, F]}
    draws = numpy.random.default_rng(0)
    normal = ((draws.standard_normal(1 << 22, dtype=numpy.float32) * 0.02).view(numpy.uint32) >> 16).astype(numpy.uint16)
    header, offset = {}, 0
    for name, dimensions in shapes.items():
        size = 2 * int(numpy.prod(dimensions))
        header[name] = {"dtype": "BF16", "shape": dimensions, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(folder / "model.safetensors", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, dimensions in shapes.items():
            count = int(numpy.prod(dimensions))
            numbers = numpy.full(count, 0x3F80, numpy.uint16) if "norm" in name else numpy.resize(normal, count)
            file.write(numbers.tobytes())


def write_pairs(place: Path, words: int) -> None:
    random.seed(0)
    def text(count: int) -> str:
        return " ".join("".join(random.choice("aeiounrst") for _ in range(3)) for _ in range(count))
    place.write_text("".join(
        json.dumps({"prompt": text(20), "chosen": text(words), "rejected": text(words)}) + "\n" for _ in range(12)))


if __name__ == "__main__":
    main()
