"""Texts to tokenize: the datasets' own, every code point once, and random strings of what breaks tokenizers."""

import json
import pathlib
import random

# First and last code points of scripts, symbols, marks and places where nothing is assigned.
RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x250, 0x2AF), (0x2B0, 0x36F), (0x370, 0x3FF), (0x400, 0x52F), (0x530, 0x5FF),
    (0x600, 0x6FF), (0x700, 0x8FF), (0x900, 0xDFF), (0xE00, 0xFFF), (0x1000, 0x109F), (0x10A0, 0x11FF),
    (0x1200, 0x139F), (0x1780, 0x18AF), (0x1AB0, 0x1AFF), (0x1C80, 0x1CFF), (0x1DC0, 0x1FFF), (0x2000, 0x20CF),
    (0x20D0, 0x2BFF), (0x2C00, 0x2FFF), (0x3000, 0x33FF), (0x4E00, 0x9FFF), (0xA640, 0xA82F), (0xA8E0, 0xABFF),
    (0xAC00, 0xD7FF), (0xE000, 0xE0FF), (0xF900, 0xFFFF), (0x10000, 0x105FF), (0x10D00, 0x11FFF), (0x12000, 0x123FF),
    (0x16D40, 0x16D7F), (0x1D100, 0x1D7FF), (0x1E000, 0x1E8FF), (0x1F000, 0x1FAFF), (0x20000, 0x200FF),
    (0x2EBF0, 0x2EE5F), (0x2F800, 0x2FA1F), (0x31350, 0x313FF), (0x40000, 0x4000F), (0xE0100, 0xE01EF),
    (0x10FFF0, 0x10FFFF),
]  # fmt: skip

MARKS = [0x300, 0x301, 0x308, 0x316, 0x323, 0x327, 0x345, 0x5B0, 0x64B, 0x93C, 0xF71, 0xF73, 0xF75, 0xF81, 0x1161]
MARKS += [0x11A8, 0x20E3, 0x302A, 0x3099, 0x897, 0x1AC1, 0x10EFD, 0x1E08F, 0x11382, 0xFE0F, 0x200D, 0x200C]

FRAGMENTS = ["'s", "'S", "'Re", "'ll", "'ſ", "don't", "we'll", " the", "The", "naïve", "İstanbul", "ß", "ẞ", "straße"]
FRAGMENTS += ["👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "👍🏽", "e\u0301", "ﬁ", "Å", "각", "한국어", "日本語", "مرحبا", "שלום"]
FRAGMENTS += ["नमस्ते", "สวัสดี", "Привет", "http://a.b/c?d=e&f", "a_b", "x=1;", "/* */", "```", "...", "—", "“”"]
FRAGMENTS += ["$1,234.56", "3.14e-10", "½", "Ⅷ", "٣", "1234567"]
SPACES = [" ", "  ", "    ", "\n", "\n\n", "\r\n", "\t", "\t\t", "\v", "\f", "\x1f"]
SPACES += ["\u0085", "\u00a0", "\u200b", "\u2028", "\u3000"]
CONTROLS = [*range(0x20), *range(0x7F, 0xA0), 0xAD, 0x200E, 0x202E, 0xFEFF, 0xFFFD, 0xFFFF]
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ '"


def character(source: random.Random) -> str:
    first, last = source.choice(RANGES)
    return chr(source.randint(first, last))


def characters(source: random.Random) -> str:
    return "".join(character(source) for _ in range(source.randint(2, 6)))


def any_code_point(source: random.Random) -> str:
    code = source.randrange(0x110000 - 0x800)
    return chr(code if code < 0xD800 else code + 0x800)


def marked_character(source: random.Random) -> str:
    return character(source) + "".join(chr(mark) for mark in source.choices(MARKS, k=source.randint(1, 4)))


def random_text(source: random.Random, added_tokens: list[str]) -> str:
    kinds = {
        lambda: character(source): 4,
        lambda: characters(source): 3,
        lambda: any_code_point(source): 1,
        lambda: marked_character(source): 3,
        lambda: source.choice(FRAGMENTS): 4,
        lambda: source.choice(SPACES) * source.randint(1, 4): 4,
        lambda: chr(source.choice(CONTROLS)): 1,
        lambda: str(source.randrange(10 ** source.randint(1, 9))): 2,
        lambda: source.choice(added_tokens): 1,
        lambda: source.choice(added_tokens)[: source.randint(1, 12)]: 1,
        lambda: "".join(source.choices(LETTERS, k=source.randint(1, 12))): 4,
    }
    parts = source.choices(list(kinds), list(kinds.values()), k=source.randint(1, 14))
    text = "".join(part() for part in parts)
    return text if source.random() < 0.98 else text * source.randint(2, 40)


def random_texts(count: int, seed: int, added_tokens: list[str]) -> list[str]:
    source = random.Random(seed)
    return [random_text(source, added_tokens) for _ in range(count)]


def random_pieces(count: int, seed: int, added_tokens: list[str]) -> list[list[str]]:
    """Texts cut anywhere, within added tokens too: every second piece, from the second on, is given to a template."""
    source = random.Random(seed)
    pieces = []
    for _ in range(count):
        text = random_text(source, added_tokens) + source.choice(["", *added_tokens])
        cuts = sorted(source.randint(0, len(text)) for _ in range(source.randint(1, 4)))
        pieces.append([text[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(text)])])
    return pieces


def every_code_point() -> list[str]:
    """Each code point between letters, behind a digit, behind a mark that it may reorder with."""
    codes = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000 and not 0x40000 <= code < 0xE0000]
    codes = [code for code in codes if code < 0xF0000 or code % 64 == 0]
    chunks = (codes[start : start + 64] for start in range(0, len(codes), 64))
    return ["".join(f"a{chr(code)}b 1{chr(code)} q\u0301{chr(code)}\u0316" for code in chunk) for chunk in chunks]


def dataset_texts(folder: pathlib.Path) -> list[str]:
    """Every text in the Squadshifts files: documents, questions, original questions and answers."""
    texts = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            texts += [row[key] for key in ("text", "question", "original_question") if key in row]
            texts += row.get("answers", [])
    return texts
