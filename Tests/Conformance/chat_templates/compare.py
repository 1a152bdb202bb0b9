"""Chat templates: the same text, or a refusal of both, as Jinja2 set up by transformers.

usage: compare.py PROBE [--gguf FILE] [--expressions N] [--programs N] [--seed N]

Renders every real template (sources.py) with every conversation and setting (conversations.py), then random expressions
and programs over the supported grammar (random_templates.py). Whether a template fails must agree, its message need not.
A template may need what Instill leaves out of Jinja: it is named, and counts as wrong where its model is supported; of the
random templates one in ten may.
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
        self.count = self.raised = self.unsupported = 0
        self.differences = []

    def check(self, name: str, template: str, context: dict) -> str | None:
        """What of Jinja the template needs that Instill leaves out, if anything: then nothing is compared."""
        self.process.stdin.write(json.dumps(reference.request(template, context)) + "\n")
        self.process.stdin.flush()
        expected = reference.render(template, context)
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the probe ended at {name}: {template!r}")
        actual = json.loads(line)
        if " at 0x" in expected.get("output", ""):
            return None  # An address in memory, which no other run would repeat.
        if unsupported := actual.get("unsupported"):
            self.unsupported += 1
            return unsupported
        self.count += 1
        self.raised += "error" in expected
        if ("error" in actual) != ("error" in expected) or actual.get("output") != expected.get("output"):
            self.differences.append((name, template, expected, actual))
        return None

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
    left_out = {}
    for name, template in templates.items():
        for conversation, messages in CONVERSATIONS.items():
            for setting, context in SETTINGS.items():
                unsupported = real.check(f"{name}, {conversation}, {setting}", template, {"messages": messages, **context})
                if unsupported:
                    left_out[name] = unsupported
    for name, unsupported in left_out.items():
        print(f"cannot be used: {name} ({unsupported})")
    supported = [name for name in templates if sources.SUPPORTED.fullmatch(name)]
    missed = [name for name in supported if name in left_out]
    real.report(f"{len(templates)} real templates, of which {len(left_out)} cannot be used")
    print(f"{len(supported)} templates of supported models, of which {len(missed)} cannot be used {missed or ''}")

    fuzzed = Comparison(options.probe)
    for index, (template, context) in enumerate(random_templates.cases(options.seed, options.expressions, options.programs)):
        fuzzed.check(f"random template {index} of seed {options.seed}", template, context)
    fuzzed.report(f"random templates, {fuzzed.unsupported} more of them unsupported")
    is_hollow = fuzzed.unsupported * 10 > fuzzed.count + fuzzed.unsupported
    sys.exit(1 if real.differences or fuzzed.differences or missed or is_hollow or not supported else 0)


if __name__ == "__main__":
    main()
