// What an endpoint replied, kept from the moment that it arrives: whatever ends the run, no reply is paid for twice. Knows
// requests by their keys alone.

import Basics
internal import GRDB

/// A reply of an endpoint's.
public struct EndpointReply: Equatable, Sendable {
    /// What names the request, all that the reply depends on included.
    public let request: ContentKey
    public let text: String
    /// Whether the reply ended by itself.
    public let isFinished: Bool
    public let spending: EndpointSpending

    public init(request: ContentKey, text: String, isFinished: Bool, spending: EndpointSpending = EndpointSpending()) {
        (self.request, self.text, self.isFinished, self.spending) = (request, text, isFinished, spending)
    }
}

/// What replies of an endpoint took; nil is what it does not count, or has no known price for.
public struct EndpointSpending: Equatable, Sendable {
    /// Tokens that the model read.
    public let promptTokens: Int?
    /// Tokens that it wrote.
    public let completionTokens: Int?
    /// Money, in the currency of the price that was configured when the reply came.
    public let cost: Double?

    public init(promptTokens: Int? = nil, completionTokens: Int? = nil, cost: Double? = nil) {
        (self.promptTokens, self.completionTokens, self.cost) = (promptTokens, completionTokens, cost)
    }
}

extension RunStore {
    /// Keeps a reply; one that is there already stays.
    /// - Parameter recipe: whose rows it is for; nil for what makes none.
    public func keep(_ reply: EndpointReply, for recipe: ContentKey?) throws {
        try write("Keeping a reply") { database in
            try database.execute(
                sql: """
                    INSERT OR IGNORE INTO endpointReplies(
                        request, text, isFinished, recipe, promptTokens, completionTokens, cost)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    reply.request.description, reply.text, reply.isFinished, recipe?.description,
                    reply.spending.promptTokens, reply.spending.completionTokens, reply.spending.cost,
                ])
        }
    }

    /// The reply to a request, or nil if none has arrived.
    public func endpointReply(to request: ContentKey) throws -> EndpointReply? {
        try read("Reading a reply") { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM endpointReplies WHERE request = ?", arguments: [request.description]
            ).map {
                EndpointReply(
                    request: request, text: $0["text"], isFinished: $0["isFinished"], spending: EndpointSpending($0))
            }
        }
    }

    /// What all replies took that came for a recipe's rows.
    public func endpointSpending(recipe: ContentKey) throws -> EndpointSpending {
        try read("Adding up what an endpoint took") { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT SUM(promptTokens) AS promptTokens, SUM(completionTokens) AS completionTokens, SUM(cost) AS cost
                    FROM endpointReplies WHERE recipe = ?
                    """,
                arguments: [recipe.description]
            ).map(EndpointSpending.init) ?? EndpointSpending()
        }
    }
}

extension EndpointSpending {
    fileprivate init(_ row: Row) {
        self.init(promptTokens: row["promptTokens"], completionTokens: row["completionTokens"], cost: row["cost"])
    }
}
