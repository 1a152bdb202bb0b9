// A question with options, one of them right, as MMLU (Hendrycks et al. 2021; four options) and MMLU-Pro (Wang et al. 2024; up
// to ten) have it. Knows no model.

import Basics

public struct MultipleChoiceQuestion: Sendable, Hashable {
    /// Hash of the category, the question, the options and the answer.
    public let id: ContentKey
    /// Its subject or category; "all" where none is given.
    public let category: String
    public let question: String
    /// The options in order; two or more, at most 26.
    public let options: [String]
    /// The right one, from 0.
    public let answer: Int

    /// A question, its id made from all of it.
    public init(category: String, question: String, options: [String], answer: Int) {
        id = ContentKey(
            of: "multiple choice", category, question, options.map { "\($0.utf8.count):\($0)" }.joined(),
            String(answer))
        self.category = category
        self.question = question
        self.options = options
        self.answer = answer
    }

    /// A, B, C and so on, as many as there are options.
    public var letters: [String] { MultipleChoiceQuestion.alphabet.prefix(options.count).map(String.init) }

    /// What options are called.
    package static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}
