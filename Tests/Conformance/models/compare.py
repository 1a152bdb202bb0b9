"""Logits and greedy tokens against transformers, in float32: small random models of every family and rope kind out of a
Hugging Face folder and out of a GGUF file that the package gguf wrote, the default model over 512 tokens, and Gemma 3 270M
over more tokens than its window holds. An adapter that peft made on each family must give peft's logits and gradients here.

    compare.py PROBE GGUF GEMMA_GGUF [--tokens COUNT of Gemma's]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import gguf
import torch
import transformers
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file

PROBE, GGUF = sys.argv[1], Path(sys.argv[2]).resolve()
GEMMA_GGUF, GEMMA_TOKENS = Path(sys.argv[3]).resolve(), int(sys.argv[5]) if len(sys.argv) > 5 else 560
SHAPE = dict(vocab_size=258, hidden_size=64, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=512, rms_norm_eps=1e-6)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=64)
YARN = dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=32)
GEMMA = dict(head_dim=24, sliding_window=24, query_pre_attn_scalar=24)
FAMILIES = {
    "llama, tied": transformers.LlamaConfig(**SHAPE, tie_word_embeddings=True),
    "llama, rope scaling": transformers.LlamaConfig(**SHAPE, rope_scaling=LLAMA3, rope_theta=500000.0),
    "llama, biases": transformers.LlamaConfig(**SHAPE, attention_bias=True, mlp_bias=True),
    "llama, linear rope": transformers.LlamaConfig(**SHAPE, rope_scaling=dict(rope_type="linear", factor=3.0)),
    "mistral, window": transformers.MistralConfig(**SHAPE, sliding_window=24),
    "mistral, dynamic rope": transformers.MistralConfig(
        **SHAPE, head_dim=16, sliding_window=None, rope_scaling=dict(rope_type="dynamic", factor=2.0)),
    "qwen2": transformers.Qwen2Config(**SHAPE),
    "qwen2, some windows": transformers.Qwen2Config(
        **SHAPE, use_sliding_window=True, sliding_window=24, max_window_layers=1),
    "qwen2, yarn": transformers.Qwen2Config(**SHAPE, rope_scaling=YARN),
    "qwen3": transformers.Qwen3Config(**SHAPE, head_dim=24),
    "qwen3, biases and yarn": transformers.Qwen3Config(
        **SHAPE, head_dim=24, attention_bias=True,
        rope_scaling=dict(YARN, beta_fast=16.0, beta_slow=2.0, attention_factor=1.2, truncate=False)),
    "gemma3": transformers.Gemma3TextConfig(**(SHAPE | dict(num_hidden_layers=7)), **GEMMA),
    "gemma3, linear rope": transformers.Gemma3TextConfig(
        **SHAPE, **(GEMMA | dict(query_pre_attn_scalar=40)), rope_scaling=dict(rope_type="linear", factor=8.0),
        layer_types=["full_attention", "sliding_attention", "full_attention"]),
}
# What GGUF files say of models: the others have something that llama.cpp keeps to its code.
IN_GGUF = {"llama, tied": gguf.MODEL_ARCH.LLAMA, "llama, biases": gguf.MODEL_ARCH.LLAMA,
           "llama, linear rope": gguf.MODEL_ARCH.LLAMA, "qwen2": gguf.MODEL_ARCH.QWEN2,
           "qwen2, yarn": gguf.MODEL_ARCH.QWEN2, "qwen3": gguf.MODEL_ARCH.QWEN3, "gemma3": gguf.MODEL_ARCH.GEMMA3}
failures = 0


def report(name, ours, theirs, bound):
    global failures
    difference = (ours - theirs).abs().max().item()
    same = bool((ours.argmax(-1) == theirs.argmax(-1)).all())
    good = difference <= bound and same
    failures += not good
    print(f"{name}: largest difference {difference:.2e} (at most {bound:.0e}), argmax "
          f"{'the same everywhere' if same else 'differs'}{'' if good else '  <-- FAIL'}")


def probe(folder, model, ids, adapter=None):
    (folder / "ids.json").write_text(json.dumps(ids))
    out = folder / "out.safetensors"
    subprocess.run([PROBE, "model", str(model), str(folder / "ids.json"), str(out), *([str(adapter)] if adapter else [])],
                   check=True)
    return load_file(out)


def greedy(model, ids):
    """32 tokens, the likeliest each time, whatever the model holds for the end."""
    tokens, cache, new = [], transformers.DynamicCache(), ids
    for _ in range(32):
        with torch.no_grad():
            out = model(torch.tensor([new]), past_key_values=cache, use_cache=True)
        new = [out.logits[0, -1].argmax().item()]
        tokens += new
    return tokens


def write_tokenizer(folder):
    """A token a byte, so that the folder is whole; the comparison is of token ids."""
    alphabet = [b for b in range(256) if 33 <= b <= 126 or 161 <= b <= 172 or 174 <= b <= 255]
    names = {b: chr(b) for b in alphabet}
    for extra, b in enumerate(b for b in range(256) if b not in names):
        names[b] = chr(256 + extra)
    specials = ["<|im_start|>", "<|im_end|>"]
    added = [dict(id=256 + i, content=s, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
             for i, s in enumerate(specials)]
    (folder / "tokenizer.json").write_text(json.dumps(dict(
        version="1.0", truncation=None, padding=None, added_tokens=added, normalizer=None,
        pre_tokenizer=dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True),
        post_processor=None, decoder=dict(type="ByteLevel", add_prefix_space=True, trim_offsets=True, use_regex=True),
        model=dict(type="BPE", dropout=None, unk_token=None, continuing_subword_prefix=None, end_of_word_suffix=None,
                   fuse_unk=False, byte_fallback=False, vocab={names[b]: b for b in range(256)}, merges=[]))))
    (folder / "tokenizer_config.json").write_text(json.dumps(dict(
        eos_token="<|im_end|>",
        chat_template="{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}")))


def families(folder):
    torch.manual_seed(0)
    ids = torch.randint(0, 256, (80,)).tolist()
    for name, config in FAMILIES.items():
        place = folder / name.replace(", ", "-").replace(" ", "-")
        config._attn_implementation = "eager"
        model = transformers.AutoModelForCausalLM.from_config(config).float().eval()
        for parameter in model.parameters():  # larger than the usual start, so that differences would show
            if parameter.dim() > 1:
                parameter.data.mul_(3)
            else:
                parameter.data.add_(torch.randn_like(parameter), alpha=0.3)
        model.save_pretrained(place)
        write_tokenizer(place)
        with torch.no_grad():
            theirs = model(torch.tensor([ids])).logits[0]
        ours = probe(folder, place, ids)
        report(name, ours["logits"], theirs, 1e-4)
        check_greedy(name, ours, model, ids)
        if name in IN_GGUF:
            write_gguf(folder / "model.gguf", model, IN_GGUF[name])
            report(f"{name}, from GGUF", probe(folder, folder / "model.gguf", ids)["logits"], theirs, 1e-4)
        adapted(name, folder, place, model, ids)


def check_greedy(name, ours, model, ids):
    global failures
    same = ours["greedy"].tolist() == greedy(model, ids)
    failures += not same
    print(f"{name}: greedy tokens {'the same' if same else 'differ  <-- FAIL'}")


def write_gguf(path, model, arch):
    """As convert_hf_to_gguf.py writes models of these architectures, in float32 and without a tokenizer."""
    config, name = model.config, gguf.MODEL_ARCH_NAMES[arch]
    writer = gguf.GGUFWriter(path, name)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_theta)
    if getattr(config, "head_dim", None):
        writer.add_key_length(config.head_dim)
    if arch == gguf.MODEL_ARCH.GEMMA3:
        writer.add_sliding_window(config.sliding_window)
    if scaling := config.rope_scaling:
        writer.add_rope_scaling_type(gguf.RopeScalingType(scaling["rope_type"]))
        writer.add_rope_scaling_factor(scaling["factor"])
        if original := scaling.get("original_max_position_embeddings"):
            writer.add_rope_scaling_orig_ctx_len(original)
    names = gguf.get_tensor_name_map(arch, config.num_hidden_layers)
    for key, tensor in model.state_dict().items():
        if key == "lm_head.weight" and config.tie_word_embeddings:
            continue
        if arch == gguf.MODEL_ARCH.GEMMA3 and key.endswith("norm.weight"):
            tensor = tensor + 1
        if arch == gguf.MODEL_ARCH.LLAMA and ("q_proj" in key or "k_proj" in key):
            heads = config.num_attention_heads if "q_proj" in key else config.num_key_value_heads
            tensor = tensor.view(heads, 2, -1, *tensor.shape[1:]).transpose(1, 2).reshape(tensor.shape)
        writer.add_tensor(names.get_name(key, try_suffixes=(".weight", ".bias")), tensor.numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def adapted(name, folder, place, model, ids):
    global failures
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    peft = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules=targets, init_lora_weights=False)).eval()
    peft.save_pretrained(folder / "adapter")
    theirs = peft(torch.tensor([ids])).logits[0]
    theirs.square().sum().backward()
    ours = probe(folder, place, ids, folder / "adapter")
    report(f"{name}, an adapter of peft's", ours["logits"], theirs.detach(), 1e-3)
    gradients = {key.removeprefix("base_model.model.").replace(".default.weight", ""): parameter.grad
                 for key, parameter in peft.named_parameters() if parameter.grad is not None}
    worst = max((ours[key] - gradient).norm().item() / gradient.norm().item() for key, gradient in gradients.items())
    good = worst <= 1e-4 and len(gradients) == 14 * model.config.num_hidden_layers
    failures += not good
    print(f"{name}, {len(gradients)} gradients: largest relative difference {worst:.2e}{'' if good else '  <-- FAIL'}")


def whole_model(name, folder, path, count):
    """A model that people use, over random tokens, in float32."""
    model = transformers.AutoModelForCausalLM.from_pretrained(
        str(path.parent), gguf_file=path.name, dtype=torch.float32, attn_implementation="eager").eval()
    torch.manual_seed(1)
    ids = torch.randint(3, model.config.vocab_size, (count,)).tolist()
    with torch.no_grad():
        theirs = model(torch.tensor([ids])).logits[0]
    ours = probe(folder, path, ids)
    report(f"{name} over {count} tokens", ours["logits"], theirs, 1e-3)
    check_greedy(name, ours, model, ids)


with tempfile.TemporaryDirectory() as name:
    families(Path(name))
    whole_model("the default model", Path(name), GGUF, 512)
    whole_model("Gemma 3 270M", Path(name), GEMMA_GGUF, GEMMA_TOKENS)
print(f"{len(FAMILIES)} models with an adapter each, {len(IN_GGUF)} GGUF files and 2 whole models, {failures} failures")
sys.exit(failures != 0)
