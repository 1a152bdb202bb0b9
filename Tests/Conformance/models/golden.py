"""Makes Tests/LanguageModelsTests/Golden/: what transformers and peft compute with a tiny model of each family, whose weights
both sides draw from the tensors' names. The unit tests compare with these files and need no Python.

    PYTHONPATH=.deps/peers python3 Tests/Conformance/models/golden.py
"""

import json
from pathlib import Path

import torch
import transformers
from peft import LoraConfig, get_peft_model

FOLDER = Path(__file__).parents[2] / "LanguageModelsTests" / "Golden"
SHAPE = dict(vocab_size=16, hidden_size=16, intermediate_size=20, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=64, rms_norm_eps=1e-6)
MODELS = {
    "llama": transformers.LlamaConfig(
        **SHAPE, num_hidden_layers=2, attention_bias=True, mlp_bias=True, tie_word_embeddings=True, rope_theta=500.0,
        rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                          original_max_position_embeddings=16)),
    "mistral": transformers.MistralConfig(
        **SHAPE, num_hidden_layers=2, head_dim=6, sliding_window=5, rope_scaling=dict(rope_type="dynamic", factor=2.0)),
    "qwen2": transformers.Qwen2Config(
        **SHAPE, num_hidden_layers=2, use_sliding_window=True, sliding_window=5, max_window_layers=1,
        rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16)),
    "qwen3": transformers.Qwen3Config(
        **SHAPE, num_hidden_layers=2, head_dim=8, attention_bias=True, rope_scaling=dict(rope_type="linear", factor=2.0)),
    "gemma3": transformers.Gemma3TextConfig(
        **SHAPE, num_hidden_layers=3, head_dim=8, sliding_window=5, query_pre_attn_scalar=12, rope_theta=1000.0,
        rope_local_base_freq=100.0, rope_scaling=dict(rope_type="linear", factor=4.0),
        layer_types=["sliding_attention", "full_attention", "sliding_attention"]),
}
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
MASK = (1 << 64) - 1


def drawn(name, shape):
    """Numbers between -1/2 and 1/2 that follow from a name: SplitMix64 from its FNV-1a hash, the upper 24 bits of each."""
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = (state ^ byte) * 0x100000001B3 & MASK
    values = []
    for _ in range(torch.Size(shape).numel()):
        state = state + 0x9E3779B97F4A7C15 & MASK
        z = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
        values.append(((z ^ z >> 31) >> 40) / 2**24 - 0.5)
    return torch.tensor(values).view(shape)


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


def golden(config):
    config._attn_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(config).float().eval()
    tensors = {}
    for name, parameter in model.named_parameters():
        tensors[name] = list(parameter.shape)
        parameter.data = drawn(name, parameter.shape) + (name.endswith("norm.weight") and config.model_type != "gemma3_text")
    ids = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7]
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0]
    settings = json.loads(config.to_json_string())
    adapted = get_peft_model(model, LoraConfig(r=2, lora_alpha=3, target_modules=TARGETS, init_lora_weights=False))
    factors = {name.replace("base_model.model.", "", 1).replace(".default.weight", ""): parameter
               for name, parameter in adapted.named_parameters() if parameter.requires_grad}
    for name, parameter in factors.items():
        parameter.data = drawn(name, parameter.shape)
    adapted_logits = adapted(torch.tensor([ids])).logits[0]
    adapted_logits.square().sum().backward()
    return dict(
        config=settings, tensors=tensors, ids=ids,
        logits=rounded(logits), adapted=rounded(adapted_logits),
        gradients={name: rounded(torch.stack([p.grad.flatten()[0], p.grad.norm()])) for name, p in factors.items()})


FOLDER.mkdir(exist_ok=True)
for name, config in MODELS.items():
    (FOLDER / f"{name}.json").write_text(json.dumps(golden(config)) + "\n")
    print(name, (FOLDER / f"{name}.json").stat().st_size, "bytes")
