"""Compares an adapter that Caravan trained with transformers and PEFT: its folder, and what `caravan merge` made of it.

    python Scripts/check_adapter.py ADAPTER MERGED

Loads ADAPTER with PEFT and MERGED with transformers, in float32, and compares their logits on the same tokens, and the weights that PEFT
merges with MERGED's.
"""

import sys

import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoModelForCausalLM


def main(adapter: str, merged: str) -> None:
    ours = AutoModelForCausalLM.from_pretrained(merged, dtype=torch.float32).eval()
    theirs = AutoPeftModelForCausalLM.from_pretrained(adapter, dtype=torch.float32).eval()
    changed = [name for name, value in theirs.named_parameters() if "lora_B" in name and value.abs().max() > 0]
    assert changed, "the adapter changes nothing"
    torch.manual_seed(1)
    tokens = torch.randint(0, ours.config.vocab_size, (2, 32))
    with torch.no_grad():
        a, b = ours(tokens).logits, theirs(tokens).logits
        difference = ((a - b).norm() / b.norm()).item()
        weights = dict(theirs.merge_and_unload().named_parameters())
    worst = max(((p - weights[name]).norm() / weights[name].norm()).item() for name, p in ours.named_parameters())
    print(f"{len(changed)} matrices; relative difference of logits {difference:.1e}, of merged weights {worst:.1e}")
    assert difference < 1e-5 and worst < 1e-6


if __name__ == "__main__":
    main(*sys.argv[1:])
