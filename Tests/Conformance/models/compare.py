"""Logits and greedy tokens against transformers, in float32: the default model from its GGUF file over 512 tokens, and a
small random model of every family out of a Hugging Face folder; and an adapter that peft made must give peft's logits here.

    compare.py PROBE GGUF
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file

PROBE, GGUF = sys.argv[1], Path(sys.argv[2]).resolve()
SHAPE = dict(vocab_size=258, hidden_size=64, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=512, rms_norm_eps=1e-6)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=64)
FAMILIES = {
    "llama, tied": transformers.LlamaConfig(**SHAPE, tie_word_embeddings=True),
    "llama, rope scaling": transformers.LlamaConfig(**SHAPE, rope_scaling=LLAMA3, rope_theta=500000.0),
    "mistral, window": transformers.MistralConfig(**SHAPE, sliding_window=24),
    "qwen2": transformers.Qwen2Config(**SHAPE),
    "qwen3": transformers.Qwen3Config(**SHAPE, head_dim=24),
}
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
            parameter.data.mul_(3)
        model.save_pretrained(place)
        write_tokenizer(place)
        with torch.no_grad():
            theirs = model(torch.tensor([ids])).logits[0]
        ours = probe(folder, place, ids)
        report(name, ours["logits"], theirs, 1e-4)
        check_greedy(name, ours, model, ids)
        if name == "llama, tied":
            adapted(folder, place, model, ids)


def check_greedy(name, ours, model, ids):
    global failures
    same = ours["greedy"].tolist() == greedy(model, ids)
    failures += not same
    print(f"{name}: greedy tokens {'the same' if same else 'differ  <-- FAIL'}")


def adapted(folder, place, model, ids):
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    peft = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules=targets, init_lora_weights=False))
    peft.save_pretrained(folder / "adapter")
    with torch.no_grad():
        theirs = peft.eval()(torch.tensor([ids])).logits[0]
    report("an adapter of peft's", probe(folder, place, ids, folder / "adapter")["logits"], theirs, 1e-3)


def default_model(folder):
    model = transformers.AutoModelForCausalLM.from_pretrained(
        str(GGUF.parent), gguf_file=GGUF.name, dtype=torch.float32, attn_implementation="eager").eval()
    torch.manual_seed(1)
    ids = torch.randint(3, model.config.vocab_size, (512,)).tolist()
    with torch.no_grad():
        theirs = model(torch.tensor([ids])).logits[0]
    ours = probe(folder, GGUF, ids)
    report("the default model over 512 tokens", ours["logits"], theirs, 1e-3)
    check_greedy("the default model", ours, model, ids)


with tempfile.TemporaryDirectory() as name:
    families(Path(name))
    default_model(Path(name))
print(f"{len(FAMILIES) + 1} models and an adapter, {failures} failures")
sys.exit(failures != 0)
