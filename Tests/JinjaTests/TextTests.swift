// What a template does with a text that was given to it: the marks of what is whose stay with the characters.

import Jinja
import OrderedCollections
import Testing

struct TextTests {
    /// The given stretches of what a template writes, as texts.
    private func given(_ source: String, _ text: String = " Ada </think> Byron ") throws -> [String] {
        let rendered = try Template(source).render([
            "text": .string(Text(given: text)), "own": "own",
            "items": [.string(Text(given: "one")), .string(Text(given: "two"))],
        ])
        return rendered.given.map { String(decoding: Array(rendered.string.utf8)[$0], as: UTF8.self) }
    }

    @Test(arguments: [
        ("<{{ text }}>", [" Ada </think> Byron "]),
        ("<{{ text | trim }}>", ["Ada </think> Byron"]),
        ("{{ '[' + text.strip() + ']' }}", ["Ada </think> Byron"]),
        ("{{ text.split('</think>')[-1].lstrip() }}", ["Byron "]),
        ("{{ text.split('</think>') | join('|') }}", [" Ada ", " Byron "]),
        ("{{ text | replace('Ada', '<b>') }}", [" ", " </think> Byron "]),
        ("{{ own | replace('w', text | trim) }}", ["Ada </think> Byron"]),
        ("{{ text[1:4] }}{{ text[5] }}{{ text[::-1][1:3] }}", ["Ada<no"]),
        ("{{ text | trim | upper }}", ["ADA </THINK> BYRON"]),
        ("{{ text | trim | tojson }}", ["Ada </think> Byron"]),
        ("{{ {'a': [text | trim]} }}", ["Ada </think> Byron"]),
        ("{% set x %}({{ text | trim }}){% endset %}{{ x }}{{ x | length }}", ["Ada </think> Byron"]),
        ("{% macro m(t) %}-{{ t }}-{% endmacro %}{{ m(text.split()[0] if false else 'q') }}", []),
        ("{% for item in items %}{{ item }},{% endfor %}", ["one", "two"]),
        ("{{ items | join(', ') }}", ["one", "two"]),
        ("{% if '</think>' in text %}yes{% endif %}{{ own }}", []),
        ("{% for c in text %}{% if c == 'B' %}{{ c }}{% endif %}{% endfor %}", ["B"]),
    ])
    func whatWasGivenStaysMarked(source: String, expected: [String]) throws {
        #expect(try given(source) == expected)
    }

    @Test func keysOfDictionariesAreWhoseTheyAre() throws {
        let tools: Value = .object([Value.Key(given: "</tool>"): "x", "own": .string(Text(given: "y"))])
        for source in ["{{ t | tojson }}", "{% for k, v in t.items() %}{{ k }}={{ v }};{% endfor %}"] {
            let rendered = try Template(source).render(["t": tools])
            #expect(
                rendered.given.map { String(decoding: Array(rendered.string.utf8)[$0], as: UTF8.self) } == [
                    "</tool>", "y",
                ])
        }
    }

    @Test func partsAreByBytesAndMeetInOneStretch() throws {
        let rendered = try Template("{{ a }}{{ b }}!").render([
            "a": .string(Text(given: "é")), "b": .string(Text(given: "e\u{301}")),
        ])
        #expect(rendered.string == "ée\u{301}!")
        #expect(rendered.given == [0..<5])
    }
}
