// Which models can teach which, and the head alone of one that can.

import Foundation
import LanguageModels
import TestSupport
import Testing
import Torch

@Suite struct TeachingTests {
    private let files: TinyModelFolder

    init() throws { files = try TinyModelFolder() }

    /// Another tiny model, some of whose files say something else.
    private func other(
        width: Int = 48, rows: Int = TinyModel.vocabularySize, _ file: String = "tokenizer.json",
        replacing old: String = "", by new: String = ""
    ) throws -> String {
        let folder = files.folder.appending(path: UUID().uuidString)
        try TinyModel.write(to: folder, seed: 2, width: width, rows: rows)
        let place = folder.appending(path: file)
        let text = try String(contentsOf: place, encoding: .utf8)
        #expect(old.isEmpty || text.contains(old))
        try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: place)
        return folder.path
    }

    private func refusal(_ teacher: String, of student: String? = nil) throws -> String {
        do {
            try LanguageModel.checkTeacher(path: teacher, student: student ?? files.model.path)
            return ""
        } catch let error as LanguageModelError {
            return "\(error)"
        }
    }

    private static let oneMore = """
        "added_tokens" : [ {"id": 258, "content": "<more>", "special": true},
        """

    @Test func aModelOfAnotherWidthWithMoreRowsOfEmbeddingsCanTeach() throws {
        #expect(try refusal(other()) == "")
        #expect(try refusal(other(rows: 264)) == "")
        #expect(try refusal(files.model.path, of: other(rows: 264)) == "")
    }

    @Test func eachReasonToRefuseATeacherIsTold() throws {
        let more = try other(rows: 260, replacing: "\"added_tokens\" : [", by: Self.oneMore)
        #expect(try refusal(more).contains("259 tokens and 258"))
        let token = try other(replacing: "\"!\" : 33", by: "\"!!\" : 33")
        #expect(try refusal(token).contains("token 33 is \"!!\" and \"!\""))
        let special = try other(replacing: "\"special\" : true", by: "\"special\" : false")
        #expect(try refusal(special).contains("is special in the second only"))
        let end = try other("tokenizer_config.json", replacing: "<|im_end|>", by: "<|im_start|>")
        #expect(try refusal(end).contains("ends its turns with <|im_start|>"))
        #expect(try refusal(end).contains("name it as expert.model"))
        let few = try [1, 2].map { _ in try other(replacing: "\"added_tokens\" : [", by: Self.oneMore) }
        #expect(try refusal(few[0], of: few[1]).contains("258 rows of embeddings for 259 tokens"))
    }

    @Test func theHeadAloneIsTheLoadedModels() throws {
        let path = try other(rows: 264)
        let model = try LanguageModel(path: path, dtype: .float32)
        let alone = try TeacherHead(path: path, dtype: .float32)
        #expect(alone.weight_Vd.shape == [258, 48] && model.decoder.head_Vd.shape == [264, 48])
        let states = try Tensor.randn([3, 48], seed: 3)
        let expected: [Float] = try model.decoder.logits(states).narrow(1, start: 0, length: 258).contiguous().values()
        for head in [alone, try TeacherHead(of: model)] {
            // Products of other shapes round otherwise.
            let logits: [Float] = try head.logits(states).values()
            #expect(zip(logits, expected).allSatisfy { abs($0 - $1) < 1e-5 } && logits.count == expected.count)
        }
    }
}
