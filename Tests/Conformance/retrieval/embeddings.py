"""Embeddings against sentence-transformers, in float32: the default embedder over real texts (Squadshifts, where they are
there), invented ones and very long and empty ones; and small random encoders in folders of other makes.

usage: embeddings.py PROBE EMBEDDER [--data FOLDER] [--texts N] [--seed N]
"""

import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import torch
import transformers
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer, models

sys.path.append(str(pathlib.Path(__file__).parent.parent / "tokenizers"))
from texts import dataset_texts, random_texts  # noqa: E402

BOUND = 1e-4
SMALL = dict(vocab_size=30522, hidden_size=48, num_hidden_layers=3, num_attention_heads=4, intermediate_size=80,
             max_position_embeddings=64)


def largest_difference(name: str, probe: str, folder: pathlib.Path, texts: list[str], temporary: pathlib.Path) -> float:
    """Between our unit vectors and theirs."""
    (temporary / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    subprocess.run([probe, "retrieval", "embed", folder, temporary / "texts.json", temporary / "out"], check=True)
    ours = load_file(temporary / "out")["embeddings"]
    model = SentenceTransformer(str(folder), device="cpu")
    theirs = torch.from_numpy(model.encode(texts, normalize_embeddings=True))
    difference = (ours - theirs).abs().max().item()
    print(f"{name}: {len(texts)} texts of at most {model.max_seq_length} tokens, largest difference {difference:.2e}"
          f"{'' if difference <= BOUND else '  <-- FAIL'}")
    return difference


def small_encoders(embedder: pathlib.Path, temporary: pathlib.Path) -> dict[str, pathlib.Path]:
    """Random weights as three makes of folder: a bare encoder, one below a head, and sentence-transformers' own with the first
    token's state as the vector."""
    torch.manual_seed(0)
    config = transformers.BertConfig(**SMALL)
    encoder, headed = transformers.BertModel(config), transformers.BertForMaskedLM(config)
    for parameter in [*encoder.parameters(), *headed.parameters()]:  # larger than the usual start, so that differences show
        parameter.data.mul_(3)
    encoder.save_pretrained(temporary / "bare")
    headed.save_pretrained(temporary / "headed")
    for name in ["bare", "headed"]:
        for file in ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]:
            shutil.copy(embedder / file, temporary / name)
    transformer = models.Transformer(str(temporary / "bare"), max_seq_length=32)
    pooling = models.Pooling(SMALL["hidden_size"], pooling_mode="cls")
    SentenceTransformer(modules=[transformer, pooling], device="cpu").save(str(temporary / "cls"))
    return {"a bare encoder": temporary / "bare", "one below a head": temporary / "headed",
            "the first token's state": temporary / "cls"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("probe")
    parser.add_argument("embedder", type=pathlib.Path)
    parser.add_argument("--data", default="../shared/data", type=pathlib.Path)
    parser.add_argument("--texts", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    transformers.logging.set_verbosity_error()
    dataset = dataset_texts(options.data / "squadshifts")
    if not dataset:
        print(f"{options.data} has no Squadshifts files: their texts are left out")
    sample = random.Random(options.seed).sample(dataset, min(options.texts, len(dataset)))
    sample += random_texts(options.texts, options.seed, ["[SEP]", "[MASK]", "a" * 101])
    sample += ["", " ", "word " * 1000, "Ωμέγα " * 300, "A kettle sings on the hill above Quillop."]
    with tempfile.TemporaryDirectory() as name:
        temporary = pathlib.Path(name)
        folders = {"the default embedder": options.embedder} | small_encoders(options.embedder, temporary)
        differences = [largest_difference(what, options.probe, folder, sample, temporary)
                       for what, folder in folders.items()]
    print(f"{len(folders)} encoders, {len(sample)} texts each, largest difference {max(differences):.2e}")
    sys.exit(max(differences) > BOUND)


if __name__ == "__main__":
    main()
