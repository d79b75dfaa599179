"""Decoding as people meet it: the rate of `caravan generate`, of `caravan chat`, and of `caravan serve` at several requests at once.

    python Benchmarks/serve.py [--model FOLDER] [--dtype float32|bfloat16|int8] [--at-once 1 8 32] [--rounds 5] [--caravan PROGRAM …]

One sequence of each should decode at one rate. A long answer's time less a short one's, so that loading and the prompt do not
count; medians over the rounds, which take all ways in turn. With several programs each is measured in every round. The model is
compare.py's 58M unless one is named; random weights end no answer early. Needs no package.
"""

import argparse
import json
import subprocess
import threading
import time
import urllib.request
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
SHORT, LONG = 16, 528
PROMPT = "Once upon a time"


def flags(dtype: str) -> list[str]:
    return ["--quantize", "int8"] if dtype == "int8" else ["--dtype", dtype]


def seconds(run) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def generate_rate(caravan: str, model: str, dtype: str) -> float:
    def run(tokens: int):
        command = [caravan, "generate", "--model", model, *flags(dtype), "--max-tokens", str(tokens), "--jsonl", PROMPT]
        line = subprocess.run(command, check=True, capture_output=True).stdout
        assert json.loads(line)["tokens"] == tokens, line

    return (LONG - SHORT) / (seconds(lambda: run(LONG)) - seconds(lambda: run(SHORT)))


def chat_rate(caravan: str, model: str, dtype: str) -> float:
    def run(tokens: int):
        command = [caravan, "chat", "--model", model, *flags(dtype), "--temperature", "0", "--max-tokens", str(tokens)]
        subprocess.run(command, input=PROMPT.encode() + b"\n", check=True, capture_output=True)

    return (LONG - SHORT) / (seconds(lambda: run(LONG)) - seconds(lambda: run(SHORT)))


class Server:
    def __init__(self, caravan: str, model: str, dtype: str, at_once: int):
        self.process = subprocess.Popen(
            [caravan, "serve", model, *flags(dtype), "--port", "0", "--batch", str(at_once)], stderr=subprocess.PIPE, text=True
        )
        for line in self.process.stderr:
            if "http://127.0.0.1:" in line:
                self.url = line.split("http://127.0.0.1:")[1].split()[0]
                break
        else:
            raise SystemExit(f"{caravan} serve {model} did not start")
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def answer(self, tokens: int) -> list[float]:
        """The times at which pieces came."""
        body = {"messages": [{"role": "user", "content": PROMPT}], "max_tokens": tokens, "temperature": 0, "stream": True}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.url}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as response:
            return [time.perf_counter() for line in response if line.startswith(b"data: {")]

    def rates(self, count: int) -> tuple[float, float]:
        """Tokens a second of `count` requests at once, and the median of the times to the first token."""

        def run(tokens: int) -> tuple[float, list[float]]:
            first = [0.0] * count
            start = time.perf_counter()

            def one(index: int):
                first[index] = self.answer(tokens)[0] - start

            threads = [threading.Thread(target=one, args=(index,)) for index in range(count)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return time.perf_counter() - start, first

        short, _ = run(SHORT)
        long, first = run(LONG)
        return count * (LONG - SHORT) / (long - short), median(first)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model")
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16", "int8"])
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--caravan", nargs="+", default=[str(ROOT / ".build/release/caravan")])
    options = parser.parse_args()
    model = options.model
    if model is None:
        from compare import WORK, make_model

        model = str(WORK / "58M")
        make_model("58M", Path(model))
    servers = {program: Server(program, model, options.dtype, max(options.at_once)) for program in options.caravan}
    figures: dict[str, list[float]] = {}
    try:
        for _ in range(options.rounds):
            for program, server in servers.items():
                for name, rate in [("generate", generate_rate), ("chat", chat_rate)]:
                    figures.setdefault(f"{program}: {name}", []).append(rate(program, model, options.dtype))
                for count in options.at_once:
                    rate, first = server.rates(count)
                    figures.setdefault(f"{program}: serve, {count} at once", []).append(rate)
                    figures.setdefault(f"{program}: serve, {count} at once, ms to the first token", []).append(1000 * first)
    finally:
        for server in servers.values():
            server.stop()
    for name, values in figures.items():
        print(f"{name}: {median(values):.1f}")


main()
