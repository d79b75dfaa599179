"""Writes a model folder in the shape of Llama 2's 7B with random weights in bfloat16, 13.5 GB, to measure what a run of that size takes.

    python Benchmarks/large_model.py FOLDER TOKENIZER      # TOKENIZER: a folder with Llama 2's tokenizer; needs numpy

    caravan dpo --model FOLDER --data pairs.jsonl --lora-rank 16 --base-type nf4 --max-steps 2 --batch-size 1 --output run
"""

import json
import shutil
import sys
from pathlib import Path

import numpy

SHAPE = {"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
         "num_attention_heads": 32, "num_key_value_heads": 32}


def tensors():
    D, F, V = SHAPE["hidden_size"], SHAPE["intermediate_size"], SHAPE["vocab_size"]
    yield "embed", {"model.embed_tokens.weight": [V, D]}
    for layer in range(SHAPE["num_hidden_layers"]):
        name = f"model.layers.{layer}."
        yield f"layer-{layer}", {
            name + "input_layernorm.weight": [D], name + "self_attn.q_proj.weight": [D, D],
            name + "self_attn.k_proj.weight": [D, D], name + "self_attn.v_proj.weight": [D, D],
            name + "self_attn.o_proj.weight": [D, D], name + "post_attention_layernorm.weight": [D],
            name + "mlp.gate_proj.weight": [F, D], name + "mlp.up_proj.weight": [F, D], name + "mlp.down_proj.weight": [D, F]}
    yield "head", {"model.norm.weight": [D], "lm_head.weight": [V, D]}


def main():
    folder, tokenizer = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for file in tokenizer.iterdir():
        shutil.copy(file, folder / file.name)
    (folder / "config.json").write_text(json.dumps(SHAPE | {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "max_position_embeddings": 4096, "rms_norm_eps": 1e-5,
        "tie_word_embeddings": False, "torch_dtype": "bfloat16", "hidden_act": "silu", "bos_token_id": 1, "eos_token_id": 2}))
    draws = numpy.random.default_rng(0)
    # Drawn once, and then read from another place for each tensor: normal numbers of deviation 0.02, cut to bfloat16.
    numbers = (draws.standard_normal(1 << 26, dtype=numpy.float32) * 0.02).view(numpy.uint32) >> 16
    numbers = numbers.astype(numpy.uint16)
    index = {}
    for part, shapes in tensors():
        header, offset = {}, 0
        for name, shape in shapes.items():
            size = 2 * int(numpy.prod(shape))
            header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, offset + size]}
            offset += size
            index[name] = f"{part}.safetensors"
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        with open(folder / f"{part}.safetensors", "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for name, shape in shapes.items():
                left = int(numpy.prod(shape))
                if "norm" in name:
                    file.write(numpy.full(left, 0x3F80, numpy.uint16).tobytes())
                    continue
                while left > 0:
                    start = int(draws.integers(0, 1 << 20))
                    piece = numbers[start:start + left]
                    file.write(piece.tobytes())
                    left -= piece.size
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}))


main()
