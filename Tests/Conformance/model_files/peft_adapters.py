"""PEFT: an adapter that PEFT saved and Instill rewrote gives PEFT the same logits.

usage: peft_adapters.py PROBE

Tiny random Llama models get random adapters of several kinds: with and without the head, with tied and untied weights, with
rank and alpha patterns. Kinds that are more than plain LoRA must be refused by name.
"""

import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors import safe_open
from transformers import LlamaConfig, LlamaForCausalLM

ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
PLAIN = {
    "all": dict(target_modules=ALL),
    "head": dict(target_modules=[*ALL, "lm_head"]),
    "patterns": dict(
        target_modules=ALL,
        rank_pattern={"down_proj": 2, "layers.1.self_attn.q_proj": 6},
        alpha_pattern={"down_proj": 3, "layers.0.mlp.up_proj": 1.5},
    ),
    "gaussian": dict(target_modules="all-linear", init_lora_weights="gaussian"),
    "rslora": dict(use_rslora=True, rank_pattern={"up_proj": 3}),
    "regular expressions": dict(
        target_modules=r".*\.(q|down)_proj", rank_pattern={r"layers\.[01]\.self_attn\.q_proj": 2},
        alpha_pattern={r"^model\.layers\.0\..*": 3},
    ),
    "one layer": dict(layers_to_transform=[1]),
    "excluded": dict(exclude_modules=["v_proj", "layers.0.mlp.down_proj"]),
}
REFUSED = {
    "use_dora": dict(use_dora=True),
    "bias": dict(bias="all"),
    "lora_bias": dict(lora_bias=True),
    "modules_to_save": dict(modules_to_save=["embed_tokens"]),
    "trainable_token_indices": dict(trainable_token_indices=[1, 5]),
    "init_lora_weights": dict(init_lora_weights="pissa"),
    "layer_replication": dict(layer_replication=[[0, 2], [1, 2]]),
}


def make_model(tied: bool) -> LlamaForCausalLM:
    torch.manual_seed(1)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, tie_word_embeddings=tied,
        )
    ).eval()  # fmt: skip


def save_adapter(folder: Path, tied: bool, settings: dict) -> torch.Tensor:
    config = LoraConfig(**(dict(r=4, lora_alpha=8, target_modules=ALL, task_type="CAUSAL_LM") | settings))
    model = get_peft_model(make_model(tied), config).eval()
    torch.manual_seed(2)
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    model.save_pretrained(folder)
    return logits(model)


def logits(model: torch.nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return model(torch.arange(96).reshape(2, 48)).logits


def check_rewritten(probe: list[str], folder: Path, name: str, tied: bool) -> None:
    theirs, ours = folder / f"{name}-{tied}", folder / f"{name}-{tied}-rewritten"
    expected = save_adapter(theirs, tied, PLAIN[name])
    for _ in range(2):  # The second time it replaces the first.
        subprocess.run([*probe, "adapter", theirs, ours], check=True)
    assert sorted(p.name for p in ours.iterdir()) == ["adapter_config.json", "adapter_model.safetensors"]
    with safe_open(ours / "adapter_model.safetensors", "pt") as file:
        assert file.metadata() == {"format": "pt", "instill.base_fingerprint": "0123456789abcdef"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # PEFT warns of missing, unexpected and unknown things,
        warnings.filterwarnings("ignore", "Model has `tie_word_embeddings")  # and of a head adapted without its twin.
        loaded = PeftModel.from_pretrained(make_model(tied), ours).eval()
    difference = (logits(loaded) - expected).abs().max().item()
    assert difference == 0, (name, tied, difference)
    assert (logits(make_model(tied)) - expected).abs().max() > 0.01, "the adapter does nothing"


def check_refused(probe: list[str], folder: Path, name: str) -> None:
    path = folder / f"refused-{name}"
    save_adapter(path, False, REFUSED[name])
    result = subprocess.run([*probe, "adapter", path, folder / "never"], capture_output=True, text=True)
    said = result.stdout + result.stderr
    assert result.returncode != 0 and f"`{name}`" in said and str(path) in said, (name, said)
    assert not (folder / "never").exists()


def main() -> None:
    probe = sys.argv[1].split()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in PLAIN:
            for tied in (False, True):
                check_rewritten(probe, folder, kind, tied)
        for kind in REFUSED:
            check_refused(probe, folder, kind)
    print(f"PEFT: {2 * len(PLAIN)} adapters give the same logits, {len(REFUSED)} are refused")


if __name__ == "__main__":
    main()
