"""A model ready from its GGUF file with transformers: load.py GGUF"""

import sys

from common import clock, finish, model

start = clock()
model(sys.argv[1], "bf16")
finish(seconds=clock() - start)
