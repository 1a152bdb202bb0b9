"""SentencePiece-style tokenizers: the same ids and the same text as Hugging Face `tokenizers` and `sentencepiece`.

usage: sentence_pieces.py PROBE [--gemma FILE] [--data FOLDER] [--texts N] [--seed N]

Small tokenizers trained on random texts, put together as those of Llama 2, Mistral, Gemma and as no model has them: with
bytes to fall back on, with some of them and without, with and without an unknown token. Then small ones that
`sentencepiece` itself has trained, as a GGUF file keeps them. Then Gemma 3's own, out of its GGUF file and as a
tokenizer.json made of the same vocabulary, on the datasets' texts and every code point as well. Ids are compared, and
text decoded at once and as a stream; of `sentencepiece`, which writes broken bytes otherwise, ids only.
"""

import argparse
import io
import json
import pathlib
import random
import sys
import tempfile

import references
import sentencepiece
import tokenizers
from compare import Apart, compare, compare_apart, run_probe
from sentencepiece import sentencepiece_model_pb2
from texts import dataset_texts, every_code_point, random_pieces, random_texts

MARK = "▁"
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6
# What looks like a piece or a byte and is not.
LOOKALIKES = [MARK, MARK * 2, f" {MARK} ", "<0x41>", "<0xe2>", "<0x+5>", "<unk>", "   "]

REPLACE = {"type": "Replace", "pattern": {"String": " "}, "content": MARK}
SPACE = {"type": "Replace", "pattern": {"String": MARK}, "content": " "}
PREPEND = {"type": "Prepend", "prepend": MARK}
FALLBACK, FUSE = {"type": "ByteFallback"}, {"type": "Fuse"}


def strip(start: int, stop: int) -> dict:
    return {"type": "Strip", "content": " ", "start": start, "stop": stop}


def metaspace(scheme: str, split: bool) -> dict:
    return {"type": "Metaspace", "replacement": MARK, "prepend_scheme": scheme, "split": split}


def in_sequence(key: str, *steps: dict) -> dict:
    return {"type": "Sequence", key: list(steps)}


SPLIT = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False}
DIGITS = {"type": "Digits", "individual_digits": True}
# Normalizer, pre-tokenizer, decoder. None strips the end: `tokenizers` 0.22.2 panics where a text is shorter than that.
KINDS = {
    "Llama 2": (
        in_sequence("normalizers", PREPEND, REPLACE), None, in_sequence("decoders", SPACE, FALLBACK, FUSE, strip(1, 0))
    ),
    "Mistral 0.3": (None, metaspace("first", False), in_sequence("decoders", SPACE, FALLBACK, FUSE, strip(1, 0))),
    "Gemma": (REPLACE, SPLIT, in_sequence("decoders", SPACE, FALLBACK, FUSE)),
    "always, split": (None, metaspace("always", True), metaspace("always", True)),
    "first, split": (None, metaspace("first", True), in_sequence("decoders", FALLBACK, metaspace("first", True))),
    "never, split": (None, metaspace("never", True), metaspace("never", True)),
    "NFKC": (
        in_sequence("normalizers", {"type": "NFKC"}, REPLACE), DIGITS,
        in_sequence("decoders", FALLBACK, SPACE, strip(1, 0)),
    ),
    "NFC": (
        in_sequence("normalizers", {"type": "NFC"}, {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": MARK}),
        None, in_sequence("decoders", SPACE, FALLBACK, FUSE, strip(2, 0)),
    ),
}  # fmt: skip
# The byte tokens that the vocabulary has, whether there is an unknown token, whether neighbours share it.
FALLBACKS = {
    "all bytes": (BYTES, True, True),
    "some bytes": (BYTES[:160] + BYTES[0xE0:0xE8], True, False),
    "few bytes, unknowns fused": (BYTES[0x80:0xE6], True, True),
    "no bytes": ([], True, True),
    "nothing": ([], False, False),
}


def train(kind: tuple, seed: int) -> tuple[list[str], list[list[str]]]:
    """The tokens and merges of a vocabulary trained on random texts, from which most code points are missing."""
    normalizer, pre_tokenizer, decoder = kind
    empty = references.tokenizer_json({}, [], [], [], normalizer=normalizer)
    empty |= {"pre_tokenizer": pre_tokenizer, "decoder": decoder}
    trained = tokenizers.Tokenizer.from_str(json.dumps(empty))
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=700, limit_alphabet=120, show_progress=False)
    trained.train_from_iterator(random_texts(3000, seed, ["the end", "   ", "\n\n"]), trainer)
    model = json.loads(trained.to_str())["model"]
    return sorted(model["vocab"], key=model["vocab"].get), model["merges"]


def definition(kind: tuple, fallback: tuple, seed: int) -> dict:
    normalizer, pre_tokenizer, decoder = kind
    byte_tokens, has_unknown, fuses = fallback
    tokens, merges = train(kind, seed)
    tokens = ["<unk>", "<s>", "</s>", *byte_tokens, *(token for token in tokens if token not in byte_tokens)]
    added = [references.added_token(number, token) for number, token in enumerate(tokens[:3])]
    more = references.added_token(len(tokens), "@tool", special=False)
    added += [more | {"lstrip": True}, more | {"id": len(tokens) + 1, "content": " raw ", "normalized": True}]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    made = references.tokenizer_json(vocabulary, merges, added, [], normalizer=normalizer)
    unknown = "<unk>" if has_unknown else None
    made["model"] |= {"byte_fallback": bool(byte_tokens), "fuse_unk": fuses, "unk_token": unknown}
    return made | {"pre_tokenizer": pre_tokenizer, "decoder": decoder}


def random_ids(source: random.Random, size: int, byte_ids: list[int]) -> list[list[int]]:
    """Ids of any kind, and runs of bytes that are sometimes a character's."""

    def some() -> list[int]:
        if byte_ids and source.random() < 0.5:
            text = chr(source.choice([0x41, 0xE9, 0x20AC, 0x1F600])).encode()
            return [byte_ids[byte] for byte in text[: source.randint(1, len(text))]]
        return [source.randrange(size)]

    return [sum((some() for _ in range(source.randint(1, 12))), []) for _ in range(5000)]


def compare_trained(probe: str, folder: pathlib.Path, texts: int, seed: int) -> bool:
    agreed = True
    for number, (name, kind) in enumerate(KINDS.items()):
        for fallback_name, fallback in FALLBACKS.items():
            what = f"{name}, {fallback_name}"
            made = definition(kind, fallback, seed + number)
            reference = references.save(folder / what, made, {})
            added = [token["content"] for token in made["added_tokens"]]
            count = max(200, texts // (len(KINDS) * len(FALLBACKS)))
            inputs = [*random_texts(count, seed + number, added + LOOKALIKES), "", " ", MARK]
            vocabulary = made["model"]["vocab"]
            byte_ids = [vocabulary[byte] for byte in BYTES] if all(byte in vocabulary for byte in BYTES) else []
            inputs += random_ids(random.Random(seed), reference.get_vocab_size(), byte_ids)
            agreed &= compare(what, probe, ["--directory", str(folder / what)], reference, inputs)
    return agreed


def gguf_vocabulary(model: bytes) -> dict:
    """A model of `sentencepiece` as the metadata of a GGUF file."""
    proto = sentencepiece_model_pb2.ModelProto.FromString(model)
    return {
        "source": "trained",
        "model": "llama",
        # llama.cpp's converter writes the spaces of user-defined tokens as such.
        "tokens": [p.piece.replace(MARK, " ") if p.type == USER_DEFINED else p.piece for p in proto.pieces],
        "tokenTypes": [p.type for p in proto.pieces],
        "merges": [],
        "scores": [p.score for p in proto.pieces],
        "unknownToken": 0,
        "bosToken": 1,
        "eosToken": 2,
        "addsSpacePrefix": proto.normalizer_spec.add_dummy_prefix,
    }


def compare_sentencepiece(probe: str, folder: pathlib.Path, count: int, seed: int) -> bool:
    agreed = True
    for adds_prefix in (True, False):
        # Few code points, so that the others are left to their bytes.
        corpus = ["".join(filter(str.isascii, text)) for text in random_texts(6000, seed, ["the end", "naïve"])]
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(corpus), model_writer=model, model_type="bpe", vocab_size=900,
            character_coverage=0.98, byte_fallback=True, normalization_rule_name="identity",
            add_dummy_prefix=adds_prefix,
            remove_extra_whitespaces=False, user_defined_symbols=["@tool", MARK * 2, MARK * 3, "\n"], minloglevel=2,
        )  # fmt: skip
        reference = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
        (folder / "vocabulary.json").write_text(json.dumps(gguf_vocabulary(model.getvalue())), encoding="utf-8")
        # Not compared: a NUL, which ends a text there; a written mark, which counts as a space there; and a prefix behind
        # a user-defined token, which llama.cpp and Hugging Face put there and `sentencepiece` does not.
        texts = random_texts(count, seed + 1, ["<0x41>", "<0xe2>", "<unk>", "<s>", "@tool"])
        texts = [text for text in texts if "\0" not in text and MARK not in text]
        if adds_prefix:
            texts = [text.replace("@tool", "").replace("\n", "") for text in texts]
            texts = [text for text in texts if "  " not in text and not text.startswith(" ")]
        different = []
        arguments = ["--vocabulary", str(folder / "vocabulary.json")]
        given = [["", text] for text in texts]
        for text, answer in zip(texts, run_probe(probe, arguments, given, folder), strict=True):
            if reference.encode(text) != answer["apart"]:
                different.append((text, reference.encode(text), answer["apart"]))
        print(f"sentencepiece, prefix {adds_prefix}: {len(texts)} texts, {len(different)} differ", flush=True)
        for text, theirs, ours in different[:5]:
            print(f"  {text!r:.300}\n    sentencepiece {theirs}\n    instill       {ours}")
        agreed &= not different
    return agreed


def gemma3(metadata: dict) -> dict:
    """The vocabulary as tokenizer.json: the merges are all the ways to make a normal token of two."""
    tokens, types = metadata["tokens"], metadata["tokenTypes"]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    merges = []
    for token, kind, score in zip(tokens, types, metadata["scores"]):
        if kind == NORMAL:
            halves = ((token[:middle], token[middle:]) for middle in range(1, len(token)))
            merges += [(score, len(a), (a, b)) for a, b in halves if a in vocabulary and b in vocabulary]
    merges.sort(key=lambda merge: merge[:2], reverse=True)
    added = [
        references.added_token(number, token, special=kind != USER_DEFINED)
        for number, (token, kind) in enumerate(zip(tokens, types))
        if kind in (UNKNOWN, CONTROL, USER_DEFINED)
    ]
    made = references.tokenizer_json(vocabulary, [list(merge) for _, _, merge in merges], added, [], normalizer=REPLACE)
    made["model"] |= {"byte_fallback": True, "fuse_unk": True, "unk_token": "<unk>"}
    return made | {"pre_tokenizer": SPLIT, "decoder": in_sequence("decoders", SPACE, FALLBACK, FUSE)}


def compare_gemma3(
    probe: str, gguf: str, folder: pathlib.Path, count: int, code_points: float, seed: int, dataset: list[str]
) -> bool:
    metadata = references.gguf_metadata(gguf)
    (folder / "vocabulary.json").write_text(json.dumps(metadata), encoding="utf-8")
    config = {"bos_token": "<bos>", "eos_token": "<eos>"}
    definition = gemma3(metadata)
    reference = references.save(folder / "Gemma 3", definition, config)
    byte_ids = [metadata["tokens"].index(byte) for byte in BYTES]
    texts = random_texts(count, seed, ["<bos>", "<start_of_turn>", "\n\n", "  ", "<unused7>", *LOOKALIKES])
    inputs = {"datasets": dataset, "code points": every_code_point()[:: round(1 / code_points)], "random texts": texts}
    inputs |= {"random ids": random_ids(random.Random(seed), len(metadata["tokens"]), byte_ids)}
    agreed = True
    for what, values in inputs.items():
        for place, arguments in {
            "GGUF": ["--vocabulary", str(folder / "vocabulary.json")],
            "tokenizer.json": ["--directory", str(folder / "Gemma 3")],
        }.items():
            agreed &= compare(f"Gemma 3 from {place}, {what}", probe, arguments, reference, values)
    pieces = random_pieces(count, seed, [token["content"] for token in definition["added_tokens"][:4]] + ["<unused7>"])
    agreed &= compare_apart("Gemma 3", probe, arguments, Apart(definition), pieces)
    return agreed


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("probe")
    parser.add_argument("--gemma", default=".deps/gemma-3-270m-q4_k_m.gguf")
    parser.add_argument("--data", default="../shared/data", type=pathlib.Path)
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--code-points", type=float, default=1, help="the share of all code points that is read")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    dataset = dataset_texts(options.data / "squadshifts")
    if not dataset:
        print(f"{options.data} has no Squadshifts files: their texts are left out")
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        agreed = compare_trained(options.probe, folder, options.texts, options.seed)
        agreed &= compare_sentencepiece(options.probe, folder, options.texts // 5, options.seed)
        if pathlib.Path(options.gemma).exists():
            agreed &= compare_gemma3(
                options.probe, options.gemma, folder, options.texts, options.code_points, options.seed, dataset)
        else:
            print(f"there is no {options.gemma}: Gemma 3's own tokenizer is left out")
    sys.exit(0 if agreed else 1)


if __name__ == "__main__":
    main()
