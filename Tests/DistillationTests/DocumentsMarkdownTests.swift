// Markdown's sentences are those that a reader sees, as GitHub shows them.

import Store
import Testing

@testable import Distillation

@Suite struct DocumentsMarkdownTests {
    private func sentences(_ text: String, _ name: String = "a.md") -> [String] {
        Document(name: name, title: nil, text: text, source: name).sentences
    }

    @Test func codeIsNoSentenceWhereverItStands() {
        let text = """
            1. Stop the pump:
               ```sh
               pump --stop. Now.

               pump --log
               ```
               Then wait.
            2. ```
               fenced. At once.
               ```
            - A list.
              ````
              ``` not. Closed.
              ````

            Prose.

                indented. Code.

            <details>
            <b>HTML. Block.</b>
            </details>
            """
        #expect(sentences(text) == ["Stop the pump:", "Then wait.", "A list.", "Prose."])
    }

    @Test func blocksArePartedAsTheyAreShown() {
        let text = """
            The Mole
            of Velm
            ===

            > The mole was begun in
            > 1790. It
            was finished late.

            * A
            continues.
              1. Nested one.

              Second paragraph.

            - [x] Done.
            ***
            | Pier | Length |
            |------|-------:|
            | *East* | 400 m \\| 3 |

            It stands.[^1] So it does.

            [ref]: https://example.org "No sentence. At all."

            [^1]: As the [board](https://example.org/?a.B) says.
                Still.
            """
        #expect(
            sentences(text) == [
                "The Mole of Velm",
                "The mole was begun in 1790.", "It was finished late.",
                "A continues.", "Nested one.", "Second paragraph.", "Done.", "East | 400 m | 3",
                "It stands.", "So it does.", "As the board says.", "Still.",
            ])
    }

    @Test func sentencesAreWithoutMarks() {
        #expect(
            sentences(
                "The **mole** has `two` [lights](x.html \"T. Y\") &amp; a\\_b ![plan. Of it](p.png)\nhere. <br>Yes.")
                == ["The mole has two lights & a_b here.", "Yes."])
    }

    @Test func linesBrokenOnPurposeStayApartAndWrappedOnesDoNot() {
        #expect(
            sentences("Name: Velm Light\nHeight: 41 m\nColour: dark green and white") == [
                "Name: Velm Light", "Height: 41 m", "Colour: dark green and white",
            ])
        #expect(
            sentences(
                "The board of the harbour, which meets on\n[Mondays](https://example.org/a/long/address), and\nAda Finch agree."
            )
                == ["The board of the harbour, which meets on Mondays, and Ada Finch agree."])
    }

    @Test func aTextFileIsNotMarkdown() {
        let text = "    Indented prose. With 2*3*4.\n\n<note> is a word. [X]: Y."
        #expect(sentences(text, "a.txt") == ["Indented prose.", "With 2*3*4.", "<note> is a word.", "[X]: Y."])
        #expect(sentences(text, "rows.jsonl:3") == sentences(text, "a.txt"))
        #expect(sentences("1. ```\n   code. More\n   ```\n\nSo.", "rows.jsonl:3") == ["So."])
    }

    @Test(arguments: ["", "\n\n", "# Only\n\n---\n", "```\ncode", "<p>\nx\n</p>", "![only](a.png)"])
    func textWithoutSentencesHasNone(text: String) {
        #expect(sentences(text) == [])
    }

    /// A `.txt` file is text, whatever it looks like.
    @Test(arguments: [
        (
            "The gate is red.\n~~~~~~~~\nThe mole is old.\n~~~~~~~~\nIt stands.",
            ["The gate is red.", "The mole is old.", "It stands."]
        ),
        ("```` is what the sailors call it.\nIt is long.", ["```` is what the sailors call it.", "It is long."]),
        ("The gate is red.\n-----\nThe mole is old.\n=====", ["The gate is red.", "The mole is old."]),
        ("# The gate is red.\nIt stands.", ["The gate is red.", "It stands."]),
    ])
    func plainTextHasNeitherFencesNorHeadings(text: String, expected: [String]) {
        #expect(sentences(text, "a.txt") == expected)
    }

    @Test(arguments: [
        "---\ntitle: A\ndefaults: &d {x: 1}\nmore:\n  <<: *d\n---\nIt stands.", "---\ndocs/section: x\n---\nIt stands.",
        "---\nprix (€): 12\n---\nIt stands.", "+++\ntext = \"\"\"\nOne. Two.\n\"\"\"\nx = [\n  1,\n]\n+++\nIt stands.",
    ])
    func frontMatterMayBeAnyMapping(text: String) throws {
        let folder = try DocumentsFolder()
        try folder.write("a.md", text)
        let document = try #require(try DocumentReader(folder.url).next())
        #expect(document.sentences == ["It stands."])
    }

    @Test func aTextThatNestsWithoutEndIsRead() {
        #expect(sentences(String(repeating: "> ", count: 20_000) + "Deep.") == ["Deep."])
    }

    @Test func longMarkdownIsCutBetweenItsBlocks() {
        let text =
            "One two three.\n\n- four\n  ```\n  a\n\n  b\n  ```\n\n## Five\n\nSix seven.\n\n    code one\n\n    code two\n"
        let document = Document(name: "a.md", title: "A", text: text, source: "a.md")
        let parts = Passages.split(document, maximumTokens: 20) { $0.count / 2 }
        #expect(
            parts.map(\.text).joined(separator: "|")
                == [
                    "One two three.", "- four\n  ```\n  a\n\n  b\n  ```", "## Five\n\nSix seven.",
                    "code one\n\n    code two",
                ].joined(separator: "|"))
    }
}
