#!/usr/bin/env python3
"""Kills one of the ranks of a run at random moments, and checks that all of them end and that the resumed run is the one that
never stopped, to the bit.

    Scripts/check_kills.py .build/release/caravan [--kills 20] [--first 0]

The moments are spread over a run's steps, from its start on. Launchers (Open MPI, MPICH, and TCP with
torchrun's variables), what ranks split, and their number take turns.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Tests/TrainingTests/Fixtures"
MPI = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
}
STEPS = 24
SHARDS = ["none", "optimizer", "all"]
# What depends on the clock.
TIMED = ("_per_second", "peak_memory_bytes")


def line(caravan, shard, output, *more):
    return [
        caravan, "dpo", "--model", str(FIXTURES / "model"), "--data", str(FIXTURES / "pairs.jsonl"), "--threads", "1",
        "--batch-size", "8", "--learning-rate", "1e-3", "--epochs", "40", "--max-steps", str(STEPS), "--save-every", "3",
        "--keep", "2", "--shard", shard, "--output", output, *more,
    ]


def start(launcher, ranks, arguments, log):
    """The processes that were started: the launcher, or each rank."""
    environment = {**os.environ, **MPI, "HF_HUB_OFFLINE": "1"}
    if launcher != "TCP":
        return [subprocess.Popen([launcher, "-n", str(ranks), *arguments], env=environment, stdout=log, stderr=log)]
    port = str(20_000 + random.randrange(2000) * 17)
    return [
        subprocess.Popen(
            arguments, stdout=log, stderr=log,
            env={**environment, "RANK": str(rank), "WORLD_SIZE": str(ranks), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port})
        for rank in range(ranks)
    ]


def run(launcher, ranks, arguments, folder):
    with open(f"{folder}/log", "ab") as log:
        return max(abs(process.wait()) for process in start(launcher, ranks, arguments, log))


def ranks_of(output):
    """The ranks that write a folder."""
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = pathlib.Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if output.encode() in words and words[1:2] == [b"dpo"]:
            found.append(int(process))
    return found


def course(output):
    lines = [json.loads(text) for text in pathlib.Path(output, "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in each.items() if not name.endswith(TIMED)} for each in lines]


def steps_of(output):
    path = pathlib.Path(output, "metrics.jsonl")
    return path.read_bytes().count(b"\n") if path.exists() else 0


def result(output):
    return course(output), pathlib.Path(output, "model.safetensors").read_bytes()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("caravan")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="the number of the first one, where some are done")
    options = parser.parse_args()
    caravan = str(pathlib.Path(options.caravan).resolve())
    random.seed(options.first)
    launchers = [name for name in ("mpirun.openmpi", "mpirun.mpich") if shutil.which(name)] + ["TCP"]
    folder = tempfile.mkdtemp(prefix="caravan-kills-")
    wholes, wrong = {}, 0
    for number in range(options.first, options.first + options.kills):
        launcher, shard, ranks = launchers[number % len(launchers)], SHARDS[number // 3 % 3], 2 + number % 2
        # What ranks split decides no bit, unless they keep the model together.
        kind = (ranks, shard == "all")
        if kind not in wholes:
            whole = f"{folder}/whole-{ranks}-{shard}"
            if run("TCP", ranks, line(caravan, shard, whole), folder) != 0:
                sys.exit(f"the run that is not killed fails: see {folder}/log")
            wholes[kind] = result(whole)
        output, victims = f"{folder}/killed-{number}", []
        while not victims:
            # A quick machine may be done by then: that was no kill.
            shutil.rmtree(output, ignore_errors=True)
            after, more = random.randrange(STEPS), random.uniform(0, 0.1)
            with open(f"{folder}/log", "ab") as log:
                processes = start(launcher, ranks, line(caravan, shard, output), log)
            while processes[0].poll() is None and (len(ranks_of(output)) < ranks or steps_of(output) < after):
                time.sleep(0.002)
            # Anywhere in a step, a checkpoint, the start or the end.
            time.sleep(more)
            steps, victims = steps_of(output), ranks_of(output)
            if victims:
                os.kill(random.choice(victims), signal.SIGKILL)
            elif max(abs(process.wait()) for process in processes) != 0:
                sys.exit(f"a run that is not killed fails: see {folder}/log")
        killed = time.monotonic()
        status = max(abs(process.wait()) for process in processes)
        while ranks_of(output) and time.monotonic() - killed < 30:
            time.sleep(0.01)
        ending, ended = time.monotonic() - killed, not ranks_of(output) and status != 0
        # One that was killed before it wrote anything begins anew.
        resumes = os.path.exists(f"{output}/config.yaml")
        failed = run(launcher, ranks, line(caravan, shard, output, *(["--resume"] if resumes else [])), folder)
        same = failed == 0 and result(output) == wholes[kind]
        wrong += not (same and ended)
        print(
            f"{number + 1:3} {launcher:14} {ranks} ranks, --shard {shard:9} killed after {steps:2} steps: status {status}, "
            f"{'all ended' if ended else 'NOT ENDED'} in {ending:.1f} s, "
            f"{'resumed' if resumes else 'begun anew'}: {'the same bits' if same else 'NOT THE SAME'}", flush=True)
    print(f"{options.kills - wrong} of {options.kills} ended and gave the bits of a run that never stopped")
    if wrong:
        sys.exit(f"see {folder}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
