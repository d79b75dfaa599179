"""Times a step of `caravan sft` on one process with two threads and on two ranks with one thread each, beside PyTorch's
DistributedDataParallel and FSDP over gloo on the same model, batch and cores. The percentage is what a step takes beyond that of the one
process: what is sent, and what ranks wait for one another. The machine must have nothing else to do.

With `--memory` it measures instead what a rank takes of the memory with each `--shard`, in steps of `caravan dpo` on one pair at a time. What
is no weight, gradient or moment of the optimizer is taken to be what ranks that split nothing have besides 16 bytes a parameter, and the rest
is compared with the run's own estimate. That needs only numpy.

    Benchmarks/work/venv/bin/python Benchmarks/ranks.py [--model 12M] [--steps 10]
    python Benchmarks/ranks.py --memory [--model 58M] [--ranks 1,2,4]
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from compare import MODELS, ROOT, WORK, make_model
from memory import SHAPES, number, write_model, write_pairs

TOKENS, BATCH = 512, 8
MPI = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
}


def make_chats(path, vocabulary):
    import random

    random.seed(0)
    text = lambda n: "".join(chr(0x4E00 + random.randrange(vocabulary - 4)) for _ in range(n))
    with open(path, "w") as file:
        for _ in range(64):
            messages = [{"role": "user", "content": text(16)}, {"role": "assistant", "content": text(TOKENS - 18)}]
            file.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")


def caravan(program, model, data, steps, launcher, *options):
    """The median seconds of a step, the first two left out."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *launcher, str(program), "sft", "--model", str(model), "--data", str(data), "--output",
            f"{folder}/run", "--batch-size", str(BATCH), "--max-steps", str(steps), "--micro-tokens", "2048", *options]
        done = subprocess.run(command, env={**os.environ, **MPI}, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr[-2000:])
        lines = [json.loads(line) for line in open(f"{folder}/run/metrics.jsonl")]
        return statistics.median(BATCH / line["conversations_per_second"] for line in lines[2:] if "loss" in line)


def torch_steps(model, steps, way):
    """The same in PyTorch: by torchrun on several processes under DDP or FSDP, without it on one."""
    import torch
    from transformers import LlamaForCausalLM

    world = int(os.environ.get("WORLD_SIZE", 1))
    torch.set_num_threads(2 // world)
    net = LlamaForCausalLM.from_pretrained(model, dtype=torch.float32)
    if world > 1:
        torch.distributed.init_process_group("gloo")
    if way == "ddp":
        net = torch.nn.parallel.DistributedDataParallel(net)
    if way == "fsdp":
        from torch.distributed.fsdp import fully_shard

        mesh = torch.distributed.init_device_mesh("cpu", (world,))
        for layer in net.model.layers:
            fully_shard(layer, mesh=mesh)
        fully_shard(net, mesh=mesh)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-5, weight_decay=0, fused=True)
    generator = torch.Generator().manual_seed(int(os.environ.get("RANK", 0)))
    seconds = []
    for _ in range(steps):
        start = time.perf_counter()
        own = BATCH // world
        ids = torch.randint(3, net_vocabulary(net), (own, TOKENS), generator=generator)
        # As many tokens at once as there.
        parts = ids.split(4)
        for index, part in enumerate(parts):
            is_last = index + 1 == len(parts)
            context = net.no_sync() if way == "ddp" and not is_last else torch.enable_grad()
            if way == "fsdp":
                net.set_requires_gradient_sync(is_last)
            with context:
                (net(input_ids=part, labels=part).loss / len(parts)).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        seconds.append(time.perf_counter() - start)
    if int(os.environ.get("RANK", 0)) == 0:
        print(json.dumps(statistics.median(seconds[2:])))


def net_vocabulary(net):
    return getattr(net, "module", net).config.vocab_size


def torch_seconds(model, steps, way):
    own = [str(pathlib.Path(__file__).resolve()), "--torch", str(model), way, "--steps", str(steps)]
    launcher = [sys.executable] if way == "alone" else [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run([*launcher, *own], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr[-2000:])
    return json.loads(done.stdout.strip().splitlines()[-1])


def ranks_of_dpo(program, count, work, *options):
    """Each rank's peak in bytes, and the parts of the first one's estimate."""
    shutil.rmtree(work / "run", ignore_errors=True)
    command = [
        str(program), "dpo", "--model", work / "model", "--data", work / "pairs.jsonl", "--output", work / "run", "--threads", "1",
        "--batch-size", "8", "--max-steps", "2", "--max-length", "2048", "--micro-tokens", "256", "--recompute", "never", *options]
    environment = {**os.environ, "CARAVAN_CACHE": str(work / "cache"), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29400"}
    with open(work / "errors", "w+") as errors:
        ranks = [
            subprocess.Popen(
                command, env={**environment, "WORLD_SIZE": str(count), "RANK": str(rank)}, stdout=subprocess.DEVNULL,
                stderr=errors if rank == 0 else subprocess.DEVNULL)
            for rank in range(count)]
        ends = [os.wait4(rank.pid, 0) for rank in ranks]
        errors.seek(0)
        text = errors.read()
    if any(status != 0 for _, status, _ in ends):
        sys.exit(text[-2000:])
    parts = re.findall(r"^  ([\d.]+ [MG]B) ([a-z ']+)$", text, re.MULTILINE)
    return [usage.ru_maxrss * 1024 for _, _, usage in ends], {name: number(size) for size, name in parts}


def memory(model, counts, program):
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        write_model(SHAPES[model], work / "model")
        write_pairs(work / "pairs.jsonl", 100)
        state = ["weights", "gradients", "moments", "others' part in use"]
        print(f"| ranks of {model} | --shard | peak | own part | others' part in use | both, measured | |")
        print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
        for count in counts:
            rest = None
            for shard in ["none", "optimizer", "all"] if count > 1 else ["none"]:
                peaks, parts = ranks_of_dpo(program, count, work, "--shard", shard)
                own, others = sum(parts[name] for name in state[:3]), parts.get(state[3], 0)
                rest = max(peaks) - own if rest is None else rest
                measured = max(peaks) - rest
                megabytes = " | ".join(f"{bytes / 1e6:.0f} MB" for bytes in (max(peaks), own, others, measured))
                print(f"| {count} | {shard} | {megabytes} | {measured / (own + others) - 1:+.1%} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=sorted({*MODELS, *SHAPES}), help="12M, or with --memory 58M")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--ranks", default="1,2,4", help="how many are compared in memory")
    parser.add_argument("--caravan", default=ROOT / ".build/release/caravan", help="the program that is measured")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--torch", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.torch:
        return torch_steps(args.torch[0], args.steps, args.torch[1])
    if args.memory:
        return memory(args.model or "58M", [int(count) for count in args.ranks.split(",")], args.caravan)
    args.model = args.model or "12M"
    folder = WORK / args.model
    folder.mkdir(parents=True, exist_ok=True)
    make_model(args.model, folder)
    data = WORK / f"{args.model}-chats.jsonl"
    make_chats(data, MODELS[args.model][5])
    rows = [("caravan, 1 process, 2 threads", caravan(args.caravan, folder, data, args.steps, [], "--threads", "2"))]
    one = rows[0][1]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--no-python", "--standalone", "--nproc-per-node", "2"]
    for name, launcher in [
        ("Open MPI", ["mpirun.openmpi", "-n", "2"]), ("MPICH", ["mpirun.mpich", "-n", "2"]), ("TCP, by torchrun", torchrun)
    ]:
        if name != "TCP, by torchrun" and not shutil.which(launcher[0]):
            continue
        for shard in ["none", "optimizer", "all"]:
            seconds = caravan(args.caravan, folder, data, args.steps, launcher, "--threads", "1", "--shard", shard)
            rows.append((f"caravan, 2 ranks, {name}, --shard {shard}", seconds))
    alone = torch_seconds(folder, args.steps, "alone")
    rows.append(("PyTorch, 1 process, 2 threads", alone))
    for name in ["DDP", "FSDP"]:
        rows.append((f"PyTorch {name}, 2 processes, gloo", torch_seconds(folder, args.steps, name.lower())))
    print(f"{args.model}, {BATCH} sequences of {TOKENS} tokens a step, median of {args.steps - 2} steps")
    for name, seconds in rows:
        base = alone if name.startswith("PyTorch") else one
        print(f"{name:48} {seconds:7.3f} s  {seconds / base - 1:+6.1%}")


if __name__ == "__main__":
    main()
