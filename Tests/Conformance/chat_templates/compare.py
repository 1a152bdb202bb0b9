"""Chat templates: the same text, or a refusal of both, as Jinja2 set up by transformers.

usage: compare.py PROBE [--gguf FILE] [--expressions N] [--programs N] [--seed N]

Renders every real template (sources.py) with every conversation and setting (conversations.py), then random expressions
and programs over the supported grammar (random_templates.py). Whether a template fails must agree, its message need not.
"""

import argparse
import json
import subprocess
import sys

import random_templates
import reference
import sources
from conversations import CONVERSATIONS, SETTINGS


class Comparison:
    def __init__(self, probe: str):
        self.process = subprocess.Popen([probe, "template"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.count = self.raised = 0
        self.differences = []

    def check(self, name: str, template: str, context: dict) -> None:
        self.process.stdin.write(json.dumps(reference.request(template, context)) + "\n")
        self.process.stdin.flush()
        expected = reference.render(template, context)
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the probe ended at {name}: {template!r}")
        actual = json.loads(line)
        if " at 0x" in expected.get("output", ""):
            return  # An address in memory, which no other run would repeat.
        self.count += 1
        self.raised += "error" in expected
        if ("error" in actual) != ("error" in expected) or actual.get("output") != expected.get("output"):
            self.differences.append((name, template, expected, actual))

    def report(self, what: str, limit: int = 20) -> None:
        print(f"{what}: {self.count} renderings, {self.raised} of them refused by both, {len(self.differences)} differ")
        for name, template, expected, actual in self.differences[:limit]:
            shown = template if len(template) < 2000 else template[:200] + "…"
            print(f"  {name}\n    template {shown!r}\n    jinja2   {str(expected)[-600:]}\n    instill  {str(actual)[-600:]}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("probe")
    parser.add_argument("--gguf")
    parser.add_argument("--expressions", type=int, default=5000)
    parser.add_argument("--programs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    real = Comparison(options.probe)
    templates = sources.real_templates(options.gguf)
    for name, template in templates.items():
        for conversation, messages in CONVERSATIONS.items():
            for setting, context in SETTINGS.items():
                real.check(f"{name}, {conversation}, {setting}", template, {"messages": messages, **context})
    real.report(f"{len(templates)} real templates")

    fuzzed = Comparison(options.probe)
    for index, (template, context) in enumerate(random_templates.cases(options.seed, options.expressions, options.programs)):
        fuzzed.check(f"random template {index} of seed {options.seed}", template, context)
    fuzzed.report("random templates")
    sys.exit(1 if real.differences or fuzzed.differences else 0)


if __name__ == "__main__":
    main()
