// The template language, one construct a line. Every expected text is what Jinja2 3.1.6 gives under transformers'
// settings.

import Jinja
import Testing

private let context: [String: Value] = [
    "s": "Hello <World>",
    "n": 7,
    "numbers": [3, 1, 2],
    "people": [["name": "Bo", "age": 30], ["name": "al", "age": 25], ["name": "Cy"]],
    "tool": ["name": "f", "items": [1], "é": .null],
    "decomposed": "e\u{301}",
]

private func render(_ source: String) throws -> String { try Template(source).render(context).string }

@Suite struct LanguageTests {
    @Test(arguments: [
        ("{{ -7 % 3 }} {{ 7 % -3 }} {{ 7 - 9 }} {{ 2 * 3 + 1 }} {{ 2 + 3 * 2 }} {{ '1' + 2 ~ 3 }}", "2 -2 -2 7 8 123"),
        ("{{ 0.0001 }} {{ 1.0 }} {{ 0.1 + 0.2 }} {{ 1.5 * 2 }}", "0.0001 1.0 0.30000000000000004 3.0"),
        (
            "{{ true + 1 }} {{ 1 == 1.0 }} {{ 1 == '1' }} {{ [1] + [2] }} {{ (1,) + (2, 3) }}",
            "2 True False [1, 2] (1, 2, 3)"
        ),
        ("{{ 3 > 2 }} {{ 2 <= 2.0 }} {{ 'B' < 'a' }} {{ 'a' >= 'b' }}", "True True True False"),
        ("{{ not n == 7 }} {{ 0 or 'x' }} {{ 0 and 1 }} {{ 2 and 3 }} {{ not 0 and not 1 }}", "False x 0 3 False"),
        ("{{ 'ell' in s }} {{ 4 not in numbers }} {{ 'name' in tool }} {{ 'x' in missing }}", "True True True False"),
        ("{{ 'a' if n else 'b' }}{{ 'c' if not n }}{{ 'd' if 0 else 'e' if 0 else 'f' }}", "af"),
        ("{{ -1|string ~ -n }} {{ 'a' ~ 1 + 1|string }} {{ 'a' 'b' }}", "-1-7 a11 ab"),
    ])
    func operators(_ source: String, _ expected: String) throws { #expect(try render(source) == expected) }

    @Test(arguments: [
        ("{{ [1, 'a', none, true, 1.5, (1,)] }}", "[1, 'a', None, True, 1.5, (1,)]"),
        (
            #"{{ ["it's", 'say "x"', 'both \' and "', '\n\t\\\x00é\u200b'] }}"#,
            #"["it's", 'say "x"', 'both \' and "', '\n\t\\\x00é\u200b']"#
        ),
        ("{{ {'a': 1, 'b': [none]} }} {{ tool.values()|list }}", "{'a': 1, 'b': [None]} ['f', [1], None]"),
        ("{{ missing }}{{ none }}{{ [missing] }}", "None[Undefined]"),
    ])
    func printing(_ source: String, _ expected: String) throws { #expect(try render(source) == expected) }

    @Test(arguments: [
        ("{{ s[0] }}{{ s[-1] }}{{ s[1:4] }}{{ s[::-1] }}{{ s[99] }}", "H>ell>dlroW< olleH"),
        ("{{ numbers[::-2] }} {{ numbers[-2:] }} {{ numbers[5:1:-1] }}", "[2, 3] [1, 2] [2]"),
        ("{{ tool['items'] }} {{ tool.name }} {{ tool.missing }} {{ tool['é'] }}", "[1] f  None"),
        ("{{ decomposed|length }} {{ decomposed[0] }} {{ decomposed == 'é' }} {{ '\r\n'|length }}", "2 e False 1"),
        ("{{ people[0].name }} {{ s.append is defined }} {{ s.__class__ is defined }}", "Bo False False"),
    ])
    func access(_ source: String, _ expected: String) throws { #expect(try render(source) == expected) }

    @Test(arguments: [
        ("{% for x in numbers %}{{ loop.index }}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}", "13,21,32"),
        ("{% for x in [] %}x{% else %}none{% endfor %}", "none"),
        ("{% for x in numbers if x > 1 %}{{ x }}/{{ loop.last }} {% endfor %}", "3/False 2/True "),
        ("{% for k, v in {'a': 1}.items() %}{{ k }}={{ v }}{% endfor %}", "a=1"),
        ("{% for x in range(9) %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}", "02345678"),
        ("{% for x in range(9) %}{% if x == 3 %}{% break %}{% endif %}{{ x }}{% endfor %}", "012"),
        ("{% for x in numbers %}{% set y = x %}{% endfor %}{{ y is defined }}", "False"),
        ("{% set ns = namespace(t=0) %}{% for x in numbers %}{% set ns.t = ns.t + x %}{% endfor %}{{ ns.t }}", "6"),
        ("{% if false %}{% elif n == 7 %}seven{% else %}{% endif %}", "seven"),
        (
            "{% set ns = namespace(skip=0) %}{% for x in numbers if x != ns.skip %}{{ x }}{% set ns.skip = 2 %}{% endfor %}",
            "31"
        ),
        ("{% for x in numbers %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {% endfor %}", "<3>1 3<1>2 1<2> "),
        ("{% for (k, v) in [(1, 2), 'ab'] %}{{ v }}{{ k }}{% endfor %}", "21ba"),
        ("{% set a = 1 %}{% set c %}x{{ a }}{% endset %}{{ c|upper }}", "X1"),
        ("{% macro m(a, b='d') %}[{{ a }}{{ b }}]{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(b=3) }}", "[1d][12][3]"),
        ("{% generation %}said{% endgeneration %}", "said"),
        ("{% for x in numbers %}{% continue %}{% else %}ran{% endfor %}", "ran"),
    ])
    func statements(_ source: String, _ expected: String) throws { #expect(try render(source) == expected) }

    @Test(arguments: [
        ("  {% if n %}\n  a\n  {% endif %}\nb", "  a\nb"),
        (" x {%- if n -%} \n y \n {%- endif +%}\nz", " xy\nz"),
        ("a\n  {{ n }}\n  b\n", "a\n  7\n  b"),
        ("a {#- c -#} b{# d #}\nc", "abc"),
        ("  {%+ if n %}x{% endif %}", "  x"),
        ("a\r\nb\rc\n\n", "a\nb\nc\n"),
    ])
    func whiteSpace(_ source: String, _ expected: String) throws { #expect(try render(source) == expected) }

    @Test(arguments: [
        (
            "{{ ' x '|trim }}{{ 'xay'|trim('xy') }}{{ s|length }}{{ s|upper }}{{ s|lower }}",
            "xa13HELLO <WORLD>hello <world>"
        ),
        ("{{ numbers|join('-') }} {{ numbers|count }} {{ numbers|first }}{{ numbers|last }}", "3-1-2 3 32"),
        ("{{ people|map(attribute='name')|join(',') }} {{ people|selectattr('age')|list|length }}", "Bo,al,Cy 2"),
        (
            "{{ people|selectattr('name', 'equalto', 'al')|list }} {{ people|rejectattr('age', 'defined')|list }}",
            "[{'name': 'al', 'age': 25}] [{'name': 'Cy'}]"
        ),
        (
            "{{ numbers|select('ne', 1)|list }} {{ numbers|reject('equalto', 1)|list }} {{ ['a']|map('upper')|list }}",
            "[3, 2] [3, 2] ['A']"
        ),
        ("{{ missing|default('d') }}{{ ''|default('e', true) }}{{ none|d('f') }}", "deNone"),
        (
            "{{ 'aXa'|replace('a', 'b') }} {{ 7|string + 'x' }} {{ tool|items|list|length }} {{ 'ab'|list }}",
            "bXb 7x 3 ['a', 'b']"
        ),
        ("{{ tool|tojson }} {{ '<é\"\\n>'|tojson }}", #"{"name": "f", "items": [1], "é": null} "<é\"\n>""#),
        ("{{ {'b': [1, {}], 'a': []}|tojson(indent=2) }}", "{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": []\n}"),
    ])
    func filters(_ source: String, _ expected: String) throws { #expect(try render(source) == expected) }

    @Test(arguments: [
        (
            "{{ ' a b '.strip() }}{{ 'a,b,c'.split(',', 1) }}{{ 'xay'.lstrip('x') }}{{ 'a\\n'.rstrip('\\n') }}",
            "a b['a', 'b,c']aya"
        ),
        ("{{ '<think>x</think>y'.split('</think>')[-1] }} {{ 'aXa'.replace('a', 'b') }}", "y bXb"),
        (
            "{{ s.startswith('He') }} {{ s.endswith('x') }} {{ s.lower() }} {{ s.upper() }}",
            "True False hello <world> HELLO <WORLD>"
        ),
        ("{{ tool.get('name') }} {{ tool.get('z', 1) }} {{ tool.keys()|list }}", "f 1 ['name', 'items', 'é']"),
        ("{{ 'ΑΣ'.lower() }} {{ 'ß'.upper() }}", "ας SS"),
    ])
    func methods(_ source: String, _ expected: String) throws { #expect(try render(source) == expected) }

    @Test(arguments: [
        ("{{ missing is defined }}{{ none is none }}{{ s is string }}{{ tool is mapping }}", "FalseTrueTrueTrue"),
        ("{{ s is iterable }}{{ tool is sequence }}{{ n is not number }}{{ true is number }}", "TrueTrueFalseTrue"),
        ("{{ n is eq 7.0 }}{{ n is equalto(8) }}{{ n is ne 7 }}{{ missing is undefined }}", "TrueFalseFalseTrue"),
        ("{{ false is boolean }}{{ 1 is true }}{{ 1 is integer }}{{ 1.0 is float }}", "TrueFalseTrueTrue"),
    ])
    func tests(_ source: String, _ expected: String) throws { #expect(try render(source) == expected) }
}
