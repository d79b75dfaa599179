"""Times the decoding of one sequence and of several, Caravan's (Benchmarks/Decode) beside transformers' `generate`, and beside
llama.cpp where llama-cpp-python is there; that reads the GGUF file that `caravan export` writes, in Q8_0 for int8.

    python Benchmarks/decode.py [--model FOLDER] [--dtypes float32 bfloat16 int8] [--sequences 1 16] [--rounds 9]

64 tokens after the prompts are read. The bound is the machine's memory: the rate at which the same threads of the same process
read a block larger than the caches, over the bytes of all weights that a token needs. In each round it is taken before and
after every run, since the machine may be shared; what is shown are medians over the rounds, of the rates, of each round's ratio
to one sequence and of its share of the bound. The model is compare.py's 58M unless one is named.
"""

import argparse
import json
import os
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from compare import MODELS, ROOT, WORK, make_model

SHORT, LONG = 8, 72
PROMPT = "".join(chr(0x4E00 + 37 * i) for i in range(16))


def bytes_per_token(config: dict, dtype: str) -> int:
    hidden, feed_forward, heads = config["hidden_size"], config["intermediate_size"], config["num_attention_heads"]
    size = config.get("head_dim") or hidden // heads
    layer = hidden * size * (2 * heads + 2 * config["num_key_value_heads"]) + 3 * hidden * feed_forward
    count = config["num_hidden_layers"] * layer + config["vocab_size"] * hidden
    return count * {"float32": 4, "bfloat16": 2, "int8": 1}[dtype]


def caravan(folder: Path, dtype: str, sequences: list[int], rounds: int, threads: int) -> list[dict]:
    """Per round and number of sequences: tokens a second, and bytes a second and a token."""
    command = [ROOT / ".build/release/DecodeBenchmark", folder, dtype, rounds, LONG - SHORT, *sequences]
    output = subprocess.run(
        [str(part) for part in command], check=True, stdout=subprocess.PIPE,
        env=os.environ | {"OMP_NUM_THREADS": str(threads)}).stdout  # fmt: skip
    return [json.loads(line) for line in output.splitlines()]


def timed(generate, size: int, sequences: list[int], rounds: int) -> list[dict]:
    """What `caravan` gives, for generate(count, tokens): a long answer's time less a short one's, so that the prompt does
    not count."""
    import torch

    # Ones: untouched zeros would be a single page, which the cache holds.
    block = torch.ones(1 << 26)

    def seconds(run) -> float:
        start = time.perf_counter()
        run()
        return time.perf_counter() - start

    def read_rate() -> float:
        return 4 * block.numel() / median(seconds(block.sum) for _ in range(5))

    results, before = [], read_rate()
    for _ in range(rounds):
        for count in sequences:
            rate = count * (LONG - SHORT) / (
                seconds(lambda: generate(count, LONG)) - seconds(lambda: generate(count, SHORT)))  # fmt: skip
            after = read_rate()
            results.append(
                {"sequences": count, "tokens_per_second": rate, "bytes_per_second": (before + after) / 2,
                 "bytes_per_token": size})  # fmt: skip
            before = after
    return results


def transformers(folder: Path, dtype: str, sequences: list[int], rounds: int, threads: int) -> list[dict]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(threads)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
    prompt = AutoTokenizer.from_pretrained(folder)(PROMPT, return_tensors="pt")["input_ids"]

    def generate(count: int, tokens: int) -> None:
        ids = prompt.repeat(count, 1)
        model.generate(
            ids, attention_mask=ids.new_ones(ids.shape), max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False,
            pad_token_id=0)  # fmt: skip

    return timed(generate, bytes_per_token(json.load(open(folder / "config.json")), dtype), sequences, rounds)


def llama_cpp(folder: Path, dtype: str, sequences: list[int], rounds: int, threads: int) -> list[dict]:
    import llama_cpp as api
    import torch

    torch.set_num_threads(threads)
    path = WORK / f"decode-{dtype}.gguf"
    command = [ROOT / ".build/release/caravan", "export", "gguf", folder, "--output", path]
    kind = "q8_0" if dtype == "int8" else dtype
    subprocess.run([str(part) for part in [*command, "--dtype", kind]], check=True, stderr=subprocess.DEVNULL)
    silent = api.llama_log_callback(lambda *_: None)
    api.llama_log_set(silent, None)
    api.llama_backend_init()
    model = api.llama_model_load_from_file(str(path).encode(), api.llama_model_default_params())

    def generate(count: int, tokens: int) -> None:
        parameters = api.llama_context_default_params()
        parameters.n_ctx, parameters.n_batch, parameters.n_seq_max = count * 256, 512, count
        parameters.n_threads = parameters.n_threads_batch = threads
        context = api.llama_init_from_model(model, parameters)
        batch, greedy = api.llama_batch_init(512, 0, 1), api.llama_sampler_init_greedy()

        def read(rows: list[tuple[int, int, int, bool]]) -> list[int]:
            """Reads rows of sequence, position, token, and whether the next token is asked for; returns those."""
            for i, (sequence, position, token, asked) in enumerate(rows):
                batch.token[i], batch.pos[i], batch.logits[i] = token, position, asked
                batch.n_seq_id[i], batch.seq_id[i][0] = 1, sequence
            batch.n_tokens = len(rows)
            assert api.llama_decode(context, batch) == 0
            return [api.llama_sampler_sample(greedy, context, i) for i, row in enumerate(rows) if row[3]]

        length = len(PROMPT)
        following = read([(s, i, 4 + 37 * i, i == length - 1) for s in range(count) for i in range(length)])
        for position in range(length, length + tokens - 1):
            following = read([(s, position, token, True) for s, token in enumerate(following)])
        api.llama_sampler_free(greedy)
        api.llama_batch_free(batch)
        api.llama_free(context)

    return timed(generate, bytes_per_token(json.load(open(folder / "config.json")), dtype), sequences, rounds)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path)
    parser.add_argument("--dtypes", nargs="+", default=["float32", "bfloat16", "int8"])
    parser.add_argument("--sequences", nargs="+", type=int, default=[1, 16])
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()
    folder = args.model or WORK / "58M"
    if args.model is None:
        WORK.mkdir(exist_ok=True)
        make_model("58M", folder)
    print("| program | weights | sequences | tokens/s | × of one | share of the memory's bound |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    for dtype in args.dtypes:
        others = {"float32": [transformers], "bfloat16": [transformers, llama_cpp], "int8": [llama_cpp]}[dtype]
        for run in [caravan, *others]:
            # compare.py's models have words of their own for tokens, which no GGUF file can say.
            if run is llama_cpp and (args.model is None or find_spec("llama_cpp") is None):
                continue
            results = run(folder, dtype, args.sequences, args.rounds, args.threads)
            rates = {n: [r["tokens_per_second"] for r in results if r["sequences"] == n] for n in args.sequences}
            one = rates[args.sequences[0]]
            for count in args.sequences:
                ratio = median(rate / first for rate, first in zip(rates[count], one))
                share = ""
                if count == 1:
                    rows = (r for r in results if r["sequences"] == 1)
                    shares = [r["tokens_per_second"] * r["bytes_per_token"] / r["bytes_per_second"] for r in rows]
                    share = f"{median(shares):.0%}"
                row = f"{run.__name__} | {dtype} | {count} | {median(rates[count]):.1f} | {ratio:.1f} | {share}"
                print(f"| {row} |", flush=True)


if __name__ == "__main__":
    main()
