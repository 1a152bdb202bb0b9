// Broken, unsupported and hostile templates: each is refused, with its line, and none takes the process down.

import Foundation
import Testing

@testable import Tokenizers

@Suite struct ChatTemplateErrorTests {
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
        "{% raw %}open", "{% for in x %}{% endfor %}", "{% set 1 = 2 %}", "{% else %}", "{{ a b }}", "{{ 007 }}",
        "{% break %}", "{{ x is defined is none }}", "{{ f(a=1, 2) }}", "{% macro m(a=1, b) %}{% endmacro %}",
        "{{ $ }}",
        "{% for loop in x %}{% endfor %}", "{{ '\\ud800' }}", "{{ 99999999999999999999 }}", "{% 7 %}", "{{ x[] }}",
        "{% for x in y %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}", "{{ }}", "{% call x %}{% endcall %}",
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
        ("{{ x|urlencode }}", "the filter 'urlencode'"), ("{{ x|nonsense }}", "the filter 'nonsense'"),
        ("{{ x is sameas y }}", "the test 'sameas'"), ("{{ cycler(1) }}", "the function 'cycler'"),
        ("{% for x in y recursive %}{% endfor %}", "a recursive loop"),
        ("{{ x[1, 2] }}", "a subscript of several parts"),
        ("{% if false %}{{ x|batch(2) }}{% endif %}", "the filter 'batch'"),
    ])
    func whatIsLeftOutIsRefusedWhenParsed(_ source: String, _ feature: String) throws {
        let error = try #require(throws: TemplateError.self) { try Template("a\nb\n" + source) }
        guard case .unsupported(line: 3, feature, _) = error else {
            Issue.record("\(source): \(error)")
            return
        }
    }

    @Test func unknownFiltersInBranchesFailWhenReached() throws {
        let template = try Template("{% if x %}{{ x|from_json }}{% else %}fine{% endif %}")
        #expect(try template.render([:]) == "fine")
        #expect(throws: TemplateError.self) { try template.render(["x": "{}"]) }
    }

    @Test(arguments: [
        "{{ 1 + 'a' }}", "{{ [] + () }}", "{{ 1 < 'a' }}", "{{ 1 / 0 }}", "{{ 1 in 2 }}", "{{ none|length }}",
        "{{ 'a'|abs }}",
        "{{ x.y.z }}", "{{ x() }}", "{{ [1].append(2) }}", "{{ 1() }}", "{{ {[]: 1} }}", "{{ x|tojson }}",
        "{% set x.y = 1 %}",
        "{% for a, b in [1] %}{% endfor %}", "{% for a in 1 %}{% endfor %}", "{{ [3, 'a']|sort }}",
        "{{ 'a'.index('b') }}",
        "{{ [1]|map('upper')|length }}", "{{ range(1, 2, 0) }}", "{{ 'a'.split('') }}", "{{ 9223372036854775807 + 1 }}",
        "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "{{ 'a'|replace('b') }}", "{{ -9223372036854775807 - 2 }}",
        "{{ 3037000500 ** 2 }}", "{{ (-9223372036854775807 - 1) // -1 }}", "{{ '%d' % 'x' }}", "{{ '{}'.format() }}",
    ])
    func invalidOperationsAreRefused(_ source: String) { #expect(Self.failure(source) != nil) }

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
            Self.failure("{{ x|urlize }}")?.description.hasPrefix(
                "Chat template, line 1: the filter 'urlize' is not supported, but abs, capitalize,") == true)
        #expect(Self.failure("{{ (1 }}")?.description == "Chat template, line 1: met '}' where ')' was expected.")
        #expect(
            Self.failure("{{ raise_exception('Roles must alternate') }}")?.description
                == "The chat template refuses this conversation (line 1): Roles must alternate")
    }
}

/// Templates made to exhaust stack, memory or time.
@Suite struct ChatTemplateBoundsTests {
    private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    private static let hostile: [String] = [
        "{{ " + repeated("(", 100_000), "{{ " + repeated("not ", 100_000) + "1 }}",
        "{{ " + repeated("- ", 100_000) + "1 }}",
        "{{ 1" + repeated(" + 1", 100_000) + " }}", "{{ a" + repeated(".a", 100_000) + " }}",
        "{{ a" + repeated("|list", 100_000) + " }}", "{{ " + repeated("1 if 0 else ", 100_000) + "1 }}",
        repeated("{% if 1 %}", 100_000), repeated("{% for a in b %}", 100_000), "{{ " + repeated("[", 100_000),
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{% call m() %}x{% endcall %}{{ caller() }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{% filter trim %}{% set x %}{{ [m()]|join }}{% endset %}{% endfilter %}{% endmacro %}{{ m() }}",
        "{% set ns = namespace(x=[]) %}{% for i in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}",
        "{% set n = namespace(x=[1]) %}{% for i in range(9999) %}{% set n.x = n.x|select %}{% endfor %}{{ n.x|list }}",
        "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{{ 'x' * 9999 }}{% endfor %}", "{{ range(999999999) }}", "{{ 'a' * 10 ** 15 }}",
        "{{ [1] * 10 ** 15 }}", "{{ 'a'.ljust(10 ** 15) }}", "{{ 'a'|indent(10 ** 15) }}", "{{ '%999999999d' % 1 }}",
        "{% set x = 'a' * 10 ** 5 %}{{ x.replace('', x) }}", "{{ [1]|tojson(indent=10 ** 15) }}",
        "{{ range(-9223372036854775807, 9223372036854775807) }}", "{{ ('a' * 10 ** 5).join('a' * 10 ** 5) }}",
        "{% set x = 'é' * 10 ** 6 %}{% for i in range(99999) %}{% set y = x.upper() %}{% endfor %}",
    ]

    /// 512 KiB, the smallest stack that platforms give to threads. Unoptimised code needs more.
    private static let stackSize = _isDebugAssertConfiguration() ? 8 << 20 : 512 << 10

    @Test(arguments: hostile.indices) func hostileTemplatesEndInAnError(_ index: Int) async {
        let limits = TemplateLimits(steps: 1_000_000)
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
        let message: Value = ["content": .string(Self.repeated("word ", 10_000))]
        let text = try Template(source).render(["messages": .array(Array(repeating: message, count: 50))])
        #expect(text.utf8.count == 50 * 49_999)
        #expect(try Template("{{ " + Self.repeated("(", 40) + "1" + Self.repeated(")", 40) + " }}").render([:]) == "1")
        #expect(try Template("{{ 1" + Self.repeated(" + 1", 150) + " }}").render([:]) == "151")
        let recursion = "{% macro m(i) %}{{ i }}{% if i %}{{ m(i - 1) }}{% endif %}{% endmacro %}{{ m(20)|length }}"
        #expect(try Template(recursion).render([:]) == "32")
    }
}
