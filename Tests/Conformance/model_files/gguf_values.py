"""GGUF: every value and all metadata as PyPI `gguf` reads them.

usage: gguf_values.py PROBE [FILE.gguf …]

Writes files of random blocks of every supported type (the raw bits are random, so that scales are large, small,
negative, subnormal, infinite and NaN alike), of values quantised by `gguf` itself, and of every type of metadata. Compares
them, and the files named on the command line, value by value and bit by bit. NaNs are equal to NaNs: their payloads
depend on the processor.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as T

TYPES = [T.F32, T.F16, T.BF16, T.Q8_0, T.Q4_0, T.Q4_1, T.Q5_0, T.Q5_1, T.Q2_K, T.Q3_K, T.Q4_K, T.Q5_K, T.Q6_K]
TYPES += [T.IQ4_NL, T.IQ4_XS, T.MXFP4]
QUANTIZABLE = [T.BF16, T.Q8_0, T.Q4_0, T.Q4_1, T.Q5_0, T.Q5_1, T.MXFP4]
SHAPES = [(256,), (3, 512), (700, 256), (2, 3, 256), (2, 2, 2, 768)]


def write_tensors(path: Path, alignment: int | None) -> None:
    random = np.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "random")
    if alignment:
        writer.add_custom_alignment(alignment)
    for kind in TYPES:
        elements, size = gguf.GGML_QUANT_SIZES[kind]
        for shape in SHAPES:
            row_bytes = shape[-1] // elements * size
            data = random.integers(0, 256, (*shape[:-1], row_bytes), dtype=np.uint8)
            name = f"random.{kind.name}.{'x'.join(map(str, shape))}"
            writer.add_tensor(name, data, raw_shape=data.shape, raw_dtype=kind)
    values = random.standard_normal((64, 512)).astype(np.float32)
    values[0] = 0
    for kind in QUANTIZABLE:
        data = gguf.quants.quantize(values, kind).view(np.uint8)
        writer.add_tensor(f"quantized.{kind.name}", data, raw_shape=data.shape, raw_dtype=kind)
    # Every float16, and the bit patterns around which rounding to bfloat16 goes one way or the other.
    writer.add_tensor("all.F16", np.arange(65536, dtype=np.uint16).view(np.float16))
    upper = np.arange(65536, dtype=np.uint32) << 16
    ties = np.concatenate([upper | low for low in (0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF)])
    writer.add_tensor("ties.F32", ties.view(np.float32))
    finish(writer)


def write_metadata(path: Path) -> None:
    writer = gguf.GGUFWriter(path, "random")
    for bits in (8, 16, 32, 64):
        for value in (0, 1, 2**bits - 1):
            getattr(writer, f"add_uint{bits}")(f"uint{bits}.{value}", value)
        for value in (-(2 ** (bits - 1)), -1, 0, 2 ** (bits - 1) - 1):
            getattr(writer, f"add_int{bits}")(f"int{bits}.{value}", value)
    writer.add_float32("float32", 1e-5)
    writer.add_float64("float64", 1 / 3)
    writer.add_bool("true", True)
    writer.add_bool("false", False)
    writer.add_string("text", "Grüße, 世界 🌍\n\t\"\\\0")
    writer.add_array("strings", ["Ġthe", "é", "e\u0301", "a b", "\u200d"])
    writer.add_array("integers", list(range(-5, 1000)))
    writer.add_array("numbers", [0.1, -2.5e30, 1.0])
    writer.add_array("booleans", [True, False, True])
    writer.add_array("nested", [[1, 2], [3]])
    finish(writer)


def finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def same_bits(name: str, kind: type, ours: np.ndarray, theirs: np.ndarray) -> None:
    same = ours.view(kind) == theirs.view(kind)
    if kind is np.uint16:
        not_a_number = ((ours.view(kind) & 0x7FFF) > 0x7F80) & ((theirs.view(kind) & 0x7FFF) > 0x7F80)
    else:
        not_a_number = np.isnan(ours) & np.isnan(theirs)
    wrong = np.flatnonzero(~(same | not_a_number))
    assert wrong.size == 0, f"{name}: {wrong.size} of {ours.size} differ, first at {wrong[0]}"


def compare_values(reader: gguf.GGUFReader, listed: list, float32: Path, bfloat16: Path) -> int:
    floats = np.fromfile(float32, np.float32)
    halves = np.fromfile(bfloat16, np.uint16)
    tensors = sorted(reader.tensors, key=lambda tensor: tensor.name.encode())
    assert [tensor.name for tensor in tensors] == [entry["name"] for entry in listed]
    position = 0
    for tensor, entry in zip(tensors, listed):
        assert entry["type"] == tensor.tensor_type.name, entry
        assert entry["shape"] == [int(n) for n in reversed(tensor.shape)], entry
        with np.errstate(all="ignore"):
            theirs = gguf.quants.dequantize(tensor.data, tensor.tensor_type).reshape(-1)
        ours = slice(position, position + theirs.size)
        same_bits(tensor.name, np.uint32, floats[ours], np.array(theirs, np.float32))
        rounded = torch.from_numpy(np.array(theirs, np.float32)).bfloat16().view(torch.int16).numpy()
        same_bits(f"{tensor.name} (bfloat16)", np.uint16, halves[ours], rounded)
        position += theirs.size
    assert position == floats.size == halves.size
    return position


def compare_metadata(reader: gguf.GGUFReader, metadata: dict) -> None:
    theirs = {key: field for key, field in reader.fields.items() if not key.startswith("GGUF.")}
    assert set(theirs) == set(metadata), set(theirs) ^ set(metadata)
    for key, field in theirs.items():
        expected = field.contents()
        ours = metadata[key]
        if field.types.count(gguf.GGUFValueType.ARRAY) > 1:
            # The Python reader flattens arrays of arrays.
            ours = [element for inner in ours for element in inner]
        # JSON has one type of number; booleans it tells apart.
        assert ours == expected and isinstance(ours, bool) == isinstance(expected, bool), (key, ours, expected)


def compare(probe: str, file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        float32, bfloat16 = Path(folder, "float32"), Path(folder, "bfloat16")
        printed = subprocess.run([*probe.split(), "gguf", file, float32, bfloat16], check=True, capture_output=True)
        listed = json.loads(printed.stdout)
        reader = gguf.GGUFReader(file)
        compare_metadata(reader, listed["metadata"])
        count = compare_values(reader, listed["tensors"], float32, bfloat16)
    print(f"{file.name}: {len(listed['metadata'])} keys, {len(listed['tensors'])} tensors, {count} values equal")


def main() -> None:
    probe, *files = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        for alignment in (None, 8, 4096):
            made = Path(folder, f"tensors-{alignment}.gguf")
            write_tensors(made, alignment)
            compare(probe, made)
        made = Path(folder, "metadata.gguf")
        write_metadata(made)
        compare(probe, made)
    for file in files:
        compare(probe, Path(file))


if __name__ == "__main__":
    main()
