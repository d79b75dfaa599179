"""Decoding as people meet it: the rate of DecodeBenchmark, of `caravan generate`, of `caravan chat`, and of `caravan serve` at
several requests at once, beside llama.cpp's server where one is named.

    python Benchmarks/serve.py [--model FOLDER] [--dtype float32|bfloat16|int8] [--at-once 1 8 32] [--rounds 5]
                               [--caravan PROGRAM …] [--llama-server PROGRAM]

One sequence of each should decode at one rate. A long answer's time less a short one's, so that loading and the prompt do not
count; medians over the rounds, which take all ways in turn. With several programs each is measured in every round. The model is
compare.py's 58M unless one is named; random weights end no answer early. llama.cpp reads the GGUF file that the first program
exports, which needs a model with a published kind of tokenizer. Needs no package.
"""

import argparse
import json
import os
import socket
import subprocess
import tempfile
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


def benchmark_rate(caravan: str, model: str, dtype: str) -> float:
    """What the engine does without text, at the same lengths."""
    command = [str(Path(caravan).parent / "DecodeBenchmark"), model, dtype, "1", str(LONG - SHORT), "1"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["tokens_per_second"]


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
    """A server on a port of this machine."""

    def __init__(self, command: list[str], port: int):
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                urllib.request.urlopen(self.url + "/health").read()
                return
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit(f"{' '.join(command)} did not start") from None
                time.sleep(0.1)

    def answer(self, tokens: int) -> float:
        """When the first piece came."""
        body = {"messages": [{"role": "user", "content": PROMPT}], "max_tokens": tokens, "temperature": 0, "stream": True,
                "stream_options": {"include_usage": True}}  # fmt: skip
        request = urllib.request.Request(
            self.url + "/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"})  # fmt: skip
        first, received = None, []
        with urllib.request.urlopen(request) as response:
            # Pieces are only kept while they come: a client that reads them as JSON would take the cores that it measures.
            while piece := response.read1(1 << 16):
                received.append(piece)
                if first is None and b'"content":"' in piece.replace(b": ", b":").replace(b'"content":""', b""):
                    first = time.perf_counter()
        lines = b"".join(received).replace(b": ", b":").splitlines()
        usage = next(json.loads(line[5:])["usage"] for line in reversed(lines) if b'"usage":{' in line)
        assert usage["completion_tokens"] == tokens, usage
        return first or time.perf_counter()

    def rates(self, count: int) -> tuple[float, float]:
        """Tokens a second of `count` requests at once, and the median of the times to the first token."""

        def run(tokens: int) -> tuple[float, list[float]]:
            first = [0.0] * count
            start = time.perf_counter()

            def one(index: int):
                first[index] = self.answer(tokens) - start

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


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def caravan_server(caravan: str, model: str, dtype: str, at_once: int) -> Server:
    port = free_port()
    return Server([caravan, "serve", model, *flags(dtype), "--port", str(port), "--batch", str(at_once)], port)


def llama_server(program: str, caravan: str, model: str, dtype: str, at_once: int, folder: str) -> Server:
    path, port, kind = f"{folder}/model.gguf", free_port(), "q8_0" if dtype == "int8" else dtype
    subprocess.run([caravan, "export", "gguf", model, "--output", path, "--dtype", kind], check=True, capture_output=True)
    threads = os.environ.get("OMP_NUM_THREADS") or str(os.cpu_count())
    return Server(
        [program, "--model", path, "--port", str(port), "--parallel", str(at_once), "--ctx-size", str(at_once * 1024),
         "--threads", threads], port)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model")
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16", "int8"])
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--caravan", nargs="+", default=[str(ROOT / ".build/release/caravan")])
    parser.add_argument("--llama-server")
    options = parser.parse_args()
    model, dtype = options.model, options.dtype
    if model is None:
        from compare import WORK, make_model

        model = str(WORK / "58M")
        make_model("58M", Path(model))
    rates: dict[str, list[float]] = {}
    waits: dict[str, list[float | None]] = {}
    servers: dict[str, Server] = {}
    with tempfile.TemporaryDirectory() as folder:
        try:
            for program in options.caravan:
                servers[f"{program} serve"] = caravan_server(program, model, dtype, max(options.at_once))
            if options.llama_server:
                servers["llama.cpp's server"] = llama_server(
                    options.llama_server, options.caravan[0], model, dtype, max(options.at_once), folder)  # fmt: skip
            ways = [
                (f"{program} {name}", lambda rate=rate, program=program: (rate(program, model, dtype), None))
                for program in options.caravan
                for name, rate in [("benchmark", benchmark_rate), ("generate", generate_rate), ("chat", chat_rate)]
            ] + [
                (f"{name}, {count} at once", lambda server=server, count=count: server.rates(count))
                for name, server in servers.items()
                for count in options.at_once
            ]
            for round in range(options.rounds):
                # Another one first each time, so that none always follows the same.
                first = round % len(ways)
                for name, measure in ways[first:] + ways[:first]:
                    rate, wait = measure()
                    rates.setdefault(name, []).append(rate)
                    waits.setdefault(name, []).append(wait)
        finally:
            for server in servers.values():
                server.stop()
    print("| way | tokens/s | first token, ms |")
    print("| --- | --- | --- |")
    for name, _ in ways:
        wait = "" if None in waits[name] else f"{1000 * median(waits[name]):.0f}"
        print(f"| {name.replace(options.caravan[0], 'caravan')} | {median(rates[name]):.0f} | {wait} |")


main()
