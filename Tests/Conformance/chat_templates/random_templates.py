"""Random templates over the grammar that Instill supports: expressions alone, and small programs.

Most expressions are of a fitting type, so that they get past the first operation; one in sixteen is of any type, so that
failures are compared as well. Numbers stay small: Python's whole numbers have no bound, Instill's are of 64 bits.
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
    "keyed": {1: "one", None: "none", "two": 2, 2.5: [1]},
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
    "dict": ["tool", "keyed", "messages[0]", "tool.params", "people[0]"],
    "other": ["missing", "nothing", "messages[0].missing", "namespace(a=1)"],
}

LITERALS = {
    "text": ["'a'", '"it\'s"', "''", "'\\n'", "'\\t\\\\ \\u00e9'", "'a,b,,c'", "'  pad '", "'<&>'", "'x' 'y'", "'%s-%d'", "'{}{1}'"],
    "number": ["0", "1", "2", "3", "-1", "10", "1.5", "0.1", "2.0", "1e3", "0x1f", "1_000", "true", "false", "12345.6789"],
    "list": ["[]", "[1, 2]", "['a', 'b', 'c']", "(1,)", "()", "(1, 'a')", "range(4)", "range(5, 0, -2)", "[[1, 2], [3]]"],
    "dict": ["{}", "{'a': 1}", "{'a': {'b': [1]}, 'c': 2.0}", "dict(a=1, b='x')", "{1: 2, 'k': none}"],
    "other": ["none", "true", "undefined_name"],
}

TESTS = [
    "defined", "undefined", "none", "string", "number", "mapping", "iterable", "sequence", "boolean", "true", "false",
    "integer", "float", "odd", "even", "lower", "upper", "callable",
]

METHODS = {
    "text": [
        "strip()", "lstrip()", "rstrip()", "strip('T a')", "split()", "split(',')", "split(' ', 1)", "rsplit(' ', 1)", "rsplit('a')",
        "split(maxsplit=1)", "splitlines()", "splitlines(true)", "startswith('T')", "endswith(('s', ' '))", "upper()", "lower()",
        "title()", "capitalize()", "swapcase()", "replace('a', 'bb')", "replace('', '-')", "replace('o', '0', 1)", "find('o')",
        "rfind('o')", "index('o')", "count('o')", "count('')", "isdigit()", "isalpha()", "isalnum()", "isspace()", "isupper()",
        "islower()", "isnumeric()", "partition(' ')", "rpartition('o')", "removeprefix('The')", "removesuffix(' ')", "zfill(6)",
        "ljust(8, '.')", "rjust(8)", "center(9, '*')", "join(['x', 'y'])", "join('ab')", "format(1, 'x')", "format(a=2)",
        "split('')", "startswith('h', 1)", "find('l', 2, -2)", "nothing_of_the_kind()", "isascii()",
    ],
    "list": ["index(2)", "count(2)", "index('zz')", "append(1)", "copy()", "pop()", "insert(0, 1)", "reverse()"],
    "dict": [
        "items()", "keys()", "values()", "get('a')", "get('name', 'x')", "get('zz')", "get('zz', 1)", "update({})", "pop('a')",
        "copy()", "name", "missing", "get()", "get([])",
    ],
}

FILTERS = {
    "text": [
        "trim", "trim('a')", "length", "upper", "lower", "capitalize", "title", "replace('a', 'x')", "replace('', '_', 2)",
        "first", "last", "list", "string", "int", "int(7)", "int(base=16)", "float", "float(1.5)", "reverse", "tojson", "safe",
        "escape", "e", "indent", "indent(2, true)", "indent(width='> ', blank=true)", "default('z')", "default('z', true)",
        "join('-')", "unique|list", "sort|join", "map('upper')|join", "count", "format(1, 2)", "format('s', 3)", "safe + '<'",
        "tojson(ensure_ascii=true)", "max", "min", "select('in', 'aeiou')|list", "reject('in', 'aeiou')|join",
    ],
    "number": [
        "abs", "round", "round(1)", "round(1, 'floor')", "round(method='ceil')", "int", "float", "string", "tojson", "default(1)",
        "round(-1)", "length", "list", "trim", "d(5, true)",
    ],
    "list": [
        "length", "count", "first", "last", "list", "join", "join(', ')", "reverse|list", "sort", "sort(reverse=true)", "unique|list",
        "map('string')|list", "map('upper')|join('|')", "map(attribute='name')|list", "map(attribute='name', default='?')|join(',')",
        "map(attribute='tags.0')|list", "select|list", "reject|list", "select('string')|list", "select('>', 1)|list",
        "reject('none')|list", "selectattr('age')|list", "selectattr('age', 'equalto', 30)|list", "rejectattr('name', 'eq', 'Bo')|list",
        "selectattr('role', '!=', 'system')|map(attribute='content')|list", "sum", "sum(start=1)", "sum(attribute='age')", "min", "max",
        "max(attribute='age')", "min(case_sensitive=true)", "tojson", "tojson(indent=2)", "sort(attribute='age')", "string", "items|list",
        "sort(attribute='age,name')", "sort(case_sensitive=true)", "unique(attribute='age')|list", "map('length')|list", "map('int')|sum",
        "tojson(separators=(',', ':'))", "select('defined')|first", "reverse|first", "map('string')|last", "map('string')|length",
        "join('-', attribute='name')", "default([])", "list|last", "map('default', 3)|list", "selectattr('tags', 'defined')|list|length",
    ],
    "dict": [
        "length", "list", "items|list", "dictsort", "dictsort(by='value')", "dictsort(reverse=true)", "dictsort(true)", "tojson",
        "tojson(indent=4)", "tojson(sort_keys=true)", "first", "last", "join(',')", "string", "map('upper')|list", "sort", "default({})",
        "items|map('first')|list", "tojson(indent=0)", "count", "reverse|list",
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
            lambda: f"{e('text', depth)} * {self.pick('2', '0', 'two')}",
            lambda: f"{self.variable('text')}{self.slice()}",
            lambda: f"{self.atom('text', depth)}[{self.random.randint(-5, 5)}]",
            lambda: f"'%s|%r' % ({self.any(depth)}, {self.any(depth)})",
        ])()

    def number(self, depth: int) -> str:
        e = self.expression
        return self.random.choice([
            lambda: self.common("number", depth),
            lambda: self.filtered("number", depth),
            lambda: f"{e('number', depth)} {self.pick('+', '-', '*', '/', '//', '%')} {e('number', depth)}",
            lambda: f"{self.pick('2', '1.5', 'two', 'minus')} ** {self.pick('0', '3', '-1', '2')}",
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
        compare = self.pick("==", "!=", "<", "<=", ">", ">=")
        return self.random.choice([
            lambda: f"{e(kind, depth)} {compare} {e(kind, depth)}",
            lambda: f"{e('number', depth)} < {e('number', depth)} {compare} {e('number', depth)}",
            lambda: f"{self.any(depth)} {self.pick('in', 'not in')} {e(self.pick('list', 'dict', 'text'), depth)}",
            lambda: f"{e('text', depth)} in {e('text', depth)}",
            lambda: f"({self.any(depth)}) is {self.pick('', 'not ')}{self.random.choice(TESTS)}",
            lambda: f"({e('number', depth)}) is divisibleby {self.pick('2', '3', '0')}",
            lambda: f"({self.any(depth)}) is {self.pick('equalto', 'eq', 'ne', 'in', 'gt')}({self.any(depth)})",
            lambda: f"not {e(kind, depth)}",
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
            lambda: f"{self.atom('text', depth)}.split({self.pick('', repr(' '), repr('o'))})",
            lambda: f"{e('list', depth)} * 2",
        ])()

    def dict(self, depth: int) -> str:
        return self.random.choice([
            lambda: self.common("dict", depth),
            lambda: self.filtered("dict", depth),
            lambda: f"{{{self.pick(*NAMES['text'], *LITERALS['text'])}: {self.any(depth)}, 'k': {self.any(depth)}}}",
            lambda: f"dict({self.atom('dict', depth)}, z={self.any(depth)})",
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
        options = ["output", "condition", "loop", "assign", "capture", "filter", "space", "macro", "with", "generation", "raw"]
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
            (f"{self.name()}, {self.name()}", f"{self.atom('dict', 1)}|dictsort"),
            (f"({self.name()}, {self.name()})", "[(1, 2), [3, 4], 'xy']"),
        )
        condition = f" if {self.boolean(1)}" if self.random.random() < 0.3 else ""
        text = self.tag(f"for {target} in {iterable}{condition}") + self.body(depth, True)
        if self.random.random() < 0.3:
            text += self.tag("else") + self.body(depth, in_loop)
        return text + self.tag("endfor")

    def make_about(self, depth: int, in_loop: bool) -> str:
        about = self.pick(
            "index", "index0", "first", "last", "length", "revindex", "revindex0", "previtem", "nextitem", "depth",
            "cycle('odd', 'even')", "changed(a)", "nothing",
        )
        return self.output(f"loop.{about}")

    def make_leave(self, depth: int, in_loop: bool) -> str:
        return self.tag(f"if {self.boolean(1)}") + self.tag(self.pick("break", "continue")) + self.tag("endif")

    def make_assign(self, depth: int, in_loop: bool) -> str:
        if self.random.random() < 0.2:
            return self.tag(f"set {self.name()}, {self.name()} = {self.any(1)}, {self.any(1)}")
        value = self.any(2)
        return self.tag(f"set {self.name()} = {value}")

    def make_capture(self, depth: int, in_loop: bool) -> str:
        filters = self.pick("", " | upper", " | trim | length")
        return self.tag(f"set {self.name()}{filters}") + self.body(depth, in_loop) + self.tag("endset")

    def make_filter(self, depth: int, in_loop: bool) -> str:
        filters = self.pick("upper", "trim", "indent(2)", "replace(1, 2)|title")
        return self.tag(f"filter {filters}") + self.body(depth, in_loop) + self.tag("endfilter")

    def make_space(self, depth: int, in_loop: bool) -> str:
        text = self.tag(f"set ns = namespace(n=0, {self.pick('a', 'b')}={self.any(1)})")
        text += self.tag("for i in range(3)") + self.tag(f"set ns.n = ns.n + {self.pick('i', '1', '2.5')}") + self.body(depth, True)
        return text + self.tag("endfor") + self.output("ns.n") + self.output("ns.zz")

    def make_macro(self, depth: int, in_loop: bool) -> str:
        parameters = self.pick("", "p", "p, q=2", "p=word, q=p", "p, q='x'")
        special = self.pick("", "{{ varargs }}", "{{ kwargs }}", "{{ caller() }}")
        body = self.output("p") + self.output("q") + special + self.body(depth, False)
        text = self.tag(f"macro m({parameters})") + body + self.tag("endmacro")
        arguments = self.pick("", "1", "1, 2", "q=3", "p=1, q=[2]", "1, 2, 3", "z=1", "*numbers[:2]", "**{'q': 5}", "*[1], **{'q': 5}")
        if self.random.random() < 0.3:
            return text + self.tag(f"call m({arguments})") + self.body(depth, False) + self.tag("endcall")
        return text + self.output(f"m({arguments})")

    def make_with(self, depth: int, in_loop: bool) -> str:
        bindings = f"{self.name()} = {self.any(1)}, {self.name()} = {self.any(1)}"
        return self.tag(f"with {bindings}") + self.body(depth, in_loop) + self.tag("endwith")

    def make_generation(self, depth: int, in_loop: bool) -> str:
        return self.tag("generation") + self.body(depth, False) + self.tag("endgeneration")

    def make_raw(self, depth: int, in_loop: bool) -> str:
        begin = "{%" + self.pick("", "-", "+") + " raw " + self.pick("", "-") + "%}"
        return begin + self.gap() + "{{ x }}{% if %}" + self.gap() + self.tag("endraw")


def cases(seed: int, expressions: int, programs: int) -> Iterator[tuple[str, dict]]:
    """Templates and their contexts."""
    for index in range(expressions):
        yield "{{ " + Generator(f"{seed}.{index}").any(4) + " }}", CONTEXT
    for index in range(programs):
        generator = Generator(f"{seed}.program.{index}")
        yield generator.body(3, False) + generator.pick("", "\n", "\n\n"), CONTEXT
