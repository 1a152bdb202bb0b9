"""BM25: every score of every document for every question, and the rankings, as rank-bm25's BM25Okapi has them.

usage: bm25.py PROBE --gguf FILE [--data FOLDER] [--corpora N] [--seed N]

The Squadshifts texts in SmolLM2's tokens, where they are there; and random small corpora, in which documents are empty or
the same, tokens stand in more than half of the documents (whose idf rank-bm25 replaces) and questions ask for what no
document has. Scores must have the same bits.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import numpy
from rank_bm25 import BM25Okapi
from safetensors.numpy import load_file

sys.path.append(str(pathlib.Path(__file__).parent.parent / "tokenizers"))
import references  # noqa: E402


def squadshifts(folder: pathlib.Path, gguf: str, temporary: pathlib.Path) -> dict:
    """Documents and questions of each set as token ids."""
    tokenizer = references.save(temporary, *references.smollm2(references.gguf_metadata(gguf)))

    def tokens(path: pathlib.Path, key: str) -> list[list[int]]:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [tokenizer.encode(row[key], add_special_tokens=False).ids for row in rows]

    return {
        path.name.removesuffix("-documents.jsonl"):
            (tokens(path, "text"), tokens(path.with_name(path.name.replace("documents", "questions")), "question"))
        for path in sorted(folder.glob("*-documents.jsonl"))
    }


def random_corpus(source: random.Random) -> tuple[list[list[int]], list[list[int]]]:
    """Token ids after Zipf's law, so that some are nearly everywhere."""
    words = source.randint(1, 200)
    weights = [1 / (1 + word) for word in range(words)]
    documents = [source.choices(range(words), weights, k=source.choice([0, 1, 5, 40])) for _ in range(source.randint(1, 60))]
    documents += [source.choice(documents), source.choices(range(words), k=3)]
    questions = [source.choices(range(words + 5), k=source.randint(0, 12)) for _ in range(20)]
    return documents, questions


def instill(probe: str, corpora: dict, folder: pathlib.Path) -> dict[str, numpy.ndarray]:
    """Scores and rankings of every corpus, by its number."""
    written = [dict(documents=documents, questions=questions) for documents, questions in corpora.values()]
    (folder / "corpora.json").write_text(json.dumps(written))
    subprocess.run([probe, "retrieval", "bm25", folder / "corpora.json", folder / "out"], check=True)
    return load_file(folder / "out")


def compare(name: str, documents: list, questions: list, scores: numpy.ndarray, rankings: numpy.ndarray) -> bool:
    reference = BM25Okapi(documents)
    theirs = numpy.array([reference.get_scores(question) for question in questions])
    order = numpy.argsort(-theirs, axis=1, kind="stable")
    different = int((scores != theirs).sum())
    misplaced = int((rankings != order).any(axis=1).sum())
    if different or misplaced:
        print(f"{name}: {different} of {theirs.size} scores differ, by at most {abs(scores - theirs).max():.2e}, and "
              f"{misplaced} of {len(questions)} rankings  <-- FAIL")
    return not different and not misplaced


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("probe")
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--data", default="../shared/data", type=pathlib.Path)
    parser.add_argument("--corpora", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    source = random.Random(options.seed)
    corpora = {f"random corpus {number}": random_corpus(source) for number in range(options.corpora)}
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        sets = squadshifts(options.data / "squadshifts", options.gguf, folder)
        if not sets:
            print(f"{options.data} has no Squadshifts files: they are left out")
        corpora |= sets
        ours = instill(options.probe, corpora, folder)
    differing = sum(
        not compare(name, *corpus, ours[f"{number}.scores"], ours[f"{number}.rankings"])
        for number, (name, corpus) in enumerate(corpora.items()))
    scores = sum(len(documents) * len(questions) for documents, questions in corpora.values())
    print(f"{len(corpora)} corpora ({', '.join(sets) or 'all random'}), {scores} scores, {differing} corpora differ in any bit")
    sys.exit(differing != 0)


if __name__ == "__main__":
    main()
