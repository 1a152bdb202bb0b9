"""What the peers share: the model out of the same GGUF file, the workload's token ids, and one JSON object at the end."""

import json
import resource
import sys
import time
from pathlib import Path


def model(gguf, kind):
    """The model in transformers, which a peer that needs neither it nor torch does not pay memory for."""
    import torch
    import transformers

    path = Path(gguf).resolve()
    types = {"fp32": torch.float32, "bf16": torch.bfloat16}
    return transformers.AutoModelForCausalLM.from_pretrained(str(path.parent), gguf_file=path.name, dtype=types[kind])


def workload(folder):
    return json.loads((Path(folder) / "workload.json").read_text())


def common_length(prompts):
    """How many tokens all prompts begin with, one left to each."""
    first = prompts[0]
    return min(next((i for i, (a, b) in enumerate(zip(first, p)) if a != b), min(len(first), len(p)) - 1) for p in prompts)


def clock():
    return time.perf_counter()


def finish(**figures):
    figures["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump(figures, sys.stdout)
