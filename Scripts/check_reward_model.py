"""Compares the scores that `caravan score` gives with those of transformers, on padded and unpadded batches.

    python Scripts/check_reward_model.py PROGRAM MODEL PAIRS

MODEL is a reward model that `caravan reward` wrote, PAIRS a file of pairs. Needs torch and transformers.
"""

import json
import subprocess
import sys

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer


def conversation(row: dict, side: str) -> list[dict]:
    messages = [{"role": "user", "content": row["prompt"]}] if isinstance(row.get("prompt"), str) else row.get("prompt") or []
    answer = [{"role": "assistant", "content": row[side]}] if isinstance(row[side], str) else row[side]
    return answer if answer[: len(messages)] == messages else messages + answer


def main(program: str, folder: str, pairs: str):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model, info = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    assert not any(info.values()), info
    command = [program, "score", "--model", folder, "--data", pairs]
    rows = [json.loads(line) for line in subprocess.run(command, check=True, capture_output=True).stdout.splitlines()]
    sequences, scores = [], []
    for row in rows:
        for side in ["chosen", "rejected"]:
            tokens = tokenizer.apply_chat_template(conversation(row, side), return_dict=False)
            while tokens[-1] not in tokenizer.all_special_ids:
                tokens.pop()
            sequences.append(tokens)
            scores.append(row[f"{side}_reward"])
    worst = 0.0
    with torch.no_grad():
        for start in range(0, len(sequences), 8):
            part, expected = sequences[start : start + 8], torch.tensor(scores[start : start + 8])
            longest = max(map(len, part))
            for left in [False, True]:
                padding = [[model.config.pad_token_id] * (longest - len(tokens)) for tokens in part]
                ids = [pad + tokens if left else tokens + pad for tokens, pad in zip(part, padding)]
                ones = [[1] * len(tokens) for tokens in part]
                zeros = [[0] * len(pad) for pad in padding]
                mask = [zero + one if left else one + zero for one, zero in zip(ones, zeros)]
                batch = model(torch.tensor(ids), attention_mask=torch.tensor(mask)).logits[:, 0]
                worst = max(worst, (batch - expected).abs().max().item())
            for tokens, score in zip(part, scores[start : start + 8]):
                worst = max(worst, abs(model(torch.tensor([tokens])).logits[0, 0].item() - score))
    print(f"{len(scores)} scores, alone, padded on the right and on the left: at most {worst:.2g} apart")
    assert worst < 1e-5 * max(map(abs, scores)) + 1e-5


if __name__ == "__main__":
    main(*sys.argv[1:])
