// What an endpoint replied, kept from the moment that it arrives: whatever ends the run, no reply is paid for twice. Knows
// requests by their keys alone.

internal import GRDB

/// A reply of an endpoint's.
public struct EndpointReply: Equatable, Sendable {
    /// What names the request, all that the reply depends on included.
    public let request: ContentKey
    /// The words.
    public let text: String
    /// Whether the reply ended by itself.
    public let isFinished: Bool

    /// A reply.
    public init(request: ContentKey, text: String, isFinished: Bool) {
        (self.request, self.text, self.isFinished) = (request, text, isFinished)
    }
}

extension RunStore {
    /// Keeps a reply; one that is there already stays.
    public func keep(_ reply: EndpointReply) throws {
        try write("Keeping a reply") { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO endpointReplies(request, text, isFinished) VALUES (?, ?, ?)",
                arguments: [reply.request.description, reply.text, reply.isFinished])
        }
    }

    /// The reply to a request, or nil if none has arrived.
    public func endpointReply(to request: ContentKey) throws -> EndpointReply? {
        try read("Reading a reply") { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM endpointReplies WHERE request = ?", arguments: [request.description]
            ).map { EndpointReply(request: request, text: $0["text"], isFinished: $0["isFinished"]) }
        }
    }
}
