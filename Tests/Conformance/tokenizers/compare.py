"""Tokenizers: the same ids and the same text as Hugging Face `tokenizers`.

usage: compare.py PROBE --gguf FILE [--data FOLDER] [--texts N] [--code-points SHARE] [--seed N]

For SmolLM2, Llama 3 and Qwen2.5: every text of the datasets, every code point or a share of them, and random strings
(texts.py), encoded with special tokens read from the text and without, decoded with and without them, and decoded as a
stream. Then random ids, whose bytes are mostly no UTF-8, decoded.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import references
import tokenizers
from texts import dataset_texts, every_code_point, random_texts


def run_probe(probe: str, arguments: list[str], inputs: list, folder: pathlib.Path):
    """The probe's answer to each input, one by one."""
    path = folder / "inputs.jsonl"
    path.write_text("".join(json.dumps(value) + "\n" for value in inputs), encoding="utf-8")
    with path.open("rb") as stream:
        process = subprocess.Popen([probe, "tokenize", *arguments], stdin=stream, stdout=subprocess.PIPE)
        for value in inputs:
            line = process.stdout.readline()
            if not line:
                sys.exit(f"the probe ended at {value!r}")
            yield json.loads(line)
        process.wait()


def expected(reference: tokenizers.Tokenizer, value) -> dict:
    answer = {}
    ids = value
    if isinstance(value, str):
        reference.encode_special_tokens = True
        answer["plain"] = reference.encode(value, add_special_tokens=False).ids
        reference.encode_special_tokens = False
        ids = answer["special"] = reference.encode(value, add_special_tokens=False).ids
    text = reference.decode(ids, skip_special_tokens=True)
    return answer | {"text": text, "withSpecial": reference.decode(ids, skip_special_tokens=False), "streamed": text}


def compare(what: str, probe: str, arguments: list[str], reference: tokenizers.Tokenizer, inputs: list) -> bool:
    differences = []
    tokens = 0
    with tempfile.TemporaryDirectory() as folder:
        for value, answer in zip(inputs, run_probe(probe, arguments, inputs, pathlib.Path(folder)), strict=True):
            wanted = expected(reference, value)
            tokens += len(wanted.get("special", value))
            wrong = [key for key in wanted if wanted[key] != answer.get(key)]
            if wrong:
                differences.append((value, wrong[0], wanted[wrong[0]], answer.get(wrong[0])))
    print(f"{what}: {len(inputs)} inputs, {tokens} tokens, {len(differences)} differ", flush=True)
    for value, key, theirs, ours in differences[:5]:
        print(f"  {value!r:.300}\n    {key}\n    tokenizers {theirs!r:.300}\n    instill    {ours!r:.300}")
    return not differences


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("probe")
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--data", default="../shared/data", type=pathlib.Path)
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--code-points", type=float, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    dataset = dataset_texts(options.data / "squadshifts")
    if not dataset:
        print(f"{options.data} has no Squadshifts files: their texts are left out")
    metadata = references.gguf_metadata(options.gguf)
    agreed = True
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        (folder / "vocabulary.json").write_text(json.dumps(metadata), encoding="utf-8")
        models = {"SmolLM2": references.smollm2(metadata)}
        models |= {"Llama 3": references.llama3(), "Qwen2.5": references.qwen25()}
        for name, (definition, config) in models.items():
            reference = references.save(folder / name, definition, config)
            arguments = ["--directory", str(folder / name)]
            added = [token["content"] for token in definition["added_tokens"]]
            texts = random_texts(options.texts, options.seed, added)
            random_source = random.Random(options.seed)
            size = reference.get_vocab_size()
            ids = [[random_source.randrange(size) for _ in range(random_source.randint(1, 30))] for _ in range(5000)]
            inputs = {"datasets": dataset, "code points": every_code_point()[:: round(1 / options.code_points)]}
            inputs |= {"random texts": texts, "random ids": ids}
            for what, values in inputs.items():
                agreed &= compare(f"{name}, {what}", options.probe, arguments, reference, values)
            if name == "SmolLM2":
                arguments = ["--vocabulary", str(folder / "vocabulary.json")]
                agreed &= compare(f"{name} from GGUF, random texts", options.probe, arguments, reference, texts)
    sys.exit(0 if agreed else 1)


if __name__ == "__main__":
    main()
