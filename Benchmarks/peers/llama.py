"""Answers to a document's questions with llama.cpp, on the same GGUF file.

    llama.py GGUF WORKLOAD DOCUMENTS ROWS TOKENS [FILE]

As its server does with a prompt that many requests begin with: the document is decoded once, its cells of the key-value cache
are shared with every row, and then each step is one batch with a token of each row. The rows are sampled by llama.cpp's own
samplers. With FILE, the texts of the last document's rows are written there, to be looked at.
"""

import ctypes
import os
import sys
from pathlib import Path

from common import clock, common_length, finish, workload

try:
    import llama_cpp as llama
except ImportError as error:
    sys.exit(f"llama-cpp-python is not there ({error}); scripts/bootstrap llama builds it")

gguf, folder, documents, row_count, tokens = *sys.argv[1:3], *map(int, sys.argv[3:6])
texts_file = sys.argv[6] if len(sys.argv) > 6 else None
samples = workload(folder)["samples"]


def rows(document):
    """What all prompts on a document begin with, and how each row goes on."""
    asked = [s["teacherPrompt"] for s in samples if s["document"] == document]
    prefix = common_length(asked)
    return asked[0][:prefix], [asked[r % len(asked)][prefix:] for r in range(row_count)]


def cells(document):
    """Places of the key-value cache that a document's rows take."""
    prefix, questions = rows(document)
    return len(prefix) + sum(map(len, questions)) + row_count * tokens


class Batch:
    """Tokens for one call of the decoder: each with its place, its sequence, and whether its logits are wanted."""

    def __init__(self, size):
        self.c = llama.llama_batch_init(size, 0, 1)

    def fill(self, entries):
        c = self.c
        for i, (token, place, sequence, is_wanted) in enumerate(entries):
            c.token[i], c.pos[i], c.logits[i] = token, place, is_wanted
            c.n_seq_id[i], c.seq_id[i][0] = 1, sequence
        c.n_tokens = len(entries)

    def decode(self, context, entries):
        self.fill(entries)
        code = llama.llama_decode(context, self.c)
        if code:
            sys.exit(f"llama_decode failed with {code}")


def open_context(model, size):
    settings = llama.llama_context_default_params()
    settings.n_ctx = settings.n_batch = size
    settings.n_seq_max = settings.n_outputs_max = row_count + 1
    settings.n_threads = settings.n_threads_batch = len(os.sched_getaffinity(0))
    # One buffer for all rows, in which the document's cells lie once.
    settings.kv_unified = True
    return llama.llama_init_from_model(model, settings) or sys.exit("llama.cpp has no memory for its cache")


def sampler(seed):
    chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
    llama.llama_sampler_chain_add(chain, llama.llama_sampler_init_top_k(50))
    llama.llama_sampler_chain_add(chain, llama.llama_sampler_init_temp(0.25))
    llama.llama_sampler_chain_add(chain, llama.llama_sampler_init_dist(seed))
    return chain


def write(document):
    """The rows' tokens."""
    prefix, questions = rows(document)
    llama.llama_memory_clear(memory, False)
    batch.decode(context, [(token, place, 0, False) for place, token in enumerate(prefix)])
    for row in range(row_count):
        llama.llama_memory_seq_cp(memory, 0, row + 1, -1, -1)
    entries, last = [], []
    for row, question in enumerate(questions):
        entries += [(token, len(prefix) + i, row + 1, i == len(question) - 1) for i, token in enumerate(question)]
        last.append(len(entries) - 1)
    places = [len(prefix) + len(question) for question in questions]
    written = [[] for _ in questions]
    for step in range(tokens):
        batch.decode(context, entries)
        for row, (chain, place) in enumerate(zip(samplers, last)):
            written[row].append(llama.llama_sampler_sample(chain, context, place))
        entries = [(w[-1], place + step, row + 1, True) for row, (w, place) in enumerate(zip(written, places))]
        last = range(row_count)
    return written


def text(row):
    """What a row's tokens say, control tokens included."""
    room = ctypes.create_string_buffer(64 * len(row))
    vocabulary = llama.llama_model_get_vocab(model)
    size = llama.llama_detokenize(vocabulary, (llama.llama_token * len(row))(*row), len(row), room, len(room), False, True)
    return room.raw[:size].decode("utf-8", "replace")


quiet = llama.llama_log_callback(lambda *_: None)
llama.llama_log_set(quiet, None)
model = llama.llama_model_load_from_file(gguf.encode(), llama.llama_model_default_params())
if not model:
    sys.exit(f"llama.cpp cannot load {gguf}")
context = open_context(model, max(map(cells, range(documents))))
memory = llama.llama_get_memory(context)
batch = Batch(llama.llama_n_ctx(context))
samplers = [sampler(row) for row in range(row_count)]
write(0)
start = clock()
for document in range(documents):
    written = write(document)
elapsed = clock() - start
if texts_file:
    Path(texts_file).write_text("\n---\n".join(map(text, written)))
finish(tokens_per_second=documents * row_count * tokens / elapsed, seconds=elapsed)
