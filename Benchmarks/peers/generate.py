"""Answers to a document's questions with transformers' generate.

    generate.py shared|unshared GGUF WORKLOAD DOCUMENTS ROWS TOKENS BATCH

shared reads the document once and gives its keys and values to every row, which takes some care; unshared does not.
"""

import copy
import sys

import torch
import transformers

from common import clock, common_length, finish, model, workload

style, gguf, folder, documents, row_count, tokens, batch_size = *sys.argv[1:4], *map(int, sys.argv[4:8])
torch.manual_seed(1)
samples = workload(folder)["samples"]
language_model = model(gguf, "bf16").eval()
PAD = 0
rules = transformers.GenerationConfig(
    do_sample=True, temperature=0.25, top_k=50, min_new_tokens=tokens, max_new_tokens=tokens, pad_token_id=PAD,
    eos_token_id=None)


def write(document):
    asked = [s["teacherPrompt"] for s in samples if s["document"] == document]
    prompts = [asked[r % len(asked)] for r in range(row_count)]
    prefix = common_length(asked) if style == "shared" else 0
    with torch.no_grad():
        if prefix:
            cache = language_model(torch.tensor([prompts[0][:prefix]]), use_cache=True).past_key_values
        for begin in range(0, row_count, batch_size):
            part = prompts[begin:begin + batch_size]
            longest = max(map(len, part))
            # The padding stands between the shared document and the question, so that every row begins with the document.
            gaps = [longest - len(p) for p in part]
            ids = torch.tensor([p[:prefix] + [PAD] * g + p[prefix:] for p, g in zip(part, gaps)])
            mask = torch.tensor([[1] * prefix + [0] * g + [1] * (longest - prefix - g) for g in gaps])
            extra = {}
            if prefix:
                own = copy.deepcopy(cache)
                own.batch_repeat_interleave(len(part))
                extra["past_key_values"] = own
            language_model.generate(input_ids=ids, attention_mask=mask, generation_config=rules, **extra)


write(0)
start = clock()
for document in range(documents):
    write(document)
elapsed = clock() - start
finish(tokens_per_second=documents * row_count * tokens / elapsed, seconds=elapsed)
