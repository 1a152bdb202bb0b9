"""Tokenizers: the same ids and the same text as Hugging Face `tokenizers`.

usage: compare.py PROBE --gguf FILE [--data FOLDER] [--texts N] [--code-points SHARE] [--seed N]

For SmolLM2, Llama 3 and Qwen2.5: every text of the datasets, every code point or a share of them, and random strings
(texts.py), encoded with special tokens read from the text, decoded with and without them, and decoded as a stream. Then
random ids, whose bytes are mostly no UTF-8, decoded. And random texts of which parts are a template's and parts are given to
it, so that the same control token's text is that token here and plain text there.
"""

import argparse
import itertools
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import references
import tokenizers
from texts import dataset_texts, every_code_point, random_pieces, random_texts


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


class Apart:
    """`tokenizers` with every control token under a name that no text holds: what is written with that name is the token, and
    what looks like the token is text."""

    def __init__(self, definition: dict):
        definition = json.loads(json.dumps(definition))
        self.names = {}
        ids = {}
        for number, token in enumerate(definition["added_tokens"]):
            if references.is_control(token):
                name = f"\U00100000{number}\U00100001"
                self.names[token["content"]] = name
                ids[name] = token["id"]
                vocabulary = definition["model"]["vocab"]
                if token["content"] in vocabulary:
                    vocabulary[name] = vocabulary.pop(token["content"])
                token["content"] = name
        self.tokenizer = tokenizers.Tokenizer.from_str(json.dumps(definition))
        self.ids = {self.tokenizer.token_to_id(name): number for name, number in ids.items()}
        self.control = re.compile("|".join(re.escape(text) for text in sorted(self.names, key=len, reverse=True)))

    def encode(self, pieces: list[str]) -> list[int]:
        """The ids of pieces of which every second one is given."""
        given = [place % 2 == 1 for place in range(len(pieces))]
        # Pieces of the template with nothing between them are one.
        runs = itertools.groupby(((piece, own) for piece, own in zip(pieces, given) if piece), key=lambda run: run[1])
        text = ""
        for is_given, run in runs:
            whole = "".join(piece for piece, _ in run)
            text += whole if is_given else self.control.sub(lambda match: self.names[match[0]], whole)
        ids = self.tokenizer.encode(text, add_special_tokens=False).ids
        return [self.ids.get(number, number) for number in ids]


def compare_apart(what: str, probe: str, arguments: list[str], reference: Apart, inputs: list[list[str]]) -> bool:
    differences = []
    with tempfile.TemporaryDirectory() as folder:
        for pieces, answer in zip(inputs, run_probe(probe, arguments, inputs, pathlib.Path(folder)), strict=True):
            wanted = reference.encode(pieces)
            if wanted != answer["apart"]:
                differences.append((pieces, wanted, answer["apart"]))
    print(f"{what}, template and text apart: {len(inputs)} inputs, {len(differences)} differ", flush=True)
    for pieces, theirs, ours in differences[:5]:
        print(f"  {pieces!r:.300}\n    tokenizers {theirs!r:.300}\n    instill    {ours!r:.300}")
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
            pieces = random_pieces(options.texts, options.seed, added)
            agreed &= compare_apart(name, options.probe, arguments, Apart(definition), pieces)
            if name == "SmolLM2":
                arguments = ["--vocabulary", str(folder / "vocabulary.json")]
                agreed &= compare(f"{name} from GGUF, random texts", options.probe, arguments, reference, texts)
    sys.exit(0 if agreed else 1)


if __name__ == "__main__":
    main()
