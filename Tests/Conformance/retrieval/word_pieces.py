"""WordPiece: the same ids as Hugging Face `tokenizers` has for the embedder, cut at its length.

usage: word_pieces.py PROBE EMBEDDER [--data FOLDER] [--texts N] [--seed N]

Every text of the datasets, every code point, and random strings of what breaks tokenizers; with the folder's own normalizer
and with each of its switches set the other way.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import tokenizers

sys.path.append(str(pathlib.Path(__file__).parent.parent / "tokenizers"))
from texts import dataset_texts, every_code_point, random_texts  # noqa: E402

VARIANTS = [{}, {"clean_text": False}, {"handle_chinese_chars": False}, {"strip_accents": False}, {"lowercase": False},
            {"lowercase": False, "strip_accents": True}]


def variant(embedder: pathlib.Path, folder: pathlib.Path, normalizer: dict) -> tokenizers.Tokenizer:
    """A tokenizer.json with other switches, and the reference made from the same file."""
    definition = json.loads((embedder / "tokenizer.json").read_text(encoding="utf-8"))
    definition["normalizer"] |= normalizer
    (folder / "tokenizer.json").write_text(json.dumps(definition, ensure_ascii=False), encoding="utf-8")
    reference = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    reference.no_padding()
    return reference


def differences(probe: str, folder: pathlib.Path, reference: tokenizers.Tokenizer, texts: list[str], limit: int) -> int:
    reference.enable_truncation(limit)
    inputs = folder / "texts.jsonl"
    inputs.write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
    with inputs.open("rb") as stream:
        output = subprocess.run([probe, "retrieval", "word-pieces", folder, str(limit)], stdin=stream, check=True,
                                stdout=subprocess.PIPE, text=True).stdout
    ours = [json.loads(line) for line in output.splitlines()]
    theirs = [encoding.ids for encoding in reference.encode_batch(texts)]
    wrong = [place for place in range(len(texts)) if ours[place] != theirs[place]]
    for place in wrong[:5]:
        print(f"  {texts[place]!r:.300}\n    tokenizers {theirs[place]!r:.300}\n    instill    {ours[place]!r:.300}")
    return len(wrong)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("probe")
    parser.add_argument("embedder", type=pathlib.Path)
    parser.add_argument("--data", default="../shared/data", type=pathlib.Path)
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    dataset = dataset_texts(options.data / "squadshifts")
    if not dataset:
        print(f"{options.data} has no Squadshifts files: their texts are left out")
    added = ["[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]", "##ing", "[cls]", "a" * 101]
    texts = dataset + every_code_point() + random_texts(options.texts, options.seed, added)
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for normalizer in VARIANTS:
            reference = variant(options.embedder, folder, normalizer)
            # The datasets' texts are all lengths, so the limit cuts some of them; the code points need all of theirs.
            found = differences(options.probe, folder, reference, dataset, 256) if dataset else 0
            found += differences(options.probe, folder, reference, texts, 100_000)
            print(f"{normalizer or 'as it is'}: {len(texts)} texts, {found} differ")
            wrong += found
    print(f"{len(VARIANTS)} normalizers, {len(texts)} texts each, {wrong} differ")
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
