// Broken, unsupported and hostile templates: each is refused, with its line, and none takes the process down.

import Foundation
import Testing

@testable import Jinja

@Suite struct ErrorTests {
    private static func failure(_ source: String, _ context: [String: Value] = [:]) -> TemplateError? {
        do throws(TemplateError) {
            _ = try Template(source).render(context)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "{{ 1 +", "{{ (1 }}", "{{ 1) }}", "{% if x %}", "{% endif %}", "{% if %}{% endif %}", "{{ 'open }}", "{# open",
        "{% for in x %}{% endfor %}", "{% set 1 = 2 %}", "{% else %}", "{{ a b }}", "{{ 007 }}",
        "{% break %}", "{{ x is defined is none }}", "{{ f(a=1, 2) }}", "{% macro m(a=1, b) %}{% endmacro %}",
        "{{ $ }}",
        "{% for loop in x %}{% endfor %}", "{{ '\\ud800' }}", "{{ 99999999999999999999 }}", "{% 7 %}", "{{ x[] }}",
        "{% for x in y %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}", "{{ }}", "{{ 1, 2 }}",
        "{% macro m(a, a) %}{% endmacro %}",
    ])
    func brokenTemplatesAreRefusedWhenParsed(_ source: String) throws {
        let error = try #require(throws: TemplateError.self) { try Template("\n" + source) }
        guard case .syntax(line: 2, _, _) = error else {
            Issue.record("\(source): \(error)")
            return
        }
    }

    @Test(arguments: [
        ("{% include 'x' %}", "the tag '{% include %}'"), ("{% block b %}{% endblock %}", "the tag '{% block %}'"),
        ("{% raw %}{{ }}{% endraw %}", "the tag '{% raw %}'"), ("{%- raw %}{{", "the tag '{% raw %}'"),
        ("{% with x = 1 %}{% endwith %}", "the tag '{% with %}'"),
        ("{% call m() %}{% endcall %}", "the tag '{% call %}'"),
        ("{{ x|urlencode }}", "the filter 'urlencode'"), ("{{ x|nonsense }}", "the filter 'nonsense'"),
        ("{{ x|tojson|safe }}", "the filter 'safe'"), ("{{ x|dictsort }}", "the filter 'dictsort'"),
        ("{% if false %}{{ x|batch(2) }}{% endif %}", "the filter 'batch'"),
        ("{{ x is sameas y }}", "the test 'sameas'"), ("{{ cycler(1) }}", "the function 'cycler'"),
        ("{{ x.format(1) }}", "the method 'format'"), ("{{ [1].append(2) }}", "the method 'append'"),
        ("{% for x in y recursive %}{% endfor %}", "a recursive loop"),
        ("{{ x[1, 2] }}", "a subscript of several parts"),
        ("{{ 1 < x < 3 }}", "a chain of comparisons"), ("{{ 2 ** 3 }}", "the operator '**'"),
        ("{{ x / 2 }}", "the operator '/'"), ("{{ 0x1F }}", "a number as '0x…'"),
        ("{{ '\\N{DASH}' }}", "the escape \\N"),
        ("{{ m(*x) }}", "'*' before an argument"), ("{% set a, b = x %}", "setting several names at once"),
        ("{% set a | upper %}{% endset %}", "a filter on a block that is set"),
        ("{% macro m() %}{{ varargs }}{% endmacro %}", "'varargs' in a macro"),
    ])
    func whatIsLeftOutIsRefusedWhenParsed(_ source: String, _ feature: String) throws {
        let error = try #require(throws: TemplateError.self) { try Template("a\nb\n" + source) }
        guard case .unsupported(line: 3, feature, _) = error else {
            Issue.record("\(source): \(error)")
            return
        }
    }

    @Test(arguments: [
        ("{{ '%s' % 1 }}", "formatting by '%'"), ("{{ [1] * 2 }}", "repeating by '*'"),
        ("{{ 1.5 % 1 }}", "'%' of decimals"),
        ("{{ [1] < [2] }}", "'<' of lists"), ("{{ {1: 2} }}", "an integer as a dictionary's key"),
        ("{{ range(3)[1:] }}", "a slice of a range"), ("{{ namespace({}) }}", "namespace() of a dictionary"),
        ("{{ ['a']|map('title')|list }}", "the filter 'title'"),
        ("{{ 'a'|replace('', 'b') }}", "replacing an empty text"),
        ("{{ 'é'|tojson(ensure_ascii=true) }}", "tojson(ensure_ascii=true)"),
        ("{{ {}.items() }}", "printing a dictionary's keys, values or items without '|list'"),
        ("{% for x in [1] %}{{ loop.length }}{% endfor %}", "'loop.length'"),
        ("{% set x = [1]|select %}{{ x|list }}{{ x|list }}", "going through a filter's elements twice"),
    ])
    func whatIsLeftOutIsRefusedWhenMet(_ source: String, _ feature: String) throws {
        guard case .unsupported(line: 1, feature, _) = Self.failure(source) else {
            Issue.record("\(source): \(String(describing: Self.failure(source)))")
            return
        }
    }

    @Test(arguments: [
        "{{ 1 + 'a' }}", "{{ [] + (1,) }}", "{{ 1 < 'a' }}", "{{ 1 % 0 }}", "{{ 1 in 2 }}", "{{ none|length }}",
        "{{ x.y.z }}", "{{ x() }}", "{{ 1() }}", "{{ x|tojson }}", "{% set x.y = 1 %}", "{{ 'a'|items }}",
        "{% for a, b in [1] %}{% endfor %}", "{% for a in 1 %}{% endfor %}", "{{ [1]|map('upper')|length }}",
        "{{ range(1, 2, 0) }}", "{{ 'a'.split('') }}", "{{ 9223372036854775807 + 1 }}", "{{ 'a'|replace('b') }}",
        "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "{% macro m(a) %}{% endmacro %}{{ m(b=1) }}",
        "{{ -9223372036854775807 - 2 }}", "{{ (-9223372036854775807 - 1) % -1 }}", "{{ 'a'.strip(1) }}",
    ])
    func invalidOperationsAreRefused(_ source: String) throws {
        let template = try Template(source)
        #expect(throws: TemplateError.self) { try template.render([:]) }
    }

    @Test func errorsTellWhatIsMissingAndWhere() {
        #expect(
            Self.failure("a\n{{ message.content + 'x' }}", ["message": [:]])
                == .undefined(line: 2, name: "'message.content'"))
        #expect(Self.failure("{{ user.name.first }}") == .undefined(line: 1, name: "'user'"))
        #expect(
            Self.failure("{{ 'a' + 1 }}")
                == .invalidOperation(line: 1, operation: "'+'", operands: ["a string", "an integer"]))
        #expect(Self.failure("\n\n{{ raise_exception('No ' ~ 7) }}") == .raised(line: 3, message: "No 7"))
    }

    @Test func descriptionsAreSentences() {
        #expect(
            Self.failure("a\n{{ x is odd }}")?.description == """
                Chat template, line 2: the test 'odd' is not supported, but boolean, defined, equalto, false, float, integer, \
                iterable, mapping, ne, none, number, sequence, string, true, undefined are. This template cannot be used: put \
                one that does without into the model's tokenizer_config.json, as chat_template, or use another model.
                """)
        #expect(Self.failure("{{ (1 }}")?.description == "Chat template, line 1: met '}' where ')' was expected.")
        #expect(
            Self.failure("{{ raise_exception('Roles must alternate') }}")?.description
                == "The chat template refuses this conversation (line 1): Roles must alternate")
    }
}

/// Templates made to exhaust stack, memory or time.
@Suite struct BoundsTests {
    private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    private static let hostile: [String] = [
        "{{ " + repeated("(", 100_000), "{{ " + repeated("not ", 100_000) + "1 }}",
        "{{ " + repeated("- ", 100_000) + "1 }}",
        "{{ 1" + repeated(" + 1", 100_000) + " }}", "{{ a" + repeated(".a", 100_000) + " }}",
        "{{ a" + repeated("|list", 100_000) + " }}", "{{ " + repeated("1 if 0 else ", 100_000) + "1 }}",
        repeated("{% if 1 %}", 100_000), repeated("{% for a in b %}", 100_000), "{{ " + repeated("[", 100_000),
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{% generation %}{% set x %}{{ [m()]|join }}{% endset %}{% endgeneration %}{% endmacro %}{{ m() }}",
        "{% set ns = namespace(x=[]) %}{% for i in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}",
        "{% set n = namespace(x=[1]) %}{% for i in range(99999) %}{% set n.x = n.x|select|list %}{% endfor %}{{ n.x }}"
            + "{% for i in range(99999) %}{{ n.x|tojson }}{% endfor %}{{ range(99999)|list }}{{ range(99999)|join }}",
        "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% set x = range(99999)|join %}{% for a in range(99999) %}{{ x }}{% endfor %}", "{{ range(999999999) }}",
        "{{ [1]|tojson(indent=1000000000000000) }}", "{{ range(-9223372036854775807, 9223372036854775807) }}",
        "{% set x = range(99999)|join %}{{ x.replace('1', x) }}", "{% set x = range(99999)|join %}{{ x|list|join(x) }}",
        "{% set x = range(99999)|join('é') %}{% for i in range(99999) %}{% set y = x.upper() %}{% endfor %}",
        "{% set x = range(99999)|join %}{% for i in range(99999) %}{% set y = x.split('01') %}{% endfor %}",
    ]

    /// 512 KiB, the smallest stack that platforms give to threads. Unoptimised code needs more.
    private static let stackSize = _isDebugAssertConfiguration() ? 8 << 20 : 512 << 10

    @Test(arguments: hostile.indices) func hostileTemplatesEndInAnError(_ index: Int) async {
        let limits = Limits(steps: 1_000_000)
        let error = await withCheckedContinuation { continuation in
            let thread = Thread {
                do throws(TemplateError) {
                    _ = try Template(Self.hostile[index], limits: limits).render([:])
                    continuation.resume(returning: TemplateError?.none)
                } catch {
                    continuation.resume(returning: error)
                }
            }
            thread.stackSize = Self.stackSize
            thread.start()
        }
        switch error {
        case .limitExceeded, .invalidArgument: break
        default: Issue.record("\(Self.hostile[index].prefix(120)): \(error?.description ?? "rendered")")
        }
    }

    @Test func realSizesStayWithinTheBounds() throws {
        let source = "{% for m in messages %}{{ m.content|trim }}{% if 'x' in m.content %}{% endif %}{% endfor %}"
        let message: Value = ["content": .string(Text(Self.repeated("word ", 10_000)))]
        let text = try Template(source).render(["messages": .array(Array(repeating: message, count: 50))])
        #expect(text.string.utf8.count == 50 * 49_999)
        #expect(try Template("{{ " + Self.repeated("(", 40) + "1" + Self.repeated(")", 40) + " }}").render([:]) == "1")
        #expect(try Template("{{ 1" + Self.repeated(" + 1", 150) + " }}").render([:]) == "151")
        let recursion = "{% macro m(i) %}{{ i }}{% if i %}{{ m(i - 1) }}{% endif %}{% endmacro %}{{ m(20)|length }}"
        #expect(try Template(recursion).render([:]) == "32")
    }
}
