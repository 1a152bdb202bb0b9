"""Random templates over the part of Jinja that Instill supports: expressions alone, and small programs.

Most expressions are of a fitting type, so that they get past the first operation; one in sixteen is of any type, so that
failures are compared as well. What Instill leaves out by design still comes up here and there (a filter's elements printed
without `list`, say).
"""

import random
from collections.abc import Iterator

CONTEXT = {
    "messages": [
        {"role": "system", "content": " Be brief.\n"},
        {"role": "user", "content": "Hello, <World>! It's \"4\" o'clock."},
        {"role": "assistant", "content": "Żółć ΑΣ ǆ ﬁ\n\nSecond line\r\nthird\tpart", "rank": 2},
    ],
    "text": "The quick-brown fox's 'den' (near [town]) ",
    "empty": "",
    "word": "Abc",
    "digits": " 42 ",
    "decimal": "3.75",
    "zero": 0,
    "two": 2,
    "minus": -7,
    "half": 0.5,
    "large": 1e16,
    "flag": True,
    "nothing": None,
    "numbers": [3, 1, 2, -5, 2, 0],
    "words": ["b", "A", "c", "a", "B", "ab"],
    "mixed": [1, "1", 1.0, True, None, [1], {"a": 1}],
    "pair": (1, "x"),
    "nested": [[1, [2, 3]], [], {"k": [None, 1.5]}],
    "tool": {"name": "f", "items": [1, 2], "params": {"x": {"type": "int"}, "y": None}, "on": False, "é": "ü"},
    "nulls": {"none": None, "two": 2, "": [1]},
    "people": [
        {"name": "Bo", "age": 30, "tags": ["x", "y"]},
        {"name": "al", "age": 25, "tags": []},
        {"name": "Cy", "age": 30},
    ],
}

NAMES = {
    "text": ["text", "empty", "word", "digits", "decimal", "messages[1].content", "messages[2]['content']", "tool.name"],
    "number": ["zero", "two", "minus", "half", "large", "flag", "messages[2].rank"],
    "list": ["numbers", "words", "mixed", "pair", "nested", "messages", "people", "tool['items']", "tool.params.keys()"],
    "dict": ["tool", "nulls", "messages[0]", "tool.params", "people[0]"],
    "other": ["missing", "nothing", "messages[0].missing", "namespace(a=1)"],
}

LITERALS = {
    "text": ["'a'", '"it\'s"', "''", "'\\n'", "'\\t\\\\ \\u00e9'", "'a,b,,c'", "'  pad '", "'<&>'", "'x' 'y'"],
    "number": ["0", "1", "2", "3", "-1", "10", "1.5", "0.1", "2.0", "true", "false", "12345.6789"],
    "list": ["[]", "[1, 2]", "['a', 'b', 'c']", "(1,)", "(1, 'a')", "range(4)|list", "range(5, 0, -2)|list", "[[1, 2], [3]]"],
    "dict": ["{}", "{'a': 1}", "{'a': {'b': [1]}, 'c': 2.0}", "{'k': none, 'l': ('x', 1)}"],
    "other": ["none", "true", "undefined_name"],
}

TESTS = [
    "defined", "undefined", "none", "string", "number", "mapping", "iterable", "sequence", "boolean", "true", "false",
    "integer", "float",
]

METHODS = {
    "text": [
        "strip()", "lstrip()", "rstrip()", "strip('T a')", "rstrip('s ')", "split(',')", "split(' ', 1)", "split('o')[-1]",
        "split('o', 1)[0]", "startswith('T')", "endswith(' ')", "upper()", "lower()", "replace('a', 'bb')", "split('')",
        "replace('o', '')", "strip(none)", "split(' ')|length", "nothing_of_the_kind",
    ],
    "list": ["nothing_of_the_kind"],
    "dict": [
        "items()|list", "keys()|list", "values()|list", "get('a')", "get('name', 'x')", "get('zz')", "get('zz', 1)", "name",
        "missing", "get()",
    ],
}

FILTERS = {
    "text": [
        "trim", "trim('a')", "length", "upper", "lower", "replace('a', 'x')", "first", "last", "list", "string", "tojson",
        "default('z')", "default('z', true)", "join('-')", "map('upper')|join", "count", "select('ne', 'o')|join",
        "reject('eq', 'o')|list", "tojson(ensure_ascii=false)",
    ],
    "number": ["string", "tojson", "default(1)", "length", "list", "trim", "d(5, true)", "upper"],
    "list": [
        "length", "count", "first", "last", "list", "join", "join(', ')", "map('string')|list", "map('upper')|join('|')",
        "map(attribute='name')|list", "map(attribute='tags.0')|list", "select|list", "reject|list", "select('string')|list",
        "reject('none')|list", "selectattr('age')|list", "selectattr('age', 'equalto', 30)|list", "select('defined')|first",
        "rejectattr('name', 'eq', 'Bo')|list", "selectattr('role', '!=', 'system')|map(attribute='content')|list", "tojson",
        "tojson(indent=2)", "string", "items|list", "map('length')|list", "map('string')|first", "default([])", "list|last",
        "map('default', 3)|list", "selectattr('tags', 'defined')|list|length", "map('tojson')|join(', ')",
    ],
    "dict": [
        "length", "list", "items|list", "tojson", "tojson(indent=4)", "first", "last", "join(',')", "string",
        "map('upper')|list", "default({})", "items|map('first')|list", "tojson(indent=0)", "count",
    ],
}

KINDS = ["text", "number", "list", "dict", "other"]


class Generator:
    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.names: list[str] = []

    def pick(self, *options):
        return self.random.choice(options)

    def any(self, depth: int) -> str:
        kind = "other" if self.random.random() < 0.05 else self.random.choice(KINDS[:4])
        return self.expression(kind, depth)

    def expression(self, kind: str, depth: int) -> str:
        if self.random.random() < 0.0625:
            kind = self.random.choice(KINDS)
        if depth <= 0 or kind == "other":
            if self.names and self.random.random() < 0.3:
                return self.random.choice(self.names)
            return self.random.choice(NAMES[kind] + LITERALS[kind])
        return getattr(self, kind)(depth - 1)

    def common(self, kind: str, depth: int) -> str:
        e = self.expression
        return self.random.choice([
            lambda: f"({e(kind, depth)})",
            lambda: f"({e(kind, depth)} if {self.boolean(depth)} else {e(kind, depth)})",
            lambda: f"({e(kind, depth)} if {self.boolean(depth)})",
            lambda: f"({e(kind, depth)} or {e(kind, depth)})",
            lambda: f"({e(kind, depth)} and {e(kind, depth)})",
            lambda: f"{self.atom('list', depth)}[{e('number', depth)}]",
            lambda: f"{self.atom('dict', depth)}[{e('text', depth)}]",
            lambda: f"{self.any(depth)}|default({e(kind, depth)})",
        ])()

    def atom(self, kind: str, depth: int) -> str:
        """An expression after which a dot, a bracket or a filter means all of it."""
        return self.random.choice(NAMES[kind] + LITERALS[kind]) if self.random.random() < 0.5 else f"({self.expression(kind, depth)})"

    def variable(self, kind: str) -> str:
        """What is not constant: Jinja folds constants by rules of their own, by which a bad slice is undefined."""
        return self.random.choice(NAMES[kind])

    def slice(self) -> str:
        parts = [self.pick("", "", "two", "none", str(self.random.randint(-6, 8))) for _ in range(self.pick(2, 2, 3))]
        return "[" + ":".join(parts) + "]"

    def filtered(self, kind: str, depth: int) -> str:
        return f"{self.atom(kind, depth)}|{self.random.choice(FILTERS[kind])}"

    def text(self, depth: int) -> str:
        e = self.expression
        return self.random.choice([
            lambda: self.common("text", depth),
            lambda: self.filtered("text", depth),
            lambda: self.filtered(self.random.choice(KINDS[:4]), depth),
            lambda: f"{self.atom('text', depth)}.{self.random.choice(METHODS['text'])}",
            lambda: f"{e('text', depth)} + {e('text', depth)}",
            lambda: f"{self.any(depth)} ~ {self.any(depth)} ~ {e('text', depth)}",
            lambda: f"{self.variable('text')}{self.slice()}",
            lambda: f"{self.atom('text', depth)}[{self.random.randint(-5, 5)}]",
        ])()

    def number(self, depth: int) -> str:
        e = self.expression
        return self.random.choice([
            lambda: self.common("number", depth),
            lambda: self.filtered("number", depth),
            lambda: f"{e('number', depth)} {self.pick('+', '-', '*')} {e('number', depth)}",
            lambda: f"{self.pick('two', 'minus', '7', 'zero')} % {self.pick('2', '3', '-2', 'zero')}",
            lambda: f"-{self.atom('number', depth)}",
            lambda: f"{self.any(depth)}|length",
            lambda: self.boolean(depth),
        ])()

    def boolean(self, depth: int) -> str:
        if depth <= 0:
            return self.pick("flag", "zero", "true", "false", "text is defined", "missing is defined", "not flag")
        depth -= 1
        e = self.expression
        kind = self.random.choice(KINDS[:3])
        number_or_text = self.random.choice(KINDS[:2])
        compare = self.pick("==", "!=", "<", "<=", ">", ">=")
        return self.random.choice([
            lambda: f"({e(kind, depth)}) {self.pick('==', '!=')} ({e(kind, depth)})",
            lambda: f"({e(number_or_text, depth)}) {compare} ({e(number_or_text, depth)})",
            lambda: f"({self.any(depth)}) {self.pick('in', 'not in')} ({e(self.pick('list', 'dict', 'text'), depth)})",
            lambda: f"({e('text', depth)}) in ({e('text', depth)})",
            lambda: f"({self.any(depth)}) is {self.pick('', 'not ')}{self.random.choice(TESTS)}",
            lambda: f"({self.any(depth)}) is {self.pick('equalto', 'eq', 'ne')}({self.any(depth)})",
            lambda: f"not ({e(kind, depth)})",
            lambda: f"({self.boolean(depth)} {self.pick('and', 'or')} {self.boolean(depth)})",
        ])()

    def list(self, depth: int) -> str:
        e = self.expression
        return self.random.choice([
            lambda: self.common("list", depth),
            lambda: self.filtered("list", depth),
            lambda: f"[{', '.join(self.any(depth) for _ in range(self.random.randint(0, 3)))}]",
            lambda: f"({self.any(depth)}, {self.any(depth)})",
            lambda: f"{e('list', depth)} + {e('list', depth)}",
            lambda: f"{self.variable('list')}{self.slice()}",
            lambda: f"{self.atom('list', depth)}.{self.random.choice(METHODS['list'])}",
            lambda: f"{self.atom('text', depth)}.split({self.pick(repr(', '), repr(' '), repr('o'))})",
        ])()

    def dict(self, depth: int) -> str:
        return self.random.choice([
            lambda: self.common("dict", depth),
            lambda: self.filtered("dict", depth),
            lambda: f"{{{self.pick(*NAMES['text'], *LITERALS['text'])}: {self.any(depth)}, 'k': {self.any(depth)}}}",
            lambda: f"{self.atom('dict', depth)}.{self.random.choice(METHODS['dict'])}",
        ])()

    # Programs

    def tag(self, content: str) -> str:
        return "{%" + self.pick("", "", "-", "+") + f" {content} " + self.pick("", "", "-") + "%}"

    def output(self, content: str) -> str:
        return "{{" + self.pick("", "", "-") + f" {content} " + self.pick("", "", "-") + "}}"

    def gap(self) -> str:
        return self.pick("", "\n", "  \n", " ", "text", "\n  ", "\t\n\n x ", "{# note #}", "{#- note -#}\n", " \r\n")

    def body(self, depth: int, in_loop: bool) -> str:
        return self.gap() + "".join(self.statement(depth, in_loop) + self.gap() for _ in range(self.random.randint(1, 3)))

    def name(self) -> str:
        name = self.pick("a", "b", "x", "item")
        if name not in self.names:
            self.names.append(name)
        return name

    def statement(self, depth: int, in_loop: bool) -> str:
        if depth <= 0:
            return self.output(self.any(2))
        options = ["output", "condition", "loop", "assign", "capture", "space", "macro", "generation"]
        if in_loop:
            options += ["leave", "about", "about"]
        return getattr(self, "make_" + self.random.choice(options))(depth - 1, in_loop)

    def make_output(self, depth: int, in_loop: bool) -> str:
        return self.output(self.any(3))

    def make_condition(self, depth: int, in_loop: bool) -> str:
        text = self.tag(f"if {self.boolean(2)}") + self.body(depth, in_loop)
        for _ in range(self.pick(0, 0, 1, 2)):
            text += self.tag(f"elif {self.boolean(1)}") + self.body(depth, in_loop)
        if self.pick(True, False):
            text += self.tag("else") + self.body(depth, in_loop)
        return text + self.tag("endif")

    def make_loop(self, depth: int, in_loop: bool) -> str:
        target, iterable = self.pick(
            (self.name(), self.expression("list", 2)),
            (f"{self.name()}, {self.name()}", f"{self.atom('dict', 1)}.items()"),
            (f"{self.name()}, {self.name()}", f"{self.atom('dict', 1)}|items"),
            (f"({self.name()}, {self.name()})", "[(1, 2), [3, 4], 'xy']"),
        )
        condition = f" if {self.boolean(1)}" if self.random.random() < 0.3 else ""
        text = self.tag(f"for {target} in {iterable}{condition}") + self.body(depth, True)
        if self.random.random() < 0.3:
            text += self.tag("else") + self.body(depth, in_loop)
        return text + self.tag("endfor")

    def make_about(self, depth: int, in_loop: bool) -> str:
        about = self.pick(
            "index", "index0", "first", "last", "previtem", "nextitem",
        )
        return self.output(f"loop.{about}")

    def make_leave(self, depth: int, in_loop: bool) -> str:
        return self.tag(f"if {self.boolean(1)}") + self.tag(self.pick("break", "continue")) + self.tag("endif")

    def make_assign(self, depth: int, in_loop: bool) -> str:
        value = self.any(2)
        return self.tag(f"set {self.name()} = {value}")

    def make_capture(self, depth: int, in_loop: bool) -> str:
        return self.tag(f"set {self.name()}") + self.body(depth, in_loop) + self.tag("endset")

    def make_space(self, depth: int, in_loop: bool) -> str:
        text = self.tag(f"set ns = namespace(n=0, {self.pick('a', 'b')}={self.any(1)})")
        text += self.tag("for i in range(3)") + self.tag(f"set ns.n = ns.n + {self.pick('i', '1', '2.5')}") + self.body(depth, True)
        return text + self.tag("endfor") + self.output("ns.n") + self.output("ns.zz")

    def make_macro(self, depth: int, in_loop: bool) -> str:
        parameters = self.pick("", "p", "p, q=2", "p=word, q=p", "p, q='x'")
        body = self.output("p") + self.output("q") + self.body(depth, False)
        text = self.tag(f"macro m({parameters})") + body + self.tag("endmacro")
        return text + self.output(f"m({self.pick('', '1', '1, 2', 'q=3', 'p=1, q=[2]', '1, 2, 3', 'z=1')})")

    def make_generation(self, depth: int, in_loop: bool) -> str:
        return self.tag("generation") + self.body(depth, False) + self.tag("endgeneration")


def cases(seed: int, expressions: int, programs: int) -> Iterator[tuple[str, dict]]:
    """Templates and their contexts."""
    for index in range(expressions):
        yield "{{ " + Generator(f"{seed}.{index}").any(4) + " }}", CONTEXT
    for index in range(programs):
        generator = Generator(f"{seed}.program.{index}")
        yield generator.body(3, False) + generator.pick("", "\n", "\n\n"), CONTEXT
