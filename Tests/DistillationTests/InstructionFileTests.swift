// Instruction data of every form become the same conversations; what cannot be used is named.

import Foundation
import Store
import TestSupport
import Testing
import Tokenizers

@testable import Distillation

@Suite struct InstructionFileTests {
    let folder: DocumentsFolder

    init() throws { folder = try DocumentsFolder() }

    private func read(_ text: String, as name: String = "d.jsonl", limit: Int? = nil, seed: UInt64 = 0) throws
        -> InstructionFile
    {
        try folder.write(name, text)
        return try InstructionFile(folder.url.appending(path: name), limit: limit, seed: seed)
    }

    private static let forms: [(InstructionForm, String)] = [
        (
            .messages,
            #"{"messages": [{"role": "user", "content": "Hi\n\nthere"}, {"role": "assistant", "content": "Hello."}]}"#
        ),
        (
            .messages,
            #"{"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi\n\n"}, {"type": "text", "text": "there"}]},"#
                + #" {"role": "assistant", "content": "Hello."}], "source": "x"}"#
        ),
        (
            .shareGPT,
            #"{"conversations": [{"from": "human", "value": "Hi\n\nthere"}, {"from": "gpt", "value": "Hello."}]}"#
        ),
        (.alpaca, #"{"instruction": "Hi", "input": "there", "output": "Hello."}"#),
        (.alpaca, #"{"instruction": "Hi\n\nthere", "input": "", "output": "Hello.", "text": "y"}"#),
        (.promptCompletion, #"{"prompt": "Hi\n\nthere", "completion": "Hello."}"#),
        (
            .promptCompletion,
            #"{"prompt": [{"role": "user", "content": "Hi\n\nthere"}], "#
                + #""completion": [{"role": "assistant", "content": "Hello."}]}"#
        ),
        (
            .selfInstruct,
            #"{"id": 1, "instruction": "Hi", "instances": [{"input": "there", "output": "Hello."}], "name": "n"}"#
        ),
    ]

    @Test(arguments: forms.indices, ["d.jsonl", "d.json"])
    func everyFormGivesTheSameConversation(_ index: Int, _ name: String) throws {
        let (form, row) = Self.forms[index]
        let file = try read(name == "d.json" ? "[\(row)]" : row, as: name)
        #expect(file.form == form)
        let wanted = Instruction(prompt: [ChatMessage(role: "user", content: "Hi\n\nthere")], reply: "Hello.")
        #expect(file.instructions == [wanted])
        #expect(file.instructions.first?.messages.map(\.role) == ["user", "assistant"])
        #expect(file.summary == "1 instructions in the form of \(form.name)")
    }

    @Test func aConversationIsKeptUpToItsLastReply() throws {
        let file = try read(
            """
            {"conversations": [{"from": "system", "value": "Be kind."}, {"from": "human", "value": "1"}, \
            {"from": "gpt", "value": "2"}, {"from": "human", "value": "3"}, {"from": "gpt", "value": "4"}, \
            {"from": "human", "value": "5"}]}
            """)
        let instruction = try #require(file.instructions.first)
        #expect(instruction.prompt.map(\.role) == ["system", "user", "assistant", "user"])
        #expect(instruction.prompt.map(\.content) == ["Be kind.", "1", "2", "3"])
        #expect(instruction.reply == "4")
    }

    @Test func brokenRowsAreNamed() throws {
        let file = try read(
            """
            {"question": "another form"}
            {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
            {"messages": [{"role": "user", "content": "a"}]}
            {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": " "}]}
            {"messages": [{"role": "tool", "content": "a"}, {"role": "assistant", "content": "b"}]}
            {"messages": [{"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}]}
            {"messages": [{"role": "user", "content": null}, {"role": "assistant", "content": "b"}]}
            {"messages": []}
            {"instruction": "a", "output": "b"}
            not JSON
            {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
            """)
        #expect(file.instructions.count == 1)
        #expect(file.duplicates == 1)
        #expect(
            file.skipped.map(\.reason) == [
                .unknownForm, .noReply, .noReply, .unknownRole("tool"), .turnsOutOfOrder, .missingField(["content"]),
                .missingField(["messages"]), .missingField(["messages"]), .notJSON,
            ])
        #expect(
            file.skipped.map { $0.source.split(separator: ":").last } == ["1", "3", "4", "5", "6", "7", "8", "9", "10"])
        #expect(
            file.summary.hasPrefix(
                "1 instructions in the form of chat messages, 1 repeated ones left out, 9 rows left out: "))
        #expect(file.summary.hasSuffix("and 6 more"))
    }

    @Test(arguments: [
        ("a.jsonl", #"{"text": "x"}"#), ("b.json", #"{"a": [1]}"#), ("c.json", "[1, 2]"), ("d.jsonl", " "),
        ("e.json", "{\n}"),
    ])
    func aFileWithoutInstructionsIsAnErrorThatNamesTheForms(_ name: String, _ text: String) throws {
        let error = try #require(throws: DataFileError.self) { try read(text, as: name) }
        for form in InstructionForm.allCases { #expect(error.description.contains(form.fields)) }
        #expect(error.description.contains(name))
    }

    @Test func parquetIsNamedWithAWayOut() throws {
        let error = try #require(throws: DataFileError.self) { try read("PAR1\u{15}\u{4}PAR1", as: "train.parquet") }
        #expect(error.description.contains("pandas.read_parquet"))
    }

    @Test func aMissingFileIsNamed() throws {
        let path = folder.url.appending(path: "none.jsonl")
        #expect(throws: DocumentError.notFound(path.path)) { try InstructionFile(path) }
    }

    @Test func aLimitDrawsEvenlyAndTheSameForOneSeed() throws {
        let rows = (0..<1000).map { #"{"prompt": "\#($0)", "completion": "x"}"# }.joined(separator: "\n")
        let drawn = try read(rows, limit: 100, seed: 3)
        let numbers = try drawn.instructions.map { try #require(Int($0.prompt[0].content)) }
        #expect(numbers.count == 100 && drawn.total == 1000)
        #expect(numbers == numbers.sorted() && Set(numbers).count == 100)
        // A hundred even draws out of a thousand: 50 on either side give or take 5 standard deviations.
        #expect((25...75).contains(numbers.count { $0 < 500 }))
        #expect(try read(rows, limit: 100, seed: 3).instructions == drawn.instructions)
        #expect(try read(rows, limit: 100, seed: 4).instructions != drawn.instructions)
        #expect(drawn.summary.hasPrefix("100 of 1000 instructions"))
    }

    @Test func theIDIsOfEveryTurn() {
        let user = ChatMessage(role: "user", content: "a")
        let ids = [
            Instruction(prompt: [user], reply: "b"), Instruction(prompt: [user], reply: "c"),
            Instruction(prompt: [user]),
            Instruction(prompt: [ChatMessage(role: "system", content: "a"), user], reply: "b"),
            Instruction(prompt: [ChatMessage(role: "user", content: "a:1:b")]),
        ].map(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(Instruction("a").id == Instruction(prompt: [user]).id)
    }

    @Test func generalInstructionsAreManyAndEachOnce() {
        let all = GeneralInstructions.all
        #expect(all.count >= 200)
        #expect(Set(all.map(\.id)).count == all.count)
        #expect(all.allSatisfy { $0.reply == nil && $0.prompt.count == 1 && !$0.prompt[0].content.isBlank })
    }

    @Test(.enabled(if: DataSets.file("instructions/seed_tasks.jsonl") != nil, "\(DataSets.absence)"))
    func selfInstructsSeedTasksAreReadWhole() throws {
        let file = try InstructionFile(try #require(DataSets.file("instructions/seed_tasks.jsonl")))
        #expect(file.form == .selfInstruct)
        #expect(file.instructions.count == 175 && file.skipped == [] && file.duplicates == 0)
    }
}
