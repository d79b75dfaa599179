"""Reads GGUF files that Caravan wrote with the gguf package, and compares them with the models they were made of.

    swift build --product caravan
    python Scripts/check_gguf.py .build/debug/caravan [MODEL ...] [--tokenizer FOLDER ...]
        [--converter llama.cpp/convert_hf_to_gguf.py] [--llama-server llama.cpp/build/bin/llama-server]

Each model is exported in every type: the models named, a random one around each tokenizer named, and random ones with
byte-level tokenizers trained here. Tensors must be those that transformers loads, to the bit of the type or of gguf's
own Q8_0, with rows where llama.cpp expects them; tokens, scores, merges and metadata those of the tokenizer. With
llama.cpp's converter at hand, its file must hold the same. With its server, that must tokenize as transformers does and
compute what it does; so must it with a random model of each family, in float32, around a tokenizer that splits text as one of
the family does. Needs gguf, torch, transformers, tokenizers, sentencepiece.
"""

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unicodedata
import urllib.request
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Type
from sentencepiece import SentencePieceProcessor
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, LlamaConfig, Qwen2Config, Qwen3Config

sys.path.insert(0, str(Path(__file__).parent / "fixtures"))
from families import FAMILIES, SMALL, fill
from tokenizer_vectors import CORPUS, PIPELINES
from tokenizer_vectors import TEXTS as HARD_TEXTS

TYPES = {"float32": Type.F32, "float16": Type.F16, "bfloat16": Type.BF16, "q8_0": Type.Q8_0}
TORCH = {Type.F32: torch.float32, Type.F16: torch.float16, Type.BF16: torch.bfloat16}
OUTTYPES = {"float32": "f32", "float16": "f16", "bfloat16": "bf16", "q8_0": "q8_0"}
QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# Kullback-Leibler divergence a token; llama.cpp rounds activations, too.
TOLERANCES = {"float32": 1e-8, "float16": 1e-4, "bfloat16": 1e-2, "q8_0": 5e-2}
# llama.cpp looks GELU up in a table of float16.
GELU = 1e-6
# How tokenizers of a family split text, by the pipelines of tokenizer_vectors.py; those of others do as GPT-2's.
SPLITS = {
    "llama-yarn": "llama3", "deepseek-llm": "deepseek-coder", "falcon3": "llama3", "mistral-nemo": "tekken", "qwen2.5-yarn": "qwen2",
    "qwen2-sliding": "qwen2", "qwen3": "qwen2", "smollm3": "llama3", "olmo3": "deepseek", "phi4-mini": "o200k",
}  # fmt: skip
TEXTS = ["Once upon a time", "Hello world, it's  two spaces\n\nand 1234 numbers", "naïve café – 東京 🚐", "a\tb<|turn|>c"]
TEMPLATE = "{% for message in messages %}<|turn|>{{ message.content }}{{ eos_token }}{% endfor %}"
# What the file is called and of what size is said in other words by the converter; the rest is only in one of the two.
OWN_WORDS = {"general.name", "general.finetune", "general.basename", "general.version", "general.size_label"}
OWN_KEYS = {"attention.key_length", "attention.value_length", "tokenizer.ggml.add_space_prefix", "tokenizer.ggml.add_sep_token"}


def write_tokenizer(folder, split):
    tokenizer = Tokenizer(models.BPE())
    if split.startswith("qwen"):
        steps = [
            pre_tokenizers.Split(Regex(QWEN2), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=["<|end|>", "<|turn|>"]
    )
    tokenizer.train_from_iterator([Path(__file__).read_text(), "naïve café – 東京 🚐 " * 20], trainer)
    tokenizer.add_tokens(["<tool call>"])
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"eos_token": "<|end|>", "pad_token": "<|end|>", "chat_template": TEMPLATE}
    if split == "gpt2":
        settings["bos_token"] = "<|end|>"
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def write_model(folder, kind, vocabulary, bos, eos):
    shape = dict(
        vocab_size=vocabulary, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=256, rms_norm_eps=1e-5, bos_token_id=bos, eos_token_id=eos,
    )
    if kind == "qwen2":
        config = Qwen2Config(**shape, tie_word_embeddings=True)
    elif kind == "qwen3":
        config = Qwen3Config(**shape, head_dim=32)
    else:
        scaling = dict(
            rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, rope_theta=10000.0,
            original_max_position_embeddings=64,
        )
        config = LlamaConfig(**shape, attention_bias=True, head_dim=32, rope_parameters=scaling)
    torch.manual_seed(7)
    model = AutoModelForCausalLM.from_config(config)
    for name, parameter in model.named_parameters():
        torch.nn.init.normal_(parameter, mean=1.0 if "norm" in name else 0.0, std=0.2)
    model.save_pretrained(folder)


def value(field):
    contents = field.contents()
    return [float(x) if isinstance(x, np.floating) else x for x in contents] if isinstance(contents, list) else contents


def metadata(reader):
    return {name: value(field) for name, field in reader.fields.items() if not name.startswith("GGUF.")}


def bytes_of(field):
    """The texts of an array, as the bytes they are in the file."""
    return [bytes(field.parts[index]) for index in field.data]


def interleaved(weight, heads):
    """Where llama.cpp expects a query's or key's rows: the halves of a head alternate."""
    return weight.reshape(heads, 2, -1, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def expected_tensors(folder):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    config = model.config
    architecture = config.model_type if config.model_type.startswith("qwen") else "llama"
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH[architecture.upper()], config.num_hidden_layers)
    tensors = {}
    for name, weight in model.state_dict().items():
        if config.tie_word_embeddings and name == "lm_head.weight":
            continue
        if architecture == "llama" and ".q_proj." in name:
            weight = interleaved(weight, config.num_attention_heads)
        if architecture == "llama" and ".k_proj." in name:
            weight = interleaved(weight, config.num_key_value_heads)
        tensors[names.get_name(name, try_suffixes=(".weight", ".bias"))] = weight.contiguous()
    return model, architecture, tensors


def check_tensors(reader, expected, wanted):
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    assert set(tensors) - {"rope_freqs.weight"} == set(expected), set(tensors) ^ set(expected)
    worst = 0.0
    for name, weight in expected.items():
        tensor = tensors[name]
        rows = weight.shape[-1]
        kind = Type.F32 if weight.ndim == 1 else Type.F16 if wanted == Type.Q8_0 and rows % 32 else wanted
        assert tensor.tensor_type == kind, f"{name} is {tensor.tensor_type.name}, not {kind.name}"
        assert list(tensor.shape) == list(weight.shape)[::-1], name
        assert tensor.data_offset % 32 == 0, name
        read = torch.from_numpy(gguf.quants.dequantize(tensor.data, kind).reshape(weight.shape).astype(np.float32))
        if kind != Type.Q8_0:
            assert torch.equal(read, weight.to(TORCH[kind]).float()), name
            continue
        assert np.array_equal(tensor.data, gguf.quants.quantize(weight.numpy(), Type.Q8_0)), name
        blocks = weight.reshape(-1, 32)
        scale = blocks.abs().amax(1, keepdim=True) / 127
        # Half a step, and what float16 takes off the scale, at most 127 times.
        bound = scale * (0.5 + 127 * 2.0**-11) + 127 * 2.0**-25
        error = (read.reshape(-1, 32) - blocks).abs()
        assert (error <= bound * (1 + 1e-5)).all(), f"{name}: off by {(error / scale).max()} steps"
        worst = max(worst, (error / scale).nan_to_num().max().item())
    return worst


def check_rotary(reader, config):
    factors = {tensor.name: tensor.data for tensor in reader.tensors}.get("rope_freqs.weight")
    scaling = config.rope_parameters
    assert (factors is None) == (scaling["rope_type"] != "llama3")
    if factors is None:
        return
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    stretched, _ = ROPE_INIT_FUNCTIONS["llama3"](config, "cpu")
    size = config.head_dim
    plain = 1.0 / scaling["rope_theta"] ** (torch.arange(0, size, 2).float() / size)
    np.testing.assert_allclose(factors, (plain / stretched).numpy(), rtol=1e-5)


def check_tokenizer(reader, folder, config):
    fields, found = reader.fields, metadata(reader)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    definition = json.loads((folder / "tokenizer.json").read_text())
    vocabulary = {id: text for text, id in definition["model"]["vocab"].items()}
    added = {token["id"]: token for token in definition["added_tokens"]}
    tokens, kinds = bytes_of(fields["tokenizer.ggml.tokens"]), found["tokenizer.ggml.token_type"]
    assert len(tokens) == len(kinds) == config.vocab_size
    for id, (text, kind) in enumerate(zip(tokens, kinds)):
        known = added[id]["content"] if id in added else vocabulary.get(id)
        assert text == (known if known is not None else f"[PAD{id}]").encode(), id
        if known is None:
            assert kind == gguf.TokenType.UNUSED, id
        elif id in added:
            special = (gguf.TokenType.CONTROL, gguf.TokenType.UNKNOWN)
            assert kind in (special if added[id]["special"] else (gguf.TokenType.USER_DEFINED,)), id
    model = folder / "tokenizer.model"
    if definition["model"].get("byte_fallback"):
        assert found["tokenizer.ggml.model"] == "llama"
        assert kinds.count(gguf.TokenType.BYTE) == 256
        if model.exists():
            pieces = SentencePieceProcessor(model_file=str(model))
            scores = [pieces.get_score(id) for id in range(len(pieces))]
            assert found["tokenizer.ggml.scores"][: len(scores)] == scores
    else:
        assert found["tokenizer.ggml.model"] == "gpt2"
        merges = [m if isinstance(m, str) else " ".join(m) for m in definition["model"]["merges"]]
        assert bytes_of(fields["tokenizer.ggml.merges"]) == [merge.encode() for merge in merges]
    for name, id in [("bos", tokenizer.bos_token_id), ("eos", tokenizer.eos_token_id), ("padding", tokenizer.pad_token_id)]:
        assert id is None or found[f"tokenizer.ggml.{name}_token_id"] == id, name
    assert found.get("tokenizer.chat_template") == tokenizer.chat_template


def check_shape(found, config, architecture):
    expected = {
        "vocab_size": config.vocab_size, "context_length": config.max_position_embeddings,
        "embedding_length": config.hidden_size, "block_count": config.num_hidden_layers,
        "feed_forward_length": config.intermediate_size, "attention.head_count": config.num_attention_heads,
        "attention.head_count_kv": config.num_key_value_heads,
        "attention.layer_norm_rms_epsilon": np.float32(config.rms_norm_eps),
        "rope.freq_base": np.float32(config.rope_parameters["rope_theta"]),
    }
    assert found["general.architecture"] == architecture
    for key, wanted in expected.items():
        assert found[f"{architecture}.{key}"] == wanted, key


def compare(reader, reference, architecture):
    """Says where a file differs from the converter's."""
    ours, theirs = metadata(reader), metadata(reference)
    own = {key if key.startswith("tokenizer") else f"{architecture}.{key}" for key in OWN_KEYS}
    for key in sorted((set(ours) | set(theirs)) - OWN_WORDS - own):
        # Said even where it is what llama.cpp assumes; and the converter says how to sample.
        if key.endswith(("add_bos_token", "add_eos_token")) and key not in theirs or key.startswith("general.sampling"):
            continue
        assert ours.get(key) == theirs.get(key), f"{key}: {str(ours.get(key))[:80]}, not {str(theirs.get(key))[:80]}"
    left, right = ({tensor.name: tensor for tensor in file.tensors} for file in (reader, reference))
    assert set(left) == set(right)
    for name, tensor in left.items():
        assert tensor.tensor_type == right[name].tensor_type and list(tensor.shape) == list(right[name].shape), name
        if name == "rope_freqs.weight":
            np.testing.assert_allclose(tensor.data, right[name].data, rtol=1e-6)
        else:
            assert tensor.data.tobytes() == right[name].data.tobytes(), name


def ask(port, path, body):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode())
    return json.load(urllib.request.urlopen(request, timeout=60))


class Llama:
    """llama.cpp's server with a file, which computes in float32 as far as the file's type lets it."""

    def __init__(self, program, path, length=256):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [
            program, "-m", str(path), "--port", str(self.port), "-c", str(length), "-np", "1", "-t", "1", "-fa", "off",
            "-ctk", "f32", "-ctv", "f32", "--no-warmup", "--no-webui",
        ]  # fmt: skip
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        for _ in range(600):
            if self.process.poll() is not None:
                break
            try:
                if urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5).status == 200:
                    return self
            except OSError:
                time.sleep(0.1)
        self.process.kill()
        raise AssertionError("llama-server does not start: " + self.process.communicate()[1][-400:])

    def __exit__(self, *error):
        self.process.kill()
        self.process.communicate()

    def tokens(self, text):
        return ask(self.port, "/tokenize", {"content": text, "add_special": False, "parse_special": True})["tokens"]

    def answer(self, prompt, count, vocabulary):
        """The likeliest tokens one after the other, and for each place the logarithms of all tokens' probabilities."""
        # The server tells them only where a token ends a character: it is made to take one that does.
        (letter,) = self.tokens("a")
        body = {"n_predict": 1, "n_probs": vocabulary, "logit_bias": [[letter, 1000]], "cache_prompt": True}
        answer, rows = [], torch.full((count, vocabulary), float("-inf"))
        for row in rows:
            (step,) = ask(self.port, "/completion", body | {"prompt": prompt + answer})["completion_probabilities"]
            for one in step["top_logprobs"]:
                row[one["id"]] = one["logprob"]
            answer.append(row.argmax().item())
        return answer, rows


def check_with_llama(program, path, folder, model, tolerance, prompt=100, count=8, more=()):
    """Tokens are transformers', and so is what llama.cpp computes of them, as far as the type goes."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with Llama(program, path) as llama:
        for text in [*TEXTS, *more]:
            ours, theirs = llama.tokens(text), tokenizer.encode(text, add_special_tokens=False)
            assert ours == theirs, f"{text!r}: {ours}, not {theirs}"
        tokens = tokenizer.encode(" ".join(TEXTS), add_special_tokens=False)[:prompt]
        answer, found = llama.answer(tokens, count, model.config.vocab_size)
    with torch.no_grad():
        logits = model(torch.tensor([tokens + answer])).logits[0, len(tokens) - 1 : -1]
    expected, found = (torch.log_softmax(values.double(), -1) for values in (logits, found))
    divergence = (expected.exp() * (expected - found)).sum(-1).max().item()
    worst = (expected - found).abs().max().item()
    assert divergence < tolerance, f"probabilities diverge by {divergence}, their logarithms by {worst}"
    # What llama.cpp takes for the likeliest is as likely as any other, up to the same rounding.
    behind = (expected.max(-1).values - expected[range(count), answer]).max().item()
    assert behind <= 2 * worst, f"an answer's token is {behind} behind the likeliest"
    return f"; llama.cpp: {len(tokens)} and {count} tokens, divergence {divergence:.1e}, logarithms differ by {worst:.1e}"


def write_family(folder, name):
    """A random model of a family with a tokenizer of 410 tokens."""
    split = SPLITS.get(name, "gpt2")
    pipeline = PIPELINES[split][1]
    tokenizer = Tokenizer(models.BPE())
    definition = json.loads(tokenizer.to_str()) | {key: pipeline.get(key) for key in ("normalizer", "pre_tokenizer", "decoder")}
    definition["model"] |= {"ignore_merges": pipeline["model"].get("ignore_merges", False)}
    tokenizer = Tokenizer.from_str(json.dumps(definition))
    trainer = trainers.BpeTrainer(
        vocab_size=400, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=["<|end|>", "<|turn|>"],
        show_progress=False,
    )  # fmt: skip
    tokenizer.train_from_iterator([CORPUS], trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"eos_token": "<|end|>", "chat_template": TEMPLATE, "tokenizer_class": "PreTrainedTokenizerFast"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    config = SMALL | FAMILIES[name] | {"vocab_size": 410, "bos_token_id": None, "eos_token_id": 0, "pad_token_id": None}
    (folder / "config.json").write_text(json.dumps(config))
    how = "eager" if config.get("attn_logit_softcapping") else "sdpa"
    model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder), attn_implementation=how)
    fill(model.float(), 7)
    model.save_pretrained(folder)
    # The configuration stays as it is published.
    (folder / "config.json").write_text(json.dumps(config))
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation=how).eval()


def check_family(caravan, program, place, name):
    # Of a model that is called so llama.cpp expects certain tokens.
    folder = place / name.replace("phi3", "phi")
    folder.mkdir()
    model = write_family(folder, name)
    path = place / f"{name}.gguf"
    made = subprocess.run(
        [caravan, "export", "gguf", str(folder), "--output", str(path), "--dtype", "float32"], check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    notes = [line for line in made.stderr.splitlines() if line.startswith("note:")]
    # Where llama.cpp has no windows, it computes the same within them.
    window = FAMILIES[name]["sliding_window"] if any("window" in note for note in notes) else None
    length = min(48, model.config.max_position_embeddings)
    prompt, count = (window - 3, 3) if window else (length - 8, 8)
    # llama.cpp does not normalize, and its texts end at a zero; transformers has special tokens of its own for a family.
    more = [text for text in HARD_TEXTS if unicodedata.is_normalized("NFC", text) and "\0" not in text and "<|" not in text]
    tolerance = GELU if "gemma" in name else TOLERANCES["float32"]
    told = check_with_llama(program, path, folder, model, tolerance, prompt, count, more)
    print(f"{name} float32{told}" + "".join("; " + note for note in notes if "window" not in note))


def check(caravan, folder, converter, place, program):
    model, architecture, expected = expected_tensors(folder)
    config = model.config
    for name, kind in TYPES.items():
        path = place / f"{folder.name}-{name}.gguf"
        subprocess.run(
            [caravan, "export", "gguf", str(folder), "--output", str(path), "--dtype", name,
             *(["--rounding", "nearest"] if name == "bfloat16" else [])], check=True,
            stderr=subprocess.DEVNULL,
        )
        reader = gguf.GGUFReader(path)
        worst = check_tensors(reader, expected, kind)
        check_rotary(reader, config)
        check_tokenizer(reader, folder, config)
        check_shape(metadata(reader), config, architecture)
        told = f", off by {worst:.3f} steps at most" if worst else ""
        if converter:
            reference = place / "reference.gguf"
            command = [sys.executable, converter, str(folder), "--outfile", str(reference), "--outtype", OUTTYPES[name]]
            made = subprocess.run(command, capture_output=True, text=True)
            if made.returncode:
                told += f"; the converter: {made.stderr.strip().splitlines()[-1][:80]}"
            else:
                compare(reader, gguf.GGUFReader(reference), architecture)
                told += ", the same as the converter's"
        if program:
            told += check_with_llama(program, path, folder, model, TOLERANCES[name])
        print(f"{folder.name} {name}: {len(reader.tensors)} tensors{told}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("caravan")
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--tokenizer", nargs="*", type=Path, default=[])
    parser.add_argument("--converter")
    parser.add_argument("--llama-server")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        folders = [model.resolve() for model in options.models]
        for kind in ["gpt2", "qwen2", "qwen3"]:
            folders.append(place / f"random-{kind}")
            folders[-1].mkdir()
            write_model(folders[-1], kind, 410, 0 if kind == "gpt2" else None, 0)
            write_tokenizer(folders[-1], kind)
        for tokenizer in options.tokenizer:
            folders.append(place / f"random-{tokenizer.name}")
            folders[-1].mkdir()
            known = AutoTokenizer.from_pretrained(tokenizer)
            write_model(folders[-1], "llama", len(known), known.bos_token_id, known.eos_token_id)
            for file in tokenizer.iterdir():
                shutil.copyfile(file, folders[-1] / file.name)
        for folder in folders:
            check(options.caravan, folder, options.converter, place, options.llama_server)
        for name in FAMILIES if options.llama_server else []:
            check_family(options.caravan, options.llama_server, place, name)


if __name__ == "__main__":
    main()
