"""Prints the golden fingerprints of Tests/ModelFilesTests/DequantizationTests.swift, computed by PyPI `gguf`.

usage: golden_dequantization.py
"""

import gguf
import numpy as np
from gguf import GGMLQuantizationType as T

TYPES = [T.F32, T.F16, T.BF16, T.Q4_0, T.Q4_1, T.Q5_0, T.Q5_1, T.Q8_0, T.Q2_K, T.Q3_K, T.Q4_K, T.Q5_K, T.Q6_K]
TYPES += [T.IQ4_NL, T.IQ4_XS, T.MXFP4]
ROWS, COLUMNS = 5, 512
MASK = 2**64 - 1


def stored_bytes(count: int) -> np.ndarray:
    """SplitMix64 from state 1, its lowest byte, without the two bits that would make a float16 infinite or NaN."""
    state, out = 1, bytearray()
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        out.append((z ^ (z >> 31)) & 0xBB)
    return np.frombuffer(bytes(out), np.uint8)


def fingerprint(values: np.ndarray) -> int:
    """FNV-1a, 64 bits."""
    result = 0xCBF29CE484222325
    for byte in values.astype("<f4").tobytes():
        result = ((result ^ byte) * 0x100000001B3) & MASK
    return result


def main() -> None:
    for kind in TYPES:
        elements, size = gguf.GGML_QUANT_SIZES[kind]
        row = COLUMNS // elements * size
        values = gguf.quants.dequantize(stored_bytes(ROWS * row).reshape(ROWS, row), kind)
        assert np.isfinite(values).all()
        digits = f"{fingerprint(values):016X}"
        grouped = "_".join(digits[i : i + 4] for i in range(0, 16, 4))
        print(f"({kind.value}, 0x{grouped}),  // {kind.name}")


if __name__ == "__main__":
    main()
