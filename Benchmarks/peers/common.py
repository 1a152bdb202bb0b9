"""What the peers share: the model, the workload's token ids, and one JSON object at the end.

The model comes out of the same GGUF file, or has random weights in the shape of a config.json. BENCH_DEVICE names a graphics
card; models and batches are then made there.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

DEVICE = os.environ.get("BENCH_DEVICE", "cpu")
ON_CARD = DEVICE != "cpu"


def model(name, kind):
    """The model in transformers, which a peer that needs neither it nor torch does not pay memory for; random weights where
    the name is that of a configuration."""
    import torch
    import transformers

    # Not for the processor, for PyTorch then looks at every call.
    if ON_CARD:
        torch.set_default_device(DEVICE)
    path = Path(name).resolve()
    types = {"fp32": torch.float32, "bf16": torch.bfloat16}
    if path.suffix == ".json":
        shape = transformers.AutoConfig.from_pretrained(str(path))
        return transformers.AutoModelForCausalLM.from_config(shape, dtype=types[kind])
    return transformers.AutoModelForCausalLM.from_pretrained(str(path.parent), gguf_file=path.name, dtype=types[kind])


def workload(folder):
    return json.loads((Path(folder) / "workload.json").read_text())


def common_length(prompts):
    """How many tokens all prompts begin with, one left to each."""
    first = prompts[0]
    return min(next((i for i, (a, b) in enumerate(zip(first, p)) if a != b), min(len(first), len(p)) - 1) for p in prompts)


def card():
    import torch

    return torch.cuda


def clock():
    if ON_CARD:
        card().synchronize()
    return time.perf_counter()


def finish(**figures):
    if ON_CARD:
        figures["peak_device_mib"] = card().max_memory_allocated() / 2**20
    figures["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump(figures, sys.stdout)
