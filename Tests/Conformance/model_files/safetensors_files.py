"""safetensors: what Instill writes, the reference reads, and the other way round.

usage: safetensors_files.py PROBE

The reference writes files of every element type, of awkward names and shapes, in one piece and in shards; the probe reads
and rewrites them; the reference reads the results and finds the same bytes.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import safetensors
import torch
from safetensors.torch import load_file, save_file

TYPES = [
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
    torch.uint8, torch.bool,
]  # fmt: skip
SHAPES = [(), (1,), (7,), (3, 5), (0,), (4, 0, 2), (2, 3, 4, 5, 6)]
METADATA = {"format": "pt", "note": 'quotes " and \\ and / and \n and \x01', "Grüße 🌍": "世界"}


def make_tensors() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    tensors = {}
    for kind in TYPES:
        for shape in SHAPES:
            size = torch.empty((), dtype=kind).element_size()
            high = 2 if kind is torch.bool else 256
            raw = torch.randint(0, high, (*shape, size), dtype=torch.uint8)
            tensors[f"{kind}.{shape}"] = raw.view(kind).reshape(shape).clone()
    tensors['a "quoted" \\ name / 世界 \U0001f30d \x7f'] = torch.arange(3)
    return tensors


def bits(tensor: torch.Tensor) -> bytes:
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def check_equal(path: Path, expected: dict[str, torch.Tensor], metadata: dict | None) -> None:
    found = load_file(path)
    assert set(found) == set(expected), set(found) ^ set(expected)
    for name, tensor in expected.items():
        assert found[name].dtype == tensor.dtype and found[name].shape == tensor.shape, name
        assert bits(found[name]) == bits(tensor), name
    with safetensors.safe_open(path, "pt") as file:
        assert file.metadata() == metadata, file.metadata()
    assert int.from_bytes(path.read_bytes()[:8], "little") % 8 == 0


def main() -> None:
    probe = sys.argv[1].split()
    tensors = make_tensors()
    with tempfile.TemporaryDirectory() as folder:
        single, sharded, copy = Path(folder, "single.safetensors"), Path(folder, "sharded"), Path(folder, "copy")
        for metadata in (METADATA, None):
            save_file(tensors, single, metadata)
            subprocess.run([*probe, "safetensors", single, copy], check=True)
            check_equal(copy, tensors, metadata)
        save_file({}, single)
        subprocess.run([*probe, "safetensors", single, copy], check=True)
        check_equal(copy, {}, None)

        sharded.mkdir()
        weight_map = {}
        for number in range(3):
            name = f"model-{number + 1:05}-of-00003.safetensors"
            part = dict(list(tensors.items())[number::3])
            save_file(part, sharded / name)
            weight_map |= dict.fromkeys(part, name)
        index = {"metadata": {"total_size": 1.5}, "weight_map": weight_map}
        (sharded / "model.safetensors.index.json").write_text(json.dumps(index))
        subprocess.run([*probe, "safetensors", sharded, copy], check=True)
        check_equal(copy, tensors, None)
    print(f"safetensors: {len(tensors)} tensors of {len(TYPES)} types, whole and in shards, equal")


if __name__ == "__main__":
    main()
