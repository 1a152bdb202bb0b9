// A run whose questions and answers come from an endpoint: what is refused costs a document or a question, is named, and is not
// asked for again.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct EndpointRunTests {
    private static func place(_ url: String, _ questions: String = "perPassage: 5, attempts: 2") throws -> Workplace {
        try Workplace(
            """
            preset: paper
            questions: {\(questions)}
            expert: {baseURL: \(url), model: wise, apiKeyVariable: INSTILL_TEST_NO_KEY, maximumAttempts: 1}
            """, replacing: "trainingQuestions: questions.jsonl\n")
    }

    private static let filtered = ServedResponse.answer(
        status: 400, body: #"{"error": {"message": "The prompt was filtered.", "code": "content_filter"}}"#)

    @Test func aFilteredDocumentAndAFilteredQuestionCostThemselvesAlone() async throws {
        let asked = Counter()
        try await withServer { request in
            asked.next()
            if request.question.contains("Tessa Vane") { return Self.filtered }
            guard request.question.contains("trivia") else {
                return try request.question.contains("How long") ? Self.filtered : .reply("<think>Hm.</think>A river.")
            }
            return try .reply(
                """
                <think>Or <question>What is the draft of the Brask?</question></think>
                <question>What is the Brask called?</question><question>How long is the river Brask?</question>
                """)
        } _: { url in
            let place = try Self.place(url)
            let questions = try await instillAside(["questions", place.config])
            #expect(questions.code == 0, "\(questions.errors)")
            #expect(questions.errors.contains("orrin.md is passed over: \(url) refuses it (The prompt was filtered.)."))
            #expect(questions.errors.contains("2 questions (dropped: 1 refused calls)"), "\(questions.errors)")
            #expect(asked.value == 2)
            let again = try await instillAside(["questions", place.config])
            #expect(again.code == 0 && again.errors.contains("refused to write any: orrin.md."), "\(again.errors)")
            #expect(asked.value == 2)
            let answers = try await instillAside(["answers", place.config])
            #expect(answers.code == 0, "\(answers.errors)")
            #expect(
                answers.errors.contains("\"How long is the river Brask?\" on brask.txt is passed over"),
                "\(answers.errors)")
            #expect(answers.errors.contains("1 answers, "), "\(answers.errors)")
            #expect(asked.value == 4)
            _ = try await instillAside(["answers", place.config])
            #expect(asked.value == 4)
        }
    }

    @Test func aDocumentThatWasTooLongIsAskedAboutAgain() async throws {
        let isLarger = Recorder<Bool>()
        try await withServer { request in
            if request.question.contains("Tessa Vane"), isLarger.all.isEmpty {
                return .error(400, "This model's maximum context length is 20 tokens.")
            }
            let isRiver = request.question.contains("Brask is a river")
            return try .reply(
                isRiver
                    ? "<question>How long is the river Brask?</question>"
                    : "<question>How many houses has the village of Orrin?</question>")
        } _: { url in
            let place = try Self.place(url)
            let first = try await instillAside(["questions", place.config])
            #expect(first.code == 0, "\(first.errors)")
            #expect(first.errors.contains("orrin.md is passed over: it is longer than the model at \(url) reads"))
            #expect(first.errors.contains("Lower maximumPassageTokens"))
            #expect(first.errors.contains("questions: 1 questions"), "\(first.errors)")
            isLarger.add(true)
            let second = try await instillAside(["questions", place.config])
            #expect(second.errors.contains("questions: 2 questions"), "\(second.errors)")
        }
    }

    @Test func repliesThatAreAllThoughtsSaySo() async throws {
        try await withServer { _ in
            try .reply("<think>Hm", finishReason: "length")
        } _: { url in
            let place = try Self.place(url, "perPassage: 5, maximumTokens: 9")
            let run = try await instillAside(["questions", place.config])
            #expect(run.code == 65)
            #expect(run.errors.contains("end inside the model's thoughts"), "\(run.errors)")
            #expect(run.errors.contains("allow more tokens than questions.maximumTokens, 9"), "\(run.errors)")
        }
    }
}
