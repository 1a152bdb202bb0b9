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

import torch
import transformers

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
DEVICE = os.environ.get("BENCH_DEVICE", "cpu")
ON_CARD = DEVICE != "cpu"
# Not for the processor, for PyTorch then looks at every call.
if ON_CARD:
    torch.set_default_device(DEVICE)


def model(name, kind):
    path = Path(name).resolve()
    if path.suffix == ".json":
        shape = transformers.AutoConfig.from_pretrained(str(path))
        return transformers.AutoModelForCausalLM.from_config(shape, dtype=TYPES[kind])
    return transformers.AutoModelForCausalLM.from_pretrained(str(path.parent), gguf_file=path.name, dtype=TYPES[kind])


def workload(folder):
    return json.loads((Path(folder) / "workload.json").read_text())


def clock():
    if ON_CARD:
        torch.cuda.synchronize()
    return time.perf_counter()


def finish(**figures):
    if ON_CARD:
        figures["peak_device_mib"] = torch.cuda.max_memory_allocated() / 2**20
    figures["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump(figures, sys.stdout)
