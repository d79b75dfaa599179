"""Loads model folders that Caravan wrote with transformers, and compares their logits with the source's.

    CARAVAN_WRITTEN_FOLDER=OUT swift test --filter foldersForTransformers
    python Scripts/check_written_folder.py SOURCE OUT/*

A folder in float32 must give the same bits; one in half precision must give what transformers gives when it casts the
source itself. Fails loudly on tensors that are missing or unexpected.
"""

import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def load(folder, **options):
    model, info = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True, **options)
    problems = {key: value for key, value in info.items() if value}
    assert not problems, f"{folder}: {problems}"
    return model.eval()


def main(source, *written):
    assert written, "name the folders to check"
    text = "Once upon a time, there was a little girl"
    tokens = AutoTokenizer.from_pretrained(source)(text, return_tensors="pt").input_ids
    for folder in written:
        model = load(folder, dtype="auto")
        expected = load(source, dtype=model.dtype)
        assert torch.equal(AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt").input_ids, tokens)
        with torch.no_grad():
            difference = (model(tokens).logits - expected(tokens).logits).abs().max().item()
        assert difference == 0, f"{folder}: logits differ by {difference}"
        print(f"{Path(folder).name}: {model.dtype}, logits equal")


if __name__ == "__main__":
    main(*sys.argv[1:])
