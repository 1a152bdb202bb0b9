// Questions on documents, generated or the user's, each with the recipe that made it and, where there is one, the
// sentence that it asks about. Knows nothing of how questions are made.

import Basics
import Foundation
internal import GRDB

/// Who wrote a row.
public enum Origin: String, Codable, Sendable {
    /// A model did, as the row's recipe says.
    case generated
    /// It was taken from the document's text.
    case extracted
    case user
}

/// A training question on one document.
public struct Question: Equatable, Sendable {
    /// The sentence that a question asks about.
    public struct Anchor: Equatable, Sendable {
        /// Its place in the document, from 0.
        public let index: Int
        public let text: String

        /// A sentence by its place and its words.
        public init(index: Int, text: String) {
            (self.index, self.text) = (index, text)
        }
    }

    /// Hash of the document, the recipe and the text, and of the second document where there is one.
    public let id: ContentKey
    /// The document that it is about.
    public let document: ContentKey
    /// The recipe that made it.
    public let recipe: ContentKey
    /// Its place among the document's questions.
    public let position: Int
    public let text: String
    public let origin: Origin
    /// The sentence it asks about, for sentence-anchored questions.
    public let anchor: Anchor?
    /// What the expert took the answer to be, where it said so; answers can be held against it.
    public let expectedAnswer: String?
    /// Which call to the expert it came from, say "3.1" for the second attempt on the fourth sentence.
    public let call: String?
    /// Another document without which it cannot be answered, for questions on two.
    public let secondDocument: ContentKey?

    /// A question, its id made from the documents, the recipe and the text.
    public init(
        document: ContentKey, recipe: ContentKey, position: Int, text: String, origin: Origin = .generated,
        anchor: Anchor? = nil, expectedAnswer: String? = nil, call: String? = nil, secondDocument: ContentKey? = nil
    ) {
        let one = ContentKey(of: "question", document.description, recipe.description, text)
        id = secondDocument.map { ContentKey(of: "question", one.description, $0.description) } ?? one
        self.document = document
        self.recipe = recipe
        self.position = position
        self.text = text
        self.origin = origin
        self.anchor = anchor
        self.expectedAnswer = expectedAnswer
        self.call = call
        self.secondDocument = secondDocument
    }
}

extension RunStore {
    /// A recipe's questions on a document, in order of position.
    public func questions(document: ContentKey, recipe: ContentKey) throws -> [Question] {
        try questions(
            where: "document = ? AND recipe = ? AND \(Self.hasAllDocuments) ORDER BY position, id",
            [document.description, recipe.description])
    }

    /// Those of a recipe's questions on a document that another recipe has fewer than `samples` answers to.
    public func unansweredQuestions(
        document: ContentKey, recipe: ContentKey, answerRecipe: ContentKey, samples: Int = 1
    ) throws -> [Question] {
        try questions(
            where: """
                document = ? AND recipe = ? AND \(Self.hasAllDocuments)
                AND (SELECT COUNT(*) FROM answers WHERE question = questions.id AND answers.recipe = ?) < ?
                ORDER BY position, id
                """,
            [document.description, recipe.description, answerRecipe.description, samples])
    }

    /// The questions with the given ids, in the order of the ids; ids without a question are left out.
    public func questions(ids: [ContentKey]) throws -> [Question] {
        let found = try questions(
            where: "id IN (SELECT value FROM json_each(?))", [try encode(ids)])
        let byID = Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
        return ids.compactMap { byID[$0] }
    }

    /// How many questions a recipe has on the documents of the corpus.
    public func questionCount(recipe: ContentKey) throws -> Int {
        try read("Counting the questions") { database in
            try Int.fetchOne(
                database,
                sql: """
                    SELECT COUNT(*) FROM questions JOIN documents ON documents.id = questions.document
                    WHERE questions.recipe = ? AND documents.ordinal IS NOT NULL AND \(Self.hasAllDocuments)
                    """,
                arguments: [recipe.description]) ?? 0
        }
    }

    /// Names what a recipe's questions are held against: the corpus, the questions on it and the held-out questions.
    public func questionsFingerprint(recipe: ContentKey) throws -> ContentKey {
        let ids = try read("Listing the questions") { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT questions.id FROM questions JOIN documents ON documents.id = questions.document
                    WHERE questions.recipe = ? AND documents.ordinal IS NOT NULL AND \(Self.hasAllDocuments)
                    UNION ALL SELECT id FROM documents WHERE ordinal IS NOT NULL
                    UNION ALL SELECT id FROM heldOut WHERE ordinal IS NOT NULL
                    ORDER BY 1
                    """,
                arguments: [recipe.description]
            ).map(key)
        }
        return ContentKey(of: "questions and corpus", keys: ids)
    }

    /// Makes `questions` the recipe's only questions on a document, as after editing.
    ///
    /// A question that stays keeps its answers; one that goes takes them along.
    public func replaceQuestions(document: ContentKey, recipe: ContentKey, with questions: [Question]) throws {
        let kept = try encode(questions.map(\.id))
        try write("Replacing questions") { database in
            try database.execute(
                sql: """
                    DELETE FROM questions
                    WHERE document = ? AND recipe = ? AND id NOT IN (SELECT value FROM json_each(?))
                    """,
                arguments: [document.description, recipe.description, kept])
            for question in questions { try insert(question, in: database) }
        }
    }

    /// Whether a question's second document, if it needs one, belongs to the corpus: what is gone is not to be learned.
    static let hasAllDocuments = """
        (questions.secondDocument IS NULL
        OR questions.secondDocument IN (SELECT id FROM documents WHERE ordinal IS NOT NULL))
        """

    /// Writes a question unless it is there.
    func insert(_ question: Question, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO questions(id, document, recipe, position, text, origin, sentenceIndex, sentence,
                    expectedAnswer, call, secondDocument)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO NOTHING
                """
        ).execute(arguments: [
            question.id.description, question.document.description, question.recipe.description, question.position,
            question.text, question.origin.rawValue, question.anchor?.index, question.anchor?.text,
            question.expectedAnswer, question.call, question.secondDocument?.description,
        ])
    }

    private func questions(where condition: String, _ arguments: StatementArguments) throws -> [Question] {
        try read("Reading questions") { database in
            try Row.fetchAll(database, sql: "SELECT * FROM questions WHERE \(condition)", arguments: arguments)
                .map { row in
                    let sentence: String? = row["sentence"]
                    let second: String? = row["secondDocument"]
                    return Question(
                        document: try key(row["document"]), recipe: try key(row["recipe"]), position: row["position"],
                        text: row["text"], origin: try origin(row["origin"]),
                        anchor: sentence.map { Question.Anchor(index: row["sentenceIndex"] ?? 0, text: $0) },
                        expectedAnswer: row["expectedAnswer"], call: row["call"],
                        secondDocument: try second.map(key))
                }
        }
    }

    /// An origin read from a row.
    func origin(_ text: String) throws -> Origin {
        guard let origin = Origin(rawValue: text) else {
            throw StoreError.damaged(file: Self.file(in: directory).path, reason: "\"\(text)\" is not an origin")
        }
        return origin
    }
}
