// The template language, one construct a line. Every expected text is what Jinja2 3.1.6 gives under transformers'
// settings.

import Testing

@testable import Tokenizers

private let context: [String: Value] = [
    "s": "Hello <World>",
    "n": 7,
    "numbers": [3, 1, 2],
    "people": [["name": "Bo", "age": 30], ["name": "al", "age": 25], ["name": "Cy"]],
    "tool": ["name": "f", "items": [1], "é": .null],
    "decomposed": "e\u{301}",
]

private func render(_ source: String) throws -> String { try Template(source).render(context) }

@Suite struct ChatTemplateLanguageTests {
    @Test(arguments: [
        ("{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 7 / 2 }} {{ 6 / 2 }}", "3 -4 2 -2 3.5 3.0"),
        ("{{ 2 ** 3 ** 2 }} {{ 2 ** -1 }} {{ -2 ** 2 }} {{ '1' + 2 ~ 3 }}", "64 0.5 4 123"),
        (
            "{{ 1e16 }} {{ 1e15 }} {{ 0.0001 }} {{ 0.00001 }} {{ 1.0 }} {{ 0.1 + 0.2 }}",
            "1e+16 1000000000000000.0 0.0001 1e-05 1.0 0.30000000000000004"
        ),
        ("{{ true + 1 }} {{ 1 == 1.0 == true }} {{ 'a' * 3 }} {{ [1] * 2 }}", "2 True aaa [1, 1]"),
        ("{{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }} {{ 'B' < 'a' }} {{ [1, 2] < [1, 3] }}", "True False True True"),
        ("{{ not n is odd }} {{ 0 or 'x' }} {{ 0 and 1 }} {{ 2 and 3 }}", "False x 0 3"),
        ("{{ 'ell' in s }} {{ 4 not in numbers }} {{ 'name' in tool }}", "True True True"),
        ("{{ 'a' if n else 'b' }}{{ 'c' if not n }}", "a"),
        ("{{ -1|abs }} {{ 'a' ~ 1 + 1|string }}", "1 a11"),
    ])
    func operators(_ source: String, _ expected: String) throws { #expect(try render("\(source)") == expected) }

    @Test(arguments: [
        ("{{ [1, 'a', none, true, 1.5, (1,), ()] }}", "[1, 'a', None, True, 1.5, (1,), ()]"),
        (
            #"{{ ["it's", 'say "x"', 'both \' and "', '\n\t\\\x00é\u200b'] }}"#,
            #"["it's", 'say "x"', 'both \' and "', '\n\t\\\x00é\u200b']"#
        ),
        ("{{ {'a': 1, 2: [none], true: 'x'} }}", "{'a': 1, 2: [None], True: 'x'}"),
        (
            "{{ tool.items() }} {{ range(3) }} {{ namespace(a=1) }}",
            "dict_items([('name', 'f'), ('items', [1]), ('é', None)]) range(0, 3) <Namespace {'a': 1}>"
        ),
        ("{{ missing }}{{ none }}{{ [missing] }}", "None[Undefined]"),
    ])
    func printing(_ source: String, _ expected: String) throws { #expect(try render(source) == expected) }

    @Test(arguments: [
        ("{{ s[0] }}{{ s[-1] }}{{ s[1:4] }}{{ s[::-1] }}{{ s[99] }}", "H>ell>dlroW< olleH"),
        ("{{ numbers[::-2] }} {{ numbers[-2:] }} {{ numbers[5:1:-1] }}", "[2, 3] [1, 2] [2]"),
        ("{{ tool['items'] }} {{ tool.name }} {{ tool.missing }} {{ tool['é'] }}", "[1] f  None"),
        ("{{ decomposed|length }} {{ decomposed[0] }} {{ decomposed == 'é' }} {{ '\r\n'|length }}", "2 e False 1"),
        ("{{ people.0.name }} {{ s.append is defined }} {{ s.__class__ is defined }}", "Bo False False"),
    ])
    func access(_ source: String, _ expected: String) throws { #expect(try render(source) == expected) }

    @Test(arguments: [
        ("{% for x in numbers %}{{ loop.index }}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}", "13,21,32"),
        ("{% for x in [] %}x{% else %}none{% endfor %}", "none"),
        ("{% for x in numbers if x > 1 %}{{ x }}/{{ loop.length }} {% endfor %}", "3/2 2/2 "),
        ("{% for k, v in {'a': 1}.items() %}{{ k }}={{ v }}{% endfor %}", "a=1"),
        ("{% for x in range(9) %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}", "02345678"),
        ("{% for x in range(9) %}{% if x == 3 %}{% break %}{% endif %}{{ x }}{% endfor %}", "012"),
        ("{% for x in numbers %}{% set y = x %}{% endfor %}{{ y is defined }}", "False"),
        ("{% set ns = namespace(t=0) %}{% for x in numbers %}{% set ns.t = ns.t + x %}{% endfor %}{{ ns.t }}", "6"),
        ("{% if false %}{% elif n == 7 %}seven{% else %}{% endif %}", "seven"),
        ("{% set a, b = 1, 2 %}{{ b }}{{ a }}{% set c %}x{{ a }}{% endset %}{{ c|upper }}", "21X1"),
        (
            "{% macro m(a, b='d') %}[{{ a }}{{ b }}{{ varargs }}]{% endmacro %}{{ m(1) }}{{ m(1, 2, 3) }}",
            "[1d()][12(3,)]"
        ),
        ("{% macro m() %}<{{ caller('x') }}>{% endmacro %}{% call(t) m() %}{{ t }}y{% endcall %}", "<xy>"),
        ("{% filter upper %}a{{ n }}b{% endfilter %}{% with z = 1 %}{{ z }}{% endwith %}{{ z }}", "A7B1"),
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
        ("{% raw %}{{ n }}{% if %}{% endraw %}", "{{ n }}{% if %}"),
        ("a\r\nb\rc\n\n", "a\nb\nc\n"),
    ])
    func whiteSpace(_ source: String, _ expected: String) throws { #expect(try render(source) == expected) }

    @Test(arguments: [
        ("{{ ' x '|trim }}{{ 'xay'|trim('xy') }}{{ s|length }}{{ s|upper }}", "xa13HELLO <WORLD>"),
        (
            "{{ numbers|sort|join('-') }} {{ numbers|sum }} {{ numbers|max }} {{ numbers|first }}{{ numbers|last }}",
            "1-2-3 6 3 32"
        ),
        ("{{ people|map(attribute='name')|join(',') }} {{ people|selectattr('age')|list|length }}", "Bo,al,Cy 2"),
        ("{{ people|sort(attribute='name')|map(attribute='name')|list }}", "['al', 'Bo', 'Cy']"),
        (
            "{{ numbers|select('>', 1)|list }} {{ numbers|reject('odd')|list }} {{ ['a', 'A']|unique|list }}",
            "[3, 2] [2] ['a']"
        ),
        ("{{ missing|default('d') }}{{ ''|default('e', true) }}{{ none|d('f') }}", "deNone"),
        (
            "{{ tool|tojson }} {{ '<é\"\\n>'|tojson }} {{ 'é'|tojson(ensure_ascii=true) }}",
            #"{"name": "f", "items": [1], "é": null} "<é\"\n>" "\u00e9""#
        ),
        (
            "{{ {'b': [1, {}], 'a': []}|tojson(indent=2, sort_keys=true) }}",
            "{\n  \"a\": [],\n  \"b\": [\n    1,\n    {}\n  ]\n}"
        ),
        ("{{ 'a\nb\n\nc'|indent(2) }}", "a\n  b\n\n  c"),
        (
            "{{ '42.9'|int }} {{ 'x'|int(5) }} {{ 'ff'|int(base=16) }} {{ '1.5'|float }} {{ 2.5|round }}",
            "42 5 255 1.5 2.0"
        ),
        ("{{ '<' + ('a>'|e)|last }} {{ '<' + ('a>'|e)|first }}", "&lt;; <a"),
        ("{{ 'hello wORLD-x'|title }} {{ 'aB'|capitalize }} {{ s|escape }}", "Hello World-X Ab Hello &lt;World&gt;"),
        (
            "{{ '<b>'|safe + '<' }} {{ {'b': 1, 'A': 2}|dictsort }} {{ tool|items|list|length }}",
            "<b>&lt; [('A', 2), ('b', 1)] 3"
        ),
        ("{{ '%s-%03d' % ('a', 7) }} {{ '{}{x}'.format(1, x=2) }}", "a-007 12"),
    ])
    func filters(_ source: String, _ expected: String) throws { #expect(try render(source) == expected) }

    @Test(arguments: [
        ("{{ ' a b '.strip() }}{{ 'a,b,c'.split(',', 1) }}{{ ' a  b '.split() }}", "a b['a', 'b,c']['a', 'b']"),
        ("{{ '<think>x</think>y'.split('</think>')[-1] }} {{ 'aXa'.replace('a', 'b', 1) }}", "y bXa"),
        (
            "{{ s.startswith('He') }} {{ s.endswith(('x', '>')) }} {{ s.find('W') }} {{ s.lower().title() }}",
            "True True 7 Hello <World>"
        ),
        ("{{ tool.get('name') }} {{ tool.get('z', 1) }} {{ tool.keys()|list }}", "f 1 ['name', 'items', 'é']"),
        ("{{ 'ΑΣ'.lower() }} {{ 'ß'.upper() }} {{ 'ǆ'.title() }}", "ας SS ǅ"),
    ])
    func methods(_ source: String, _ expected: String) throws { #expect(try render(source) == expected) }

    @Test(arguments: [
        ("{{ missing is defined }}{{ none is none }}{{ s is string }}{{ tool is mapping }}", "FalseTrueTrueTrue"),
        ("{{ s is iterable }}{{ tool is sequence }}{{ n is not number }}{{ true is number }}", "TrueTrueFalseTrue"),
        ("{{ n is divisibleby 7 }}{{ n is odd }}{{ 2 is in numbers }}{{ n is eq 7.0 }}", "TrueTrueTrueTrue"),
        ("{{ false is boolean }}{{ 1 is true }}{{ 1 is integer }}{{ 1.0 is float }}", "TrueFalseTrueTrue"),
    ])
    func tests(_ source: String, _ expected: String) throws { #expect(try render(source) == expected) }
}
