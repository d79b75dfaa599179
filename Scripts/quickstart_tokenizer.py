"""Trains the quickstart's tokenizer: byte-level BPE of 512 entries with <unk>, <s> and </s> in front, as Llama has them.

    python3 Scripts/quickstart_tokenizer.py RAW.jsonl

RAW.jsonl holds rows of UltraFeedback's raw schema, as the quickstart writes them into its folder. The result is checked
in; the same rows give the same file. Needs the package `tokenizers` (0.21 or later).
"""

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

ROOT = Path(__file__).parent.parent
RESOURCES = ROOT / "Sources/Quickstart/Resources"
SPECIAL = ["<unk>", "<s>", "</s>"]


def texts(path):
    """The conversations in Tulu's format, without the special tokens."""
    for line in open(path):
        row = json.loads(line)
        for completion in row["completions"]:
            yield f"<|user|>\n{row['instruction']}\n<|assistant|>\n{completion['response']}"


def train(path):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        texts(path),
        trainers.BpeTrainer(
            vocab_size=512,
            special_tokens=SPECIAL,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    # As Llama's: a text alone begins with <s>.
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", SPECIAL.index("<s>"))]
    )
    return tokenizer


if __name__ == "__main__":
    tokenizer = train(sys.argv[1])
    RESOURCES.mkdir(parents=True, exist_ok=True)
    (RESOURCES / "tokenizer.json").write_text(tokenizer.to_str() + "\n")
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "pad_token": "<unk>",
        "clean_up_tokenization_spaces": False,
        "model_max_length": 512,
    }
    (RESOURCES / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")

    lengths = [len(tokenizer.encode(text).ids) + 1 for text in texts(sys.argv[1])]
    print(f"{tokenizer.get_vocab_size()} entries; a conversation has {sum(lengths) / len(lengths):.1f} tokens, "
          f"at most {max(lengths)}")
    for text in ["<|user|>\nWhere does it stand?\n<|assistant|>\n", " naïve 😀\n\n"]:
        print(json.dumps(text), tokenizer.encode(text, add_special_tokens=False).ids)
