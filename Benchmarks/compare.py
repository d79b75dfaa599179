"""Runs `caravan dpo` and TRL's DPOTrainer side by side: the same weights, pairs, order and hyperparameters.

Called by `make bench` and `make bench-quick`; Benchmarks/README.md says what the figures mean and holds results.
Both get the same number of threads. TRL runs in its default way (the reference model in every step, eight pairs at once,
gradient checkpointing) and in its best way on a CPU (precomputed reference scores, one pair at once, so that little is padding,
no checkpointing).
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = pathlib.Path(__file__).resolve().parent / "work"
SHARED = pathlib.Path(os.environ.get("CARAVAN_SHARED", ROOT.parent / "shared"))

# name: (hidden, feed-forward, layers, heads, key heads, vocabulary)
MODELS = {
    "58M": (512, 1376, 8, 8, 8, 32000),
    "12M": (256, 688, 6, 4, 2, 8000),
}
# name: tokens of (prompt, chosen, rejected)
PAIRS = {"long-answers": (31, 658, 340), "long-prompts": (1500, 200, 200), "short": (40, 60, 60)}


def make_model(name, folder):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    if (folder / "model.safetensors").exists():
        return
    hidden, feed_forward, layers, heads, key_heads, vocabulary = MODELS[name]
    torch.manual_seed(0)
    config = LlamaConfig(
        hidden_size=hidden, intermediate_size=feed_forward, num_hidden_layers=layers, num_attention_heads=heads,
        num_key_value_heads=key_heads, vocab_size=vocabulary, max_position_embeddings=4096, rms_norm_eps=1e-5,
        bos_token_id=1, eos_token_id=2, pad_token_id=0, tie_word_embeddings=False)
    LlamaForCausalLM(config).save_pretrained(folder)
    make_tokenizer(vocabulary, folder)


def make_tokenizer(vocabulary, folder):
    """A tokenizer of whole words, w3 … w31999: a text of n words has n tokens, so lengths are what we say they are."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = ["<pad>", "<s>", "</s>", "Ġ"] + [chr(0x4E00 + i) for i in range(vocabulary - 4)]
    raw = Tokenizer(models.BPE(vocab={w: i for i, w in enumerate(words)}, merges=[], unk_token="<pad>"))
    raw.add_special_tokens(["<pad>", "<s>", "</s>"])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<pad>")
    # The bare texts, one after the other, so that the lengths of the pairs are the lengths of the sequences.
    tokenizer.chat_template = (
        "{{ bos_token }}{% for m in messages %}{{ m.content }}{% if m.role == 'assistant' %}{{ eos_token }}{% endif %}"
        "{% endfor %}")
    tokenizer.save_pretrained(folder)


def make_pairs(lengths, count, vocabulary, path):
    """Pairs of random tokens whose lengths vary by half around the given means."""
    import random

    random.seed(0)

    def text(mean):
        n = max(2, int(mean * random.uniform(0.5, 1.5)))
        return "".join(chr(0x4E00 + random.randrange(vocabulary - 4)) for _ in range(n))

    with open(path, "w") as file:
        for _ in range(count):
            prompt, chosen, rejected = (text(mean) for mean in lengths)
            user, assistant = (lambda s: [{"role": "user", "content": s}]), (lambda s: [{"role": "assistant", "content": s}])
            row = {"prompt": user(prompt), "chosen": assistant(chosen), "rejected": assistant(rejected)}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


# Linux counts in a process's peak what its parent had when it started it, and this process has loaded PyTorch. So a small one
# starts the command and says on standard output what it took.
STARTER = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_maxrss)
sys.exit(status != 0)
"""


def measured(command, environment):
    """Runs a command; returns its seconds and peak resident memory in bytes."""
    start = time.perf_counter()
    process = subprocess.run(
        [sys.executable, "-c", STARTER, *command], env={**os.environ, **environment}, capture_output=True, text=True)
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{process.stderr[-3000:]}")
    return time.perf_counter() - start, int(process.stdout) * 1024


def sgemm_rate(threads):
    """The machine's float32 matrix product rate, in operations a second: the median of several, as large as a layer's."""
    import statistics

    import torch

    torch.set_num_threads(threads)
    a, b = torch.randn(4096, 512), torch.randn(512, 2752)
    rates = []
    for _ in range(30):
        start = time.perf_counter()
        torch.mm(a, b)
        rates.append(2 * 4096 * 512 * 2752 / (time.perf_counter() - start))
    return statistics.median(rates)


def needed_operations(model, pairs, epochs, lora):
    """Six operations a parameter and token, the embedding left out, the projection only where a token is scored, plus
    attention; a pair's prompt once. The reference's forward is a third of a step's. Beside an adapter, whose own operations are
    few, the weights have no gradient: four a parameter."""
    hidden, feed_forward, layers, heads, key_heads, vocabulary = MODELS[model]
    size = hidden // heads
    layer = hidden * size * (2 * heads + 2 * key_heads) + 3 * hidden * feed_forward
    total = 0
    for prompt, chosen, rejected in pairs:
        tokens, scored = prompt + chosen + rejected, chosen + rejected
        scores = prompt**2 / 2 + prompt * (chosen + rejected) + (chosen**2 + rejected**2) / 2
        forward = 2 * tokens * layers * layer + 2 * scored * hidden * vocabulary + 4 * layers * heads * size * scores
        total += forward * ((2 if lora else 3) * epochs + 1)
    return total


def caravan(model, pairs, out, batch, args):
    command = [
        str(ROOT / ".build/release/caravan"), "dpo", "--model", model, "--data", pairs, "--output", out, "--epochs",
        str(args.epochs), "--batch-size", str(batch), "--learning-rate", "1e-5", "--max-length", "4096", "--threads",
        str(args.threads), "--no-shuffle", "--keep", "1", "--warmup-ratio", "0",
        *(["--lora-rank", args.lora_rank] if args.lora_rank else []), *args.caravan_options.split()]
    seconds, memory = measured([str(part) for part in command], {"CARAVAN_CACHE": str(out) + "-cache"})
    losses = [json.loads(line)["loss"] for line in open(out / "metrics.jsonl")]
    return seconds, memory, losses


def trl(model, pairs, out, batch, args, best):
    micro = min(batch, args.best_micro if best else args.micro)
    seconds, memory = measured(
        [sys.executable, __file__, "--trl", str(model), "--pairs-file", str(pairs), "--out", str(out), "--epochs",
         str(args.epochs), "--batch", str(batch), "--micro", str(micro)] + (["--best"] if best else [])
        + (["--lora-rank", str(args.lora_rank)] if args.lora_rank else []),
        {"OMP_NUM_THREADS": str(args.threads), "TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": ""})
    report = json.load(open(out / "report.json"))
    # Imports and start-up are not held against it: the trainer's own time counts.
    return report["seconds"], memory, report["losses"]


def run_trl(args):
    import torch
    from datasets import load_dataset
    from torch.utils.data import SequentialSampler
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import DPOConfig, DPOTrainer

    class InOrder(DPOTrainer):
        def _get_train_sampler(self, *_):
            return SequentialSampler(self.train_dataset)

    options = dict(
        output_dir=args.out, num_train_epochs=args.epochs, per_device_train_batch_size=args.micro,
        gradient_accumulation_steps=args.batch // args.micro, learning_rate=1e-5, warmup_steps=0,
        lr_scheduler_type="linear", adam_beta2=0.999, weight_decay=0.0, max_grad_norm=1.0, max_length=4096, beta=0.1,
        logging_steps=1, save_strategy="no", report_to=[], use_cpu=True, bf16=False, fp16=False, disable_tqdm=True)
    if args.best:
        options |= dict(precompute_ref_log_probs=True, gradient_checkpointing=False)
    model = AutoModelForCausalLM.from_pretrained(args.trl, dtype=torch.float32)
    adapter = {}
    if args.lora_rank:
        from peft import LoraConfig

        adapter["peft_config"] = LoraConfig(
            r=args.lora_rank, lora_alpha=2 * args.lora_rank, target_modules="all-linear", task_type="CAUSAL_LM")
    start = time.perf_counter()
    trainer = InOrder(
        model=model, args=DPOConfig(**options), processing_class=AutoTokenizer.from_pretrained(args.trl),
        train_dataset=load_dataset("json", data_files=args.pairs_file, split="train"), **adapter)
    trainer.train()
    seconds = time.perf_counter() - start
    losses = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    json.dump({"seconds": seconds, "losses": losses}, open(pathlib.Path(args.out) / "report.json", "w"))


def compare(args):
    import transformers
    import trl as trl_package

    WORK.mkdir(exist_ok=True)
    print(f"TRL {trl_package.__version__}, transformers {transformers.__version__}, {args.threads} threads\n")
    print("| model | pairs | trainer | pairs/s | × | tokens/s | peak GB | sgemm GFLOP/s | share of it |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for case in args.cases:
        model, shape, count = case.split(":")
        batch = min(args.batch, int(count))
        folder, data = WORK / model, WORK / f"{model}-{shape}-{count}.jsonl"
        make_model(model, folder)
        make_pairs(PAIRS[shape], int(count), MODELS[model][5], data)
        rows = [json.loads(line) for line in open(data)]
        lengths = [(len(r["prompt"][0]["content"]) + 1, len(r["chosen"][0]["content"]) + 1, len(r["rejected"][0]["content"]) + 1)
                   for r in rows]
        operations = needed_operations(model, lengths, args.epochs, args.lora_rank)
        tokens = sum(2 * p + c + r for p, c, r in lengths) * args.epochs
        results = []
        for name in args.trainers:
            out = WORK / f"run-{model}-{shape}-{name}"
            subprocess.run(["rm", "-rf", out, str(out) + "-cache"], check=True)
            # The machine may be shared, and its speed drift: its rate is taken before and after each run.
            before = sgemm_rate(args.threads)
            if name == "caravan":
                result = caravan(folder, data, out, batch, args)
            else:
                out.mkdir()
                result = trl(folder, data, out, batch, args, best=name == "trl-best")
            results.append((name, *result))
            seconds, memory, losses = result
            rate = (before + sgemm_rate(args.threads)) / 2
            ratio = results[0][1] and seconds / results[0][1]
            print(f"| {model} | {shape} | {name} | {args.epochs * len(rows) / seconds:.3f} | {ratio:.1f} | {tokens / seconds:.0f} "
                  f"| {memory / 1e9:.2f} | {rate / 1e9:.0f} | {operations / seconds / rate:.0%} |", flush=True)
        for name, _, _, losses in results[1:]:
            worst = max(abs(a - b) for a, b in zip(results[0][3], losses))
            print(f"losses of caravan and {name} differ by at most {worst:.1e} over {len(losses)} steps")
            # Adapters begin with other random numbers.
            if worst > 1e-3 and not args.lora_rank:
                sys.exit("the trainers do not compute the same loss")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", nargs="+", default=["58M:long-answers:32", "58M:long-prompts:8", "12M:short:32"])
    parser.add_argument("--trainers", nargs="+", default=["caravan", "trl", "trl-best"])
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--micro", type=int, default=8, help="pairs at once in TRL's default way; 8 is its default")
    parser.add_argument("--best-micro", type=int, default=1, help="pairs at once in its best way")
    parser.add_argument("--lora-rank", type=int, help="train an adapter of this rank on all linear layers, beside TRL with PEFT")
    parser.add_argument("--caravan-options", default="", help="more of them, as '--base-type bfloat16 --dtype bfloat16'")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--trl")
    parser.add_argument("--pairs-file")
    parser.add_argument("--out")
    parser.add_argument("--best", action="store_true")
    args = parser.parse_args()
    run_trl(args) if args.trl else compare(args)


if __name__ == "__main__":
    main()
