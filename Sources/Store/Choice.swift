// Which option of a multiple-choice question a model took. The questions themselves stay in the user's file; a row knows
// the key of its own. Knows nothing of how a choice is made.

import Basics
internal import GRDB

/// A model's choice among the options of one question.
public struct Choice: Equatable, Sendable {
    public let question: ContentKey
    /// The recipe that made it: model, adapter, and how it was asked.
    public let recipe: ContentKey
    /// The option taken, from 0; nil where the reply names none.
    public let option: Int?
    /// Log-likelihood of each option; empty where the model was asked to reply.
    public let scores: [Double]
    /// What it said; nil where likelihoods were compared.
    public let reply: String?

    public init(question: ContentKey, recipe: ContentKey, option: Int?, scores: [Double] = [], reply: String? = nil) {
        self.question = question
        self.recipe = recipe
        self.option = option
        self.scores = scores
        self.reply = reply
    }
}

extension RunStore {
    /// All choices of a recipe, by question.
    public func choices(recipe: ContentKey) throws -> [ContentKey: Choice] {
        try read("Reading the choices") { database in
            let choices = try Row.fetchAll(
                database, sql: "SELECT * FROM choices WHERE recipe = ?", arguments: [recipe.description]
            ).map { row in
                Choice(
                    question: try key(row["question"]), recipe: recipe, option: row["option"],
                    scores: try decode(row["scores"]), reply: row["reply"])
            }
            return Dictionary(choices.map { ($0.question, $0) }) { first, _ in first }
        }
    }

    /// Writes a choice unless it is there.
    func insert(_ choice: Choice, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO choices(question, recipe, option, scores, reply) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT(recipe, question) DO NOTHING
                """
        ).execute(arguments: [
            choice.question.description, choice.recipe.description, choice.option, try encode(choice.scores),
            choice.reply,
        ])
    }
}
