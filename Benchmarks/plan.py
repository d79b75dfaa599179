"""How near the times and the memory that `caravan plan` prints come to those of real steps.

    python Benchmarks/plan.py [--shapes 12M,58M,350M,1B] [--ranks 1,2,4] [--shard optimizer|all]
        [--batch 8] [--steps 4] [--caravan PROGRAM]

A rank is one thread. How much it computes in a second is measured by steps of one rank with conversations of one length, and how
much it sends by what two ranks take beyond their computing where conversations are short. Then conversations of mixed lengths are planned with these rates, and
trained on. A run's first step, which takes its memory from the system, does not count. The machine must have nothing else to do; where it has fewer cores than there are ranks, they share them. Needs numpy; 1B
with all weights takes some 20 GB, and several ranks of it need `--shard all`.
"""

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from memory import ROOT, SHAPES, write_model

# Fewer than a rank has of a step.
MICRO_TOKENS = 256


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", default="12M,58M")
    parser.add_argument("--ranks", default="1,2,4")
    parser.add_argument("--shard", default="optimizer")
    parser.add_argument("--batch", type=int, default=8, help="conversations of a step")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--caravan", default=ROOT / ".build/release/caravan")
    options = parser.parse_args()
    print("| model | ranks | planned | measured | difference | memory a rank, planned | measured | difference |", flush=True)
    print("| --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for shape in options.shapes.split(","):
        with tempfile.TemporaryDirectory() as work:
            work = Path(work)
            write_model(SHAPES[shape], work / "model")
            count = options.batch * options.steps
            write_chats(work / "even.jsonl", [96] * count)
            write_chats(work / "short.jsonl", [2] * count)
            random.seed(1)
            write_chats(work / "mixed.jsonl", [random.randrange(16, 192) for _ in range(count)])
            caravan = lambda *line, **more: run(options, work, *line, **more)
            operations, _, _ = plan(options, caravan, "even.jsonl", 1)
            flops = operations / steps(options, caravan, work, "even.jsonl", 1)[0]
            operations, sent, _ = plan(options, caravan, "short.jsonl", 2)
            rate = sent / max(1e-3, steps(options, caravan, work, "short.jsonl", 2)[0] - operations / flops)
            whole, _, _ = plan(options, caravan, "mixed.jsonl", 1)
            cores = len(os.sched_getaffinity(0))
            for ranks in map(int, options.ranks.split(",")):
                operations, sent, memory = plan(options, caravan, "mixed.jsonl", ranks)
                planned = max(operations, whole / min(ranks, cores)) / flops + (sent / rate if ranks > 1 else 0)
                measured, peak = steps(options, caravan, work, "mixed.jsonl", ranks)
                print(
                    f"| {shape} | {ranks} | {planned:.2f} s | {measured:.2f} s | {planned / measured - 1:+.0%} "
                    f"| {memory:.1f} GB | {peak:.1f} GB | {memory / peak - 1:+.0%} |", flush=True)
            print(f"{shape}: {flops / 1e9:.1f} x 10^9 operations and {rate / 1e9:.2f} GB a second", flush=True)


def run(options, work, *line, rank=None, ranks=1):
    environment = {**os.environ, "CARAVAN_CACHE": str(work / "cache"), "HF_HUB_OFFLINE": "1"}
    if rank is not None and ranks > 1:
        environment |= {"RANK": str(rank), "WORLD_SIZE": str(ranks), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29700"}
    return subprocess.Popen(
        [str(options.caravan), *map(str, line)], cwd=work, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def plan(options, caravan, data, ranks):
    """The operations of the busiest rank in a step, the bytes that each sends, and its GB of memory. Low rates show all digits."""
    output, errors = caravan(
        "plan", "--model", "model", "--memory", "64GB", "--ranks", ranks, "--shard", options.shard, "--data", data,
        "--batch-size", options.batch, "--micro-tokens", MICRO_TOKENS,
        "--teraflops", "1e-6", "--gigabytes-per-second", "1e-6").communicate()
    times = [float(number) for number in re.findall(r"(?:receives|operations).*, in ([\d.]+) s", output)]
    if len(times) != 2:
        raise SystemExit(output + errors)
    return times[1] * 1e6, times[0] * 1e3, float(re.search(r"together +([\d.]+) GB", output)[1])


def steps(options, caravan, work, data, ranks):
    """The mean seconds of a step, and the GB that the first rank took at most."""
    shutil.rmtree(work / "run", ignore_errors=True)
    os.sync()  # What was written before must not be on its way to the disk meanwhile.
    line = ["sft", "--model", "model", "--data", data, "--output", "run", "--batch-size", options.batch, "--epochs", "1", "--threads", "1",
            "--micro-tokens", MICRO_TOKENS, "--shard", options.shard, "--learning-rate", "1e-6"]
    processes = [caravan(*line, rank=rank, ranks=ranks) for rank in range(ranks)]
    ends = [process.communicate()[1] for process in processes]
    if any(process.returncode for process in processes):
        raise SystemExit(ends[0])
    lines = [json.loads(line) for line in (work / "run/metrics.jsonl").read_text().splitlines()]
    rates = [line["conversations_per_second"] for line in lines if "conversations_per_second" in line]
    peak = max(line.get("peak_memory_bytes", 0) for line in lines)
    return statistics.mean(options.batch / rate for rate in rates[1:]), peak / 1e9


def write_chats(place: Path, lengths) -> None:
    random.seed(0)
    text = lambda count: " ".join("".join(random.choice("aeiounrst") for _ in range(3)) for _ in range(count))
    place.write_text("".join(
        json.dumps({"messages": [{"role": "user", "content": text(4)}, {"role": "assistant", "content": text(count)}]}) + "\n"
        for count in lengths))


if __name__ == "__main__":
    main()
