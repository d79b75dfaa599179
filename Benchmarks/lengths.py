"""How a step's time and memory follow the length of sequences: `caravan dpo` on pairs of ever longer answers.

Every length trains about as many tokens, twice: within the memory of the default --micro-tokens, and with room for a whole pair,
so that no layer and no logit is computed a second time. Prints the seconds of a step beside the operations that it needs, and the
process's peak memory. `make bench-lengths` calls it; Benchmarks/README.md holds results.
"""

import json
import os
import random

from compare import MODELS, ROOT, WORK, make_model, measured, needed_operations, sgemm_rate

LENGTHS = [256, 512, 1024, 2048, 4096]
TOKENS = 16384


def main():
    WORK.mkdir(exist_ok=True)
    make_model("58M", WORK / "58M")
    random.seed(0)
    print("| tokens a sequence | --micro-tokens | seconds | operations (10¹²) | 10⁹ operations/s | share of sgemm | peak GB |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for length in LENGTHS:
        pairs = TOKENS // (2 * length)
        data = WORK / f"lengths-{length}.jsonl"
        write_pairs(2 * pairs, length, data)
        for micro_tokens in sorted({2048, max(2048, 4 * length)}):
            measure(data, length, pairs, micro_tokens)


def write_pairs(count, length, path):
    def message(role, count):
        return [{"role": role, "content": "".join(chr(0x4E00 + random.randrange(MODELS["58M"][5] - 4)) for _ in range(count))}]

    with open(path, "w") as file:
        for _ in range(count):
            # Beginning- and end-of-text tokens make three with the prompt's one.
            row = {"prompt": message("user", 1), "chosen": message("assistant", length - 3),
                   "rejected": message("assistant", length - 3)}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def measure(data, length, pairs, micro_tokens):
    """Two steps of `pairs` pairs; prints the faster one."""
    out = WORK / "run-lengths"
    os.system(f"rm -rf '{out}' '{out}-cache'")
    before = sgemm_rate(os.cpu_count())
    command = [ROOT / ".build/release/caravan", "dpo", "--model", WORK / "58M", "--data", data, "--output", out, "--epochs", "1",
               "--batch-size", pairs, "--max-length", "4096", "--micro-tokens", micro_tokens, "--keep", "1", "--warmup-ratio", "0"]
    _, memory = measured([str(part) for part in command], {"CARAVAN_CACHE": str(out) + "-cache"})
    rate = (before + sgemm_rate(os.cpu_count())) / 2
    seconds = min(pairs / json.loads(line)["pairs_per_second"] for line in open(out / "metrics.jsonl"))
    # One epoch counts a step and the reference's third of it; a step is three quarters.
    operations = needed_operations("58M", [(2, length - 2, length - 2)] * pairs, 1) * 3 / 4
    print(f"| {length} | {micro_tokens} | {seconds:.2f} | {operations / 1e12:.2f} | {operations / seconds / 1e9:.0f} "
          f"| {operations / seconds / rate:.0%} | {memory / 1e9:.2f} |", flush=True)


main()
