// Keys of content, and seeds that follow from them.

import Basics
import Foundation
import Testing

@Suite struct ContentKeyTests {
    @Test func fieldsAreNotRunTogether() {
        #expect(ContentKey(of: "ab", "c") != ContentKey(of: "a", "bc"))
        #expect(ContentKey(of: "a", "") != ContentKey(of: "a"))
        #expect(ContentKey(of: "a", "b") == ContentKey(of: "a", "b"))
    }

    @Test func isTheFirstHalfOfSHA256() {
        // SHA-256 of eight zero bytes, the length of the one empty field.
        #expect(ContentKey(of: "").description == "af5570f5a1810b7af78caf4bc70a660f")
        // And of nothing.
        #expect(ContentKey().description == "e3b0c44298fc1c149afbf4c8996fb924")
    }

    @Test func readsWhatItWritesAndNothingElse() throws {
        let key = ContentKey(of: "question", "Ä")
        #expect(ContentKey(key.description) == key)
        #expect(try JSONDecoder().decode(ContentKey.self, from: JSONEncoder().encode(key)) == key)
        let hex = key.description
        for wrong in ["", "12", hex + "0", "+" + hex.dropFirst(), "g" + hex.dropFirst(), hex.dropLast(2) + "é"] {
            #expect(ContentKey(wrong) == nil)
        }
    }

    @Test func seedsDependOnRunAndKey() {
        let key = ContentKey(of: "a")
        #expect(key.seed(run: 1) == ContentKey(of: "a").seed(run: 1))
        #expect(key.seed(run: 1) != key.seed(run: 2))
        #expect(key.seed(run: 1) != ContentKey(of: "b").seed(run: 1))
    }
}
