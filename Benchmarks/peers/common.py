"""What the peers share: the model out of the same GGUF file, the workload's token ids, and one JSON object at the end."""

import json
import resource
import sys
import time
from pathlib import Path

import torch
import transformers

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


def model(gguf, kind):
    path = Path(gguf).resolve()
    return transformers.AutoModelForCausalLM.from_pretrained(str(path.parent), gguf_file=path.name, dtype=TYPES[kind])


def workload(folder):
    return json.loads((Path(folder) / "workload.json").read_text())


def clock():
    return time.perf_counter()


def finish(**figures):
    figures["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump(figures, sys.stdout)
