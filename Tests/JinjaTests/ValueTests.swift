// Values as callers make and compare them.

import OrderedCollections
import Testing

@testable import Jinja

@Suite struct ValueTests {
    @Test func equalityIsPythons() {
        #expect(Value.int(1) == .double(1) && Value.boolean(true) == 1 && Value.int(0) == false)
        #expect(Value.string("é") != .string("e\u{301}"))
        #expect(Value.array([1]) != .tuple([1]) && Value.string("1") != 1 && Value.null != .undefined)
        #expect(Value.object(["a": 1, "b": 2]) == .object(["b": 2, "a": 1]))
    }

    @Test func keysAreEqualByCodePoints() {
        let entries: OrderedDictionary<Value.Key, Value> = ["é": 1, "e\u{301}": 2]
        #expect(entries.count == 2)
    }

    @Test func dictionariesKeepTheirOrder() throws {
        let value: Value = ["z": 1, "a": ["y": 2, "b": 3]]
        #expect(try Template("{{ v|tojson }}").render(["v": value]) == #"{"z": 1, "a": {"y": 2, "b": 3}}"#)
    }

    @Test(arguments: [
        (1e16, "1e+16"), (9_543_120_043_029_178, "9543120043029178.0"),
        (123456789012345680.0, "1.2345678901234568e+17"), (1e15, "1000000000000000.0"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"), (-0.0, "-0.0"), (.leastNonzeroMagnitude, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (100, "100.0"), (0.1, "0.1"), (1e22, "1e+22"), (9007199254740992, "9007199254740992.0"), (.infinity, "inf"),
        (.nan, "nan"),
    ])
    func numbersPrintAsInPython(_ number: Double, _ expected: String) {
        #expect(number.pythonText == expected)
    }

    @Test(arguments: [
        ("aXbXc", "X", ["a", "b", "c"]), ("aaa", "aa", ["", "a"]), ("abababa", "aba", ["", "b", ""]),
        ("日本日", "日", ["", "本", ""]), ("aabaaab", "aaab", ["aab", ""]), ("abc", "d", ["abc"]),
    ])
    func textIsFoundFromTheLeft(_ text: String, _ needle: String, _ pieces: [String]) {
        #expect(Text(text).pieces(around: needle).map(\.string) == pieces)
    }
}
