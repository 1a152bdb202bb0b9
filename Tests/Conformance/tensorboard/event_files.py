"""TensorBoard: its own reader finds in our event files the points that were written, and a changed byte.

usage: event_files.py PROBE

The reader verifies the checksums of every frame. The points are random, of many steps and names, with numbers that are
none among the values.
"""

import math
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader, RawEventFileLoader
from tensorboard.util import tensor_util

START = 1_700_000_000.5
NAMES = ["train.loss", "validation.loss", "train.learning_rate", "plain", "a.b.c", "Verlust é 損失"]


def random_points(count):
    draw = random.Random(1)
    special = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1e-45, 3.4e38, 1e300]
    steps = [0, 1, 127, 128, 2**31, 2**62]
    points = []
    for place in range(count):
        value = special[place] if place < len(special) else draw.gauss(0, 1) * 10 ** draw.randint(-6, 6)
        step = steps[place] if place < len(steps) else draw.randrange(2**40)
        points.append((step, draw.random() * 1e6, value, draw.choice(NAMES)))
    return points


def write(probe, points, folder):
    lines = "".join(f"{step} {seconds!r} {value!r} {name}\n" for step, seconds, value, name in points)
    subprocess.run([*probe, str(START), str(folder)], input=lines, text=True, check=True)
    (file,) = folder.glob("curves/*tfevents*")
    return file


def read(file):
    """(step, time, value, tag) of every scalar, after the event that names the format."""
    events = list(EventFileLoader(str(file)).Load())
    assert events[0].file_version == "brain.Event:2" and events[0].wall_time == START, events[0]
    for event in events[1:]:
        (value,) = event.summary.value
        assert value.metadata.plugin_data.plugin_name == "scalars", value
        yield event.step, event.wall_time, tensor_util.make_ndarray(value.tensor).item(), value.tag


def same(read_point, point):
    step, seconds, value, name = point
    with numpy.errstate(over="ignore"):
        single = float(numpy.float32(value))
    return (read_point[0] == step and read_point[1] == START + seconds and read_point[3] == name.replace(".", "/", 1)
            and (read_point[2] == single or math.isnan(read_point[2]) and math.isnan(single)))


def refuses(file, place):
    """Whether the reader stops early at a file with one byte changed."""
    content = bytearray(file.read_bytes())
    whole = len(list(RawEventFileLoader(str(file)).Load()))
    content[place] ^= 1
    changed = file.with_name("changed.tfevents")
    changed.write_bytes(content)
    return len(list(RawEventFileLoader(str(changed)).Load())) < whole


def main(probe):
    points = random_points(2000)
    with tempfile.TemporaryDirectory() as folder:
        file = write(probe.split(), points, Path(folder))
        found = list(read(file))
        wrong = [pair for pair in zip(found, points, strict=True) if not same(*pair)]
        for got, wanted in wrong[:5]:
            print(f"read {got}, wrote {wanted}")
        unnoticed = [place for place in (3, 20, 1000, file.stat().st_size - 2) if not refuses(file, place)]
        print(f"{len(points)} points: {len(wrong)} differ; changed bytes that the reader does not notice: {unnoticed}")
        return 1 if wrong or unnoticed else 0


sys.exit(main(sys.argv[1]))
