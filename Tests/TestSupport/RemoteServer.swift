// A little HTTP server on this machine that answers as a test says. Knows HTTP, nothing of chats but their bodies' keys.

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A request as the server got it.
public struct ServedRequest: Sendable {
    /// Counted from 0 in the order of arrival.
    public let number: Int
    /// What was asked for.
    public let uri: String
    public let headers: HTTPHeaders
    public let body: Data

    /// The last message's text.
    public var question: String {
        (json["messages"] as? [[String: String]])?.last?["content"] ?? ""
    }

    /// The body as an object.
    public var json: [String: Any] { (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:] }
}

/// What the server does about a request.
public enum ServedResponse: Sendable {
    /// A response in full.
    case answer(status: Int, headers: [String: String] = [:], body: String)
    /// These bytes as they are, and then silence, or the end of the connection.
    case bytes(String, thenHangUp: Bool = false)
    /// The end of the connection without a response.
    case hangUp

    /// A chat completion with one choice.
    public static func reply(_ text: String, finishReason: String = "stop") throws -> ServedResponse {
        let body: [String: Any] = [
            "choices": [
                ["index": 0, "finish_reason": finishReason, "message": ["role": "assistant", "content": text]]
            ],
            "usage": ["prompt_tokens": 7, "completion_tokens": 3],
        ]
        return .answer(
            status: 200, body: String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self))
    }

    /// Embeddings in OpenAI's form, in the order given.
    public static func embeddings(_ embeddings: [[Double]]) throws -> ServedResponse {
        let items = embeddings.enumerated().map { ["index": $0, "embedding": $1] as [String: Any] }
        let body = try JSONSerialization.data(withJSONObject: ["data": items])
        return .answer(status: 200, body: String(decoding: body, as: UTF8.self))
    }

    /// An error in OpenAI's form.
    public static func error(_ status: Int, _ message: String, headers: [String: String] = [:]) -> ServedResponse {
        .answer(status: status, headers: headers, body: #"{"error": {"message": "\#(message)"}}"#)
    }
}

/// Serves on a free port of 127.0.0.1 while `body` runs, which gets the base URL.
public func withServer<Result: Sendable>(
    _ respond: @escaping @Sendable (ServedRequest) async throws -> ServedResponse,
    _ body: @Sendable (String) async throws -> Result
) async throws -> Result {
    // Plain channels that do not read yet: an asynchronous one that nobody takes, because the server ends just then, is a
    // crash to NIO.
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .childChannelOption(.autoRead, value: false)
        .bind(host: "127.0.0.1", port: 0) { $0.eventLoop.makeSucceededFuture($0) }
    let counter = Counter()
    return try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        group.addTask {
            try await withThrowingDiscardingTaskGroup { connections in
                try await server.executeThenClose { inbound in
                    for try await connection in inbound {
                        // A connection that the client gives up is no failure of the server's.
                        connections.addTask { try? await serve(connection, counter, respond) }
                    }
                }
            }
        }
        return try await body("http://127.0.0.1:\(server.channel.localAddress?.port ?? 0)/v1")
    }
}

private func serve(
    _ channel: any Channel, _ counter: Counter,
    _ respond: @Sendable (ServedRequest) async throws -> ServedResponse
) async throws {
    let connection = try await channel.eventLoop.submit {
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
        return try NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>(wrappingChannelSynchronously: channel)
    }.get()
    try await connection.executeThenClose { inbound, outbound in
        try await channel.setOption(.autoRead, value: true).get()
        var head: HTTPRequestHead?
        var body = Data()
        do {
            for try await part in inbound {
                switch part {
                case .head(let received):
                    (head, body) = (received, Data())
                case .body(let buffer):
                    body.append(contentsOf: buffer.readableBytesView)
                case .end:
                    guard let head else { return }
                    let request = ServedRequest(
                        number: counter.next(), uri: head.uri, headers: head.headers, body: body)
                    let response = try await respond(request)
                    try await outbound.write(ByteBuffer(string: bytes(response)))
                    if isLast(response) { return }
                }
            }
        } catch is HTTPParserError {
            // As servers do, a greeting in TLS say.
            try await outbound.write(ByteBuffer(string: bytes(.error(400, "no HTTP"))))
        }
    }
}

private func bytes(_ response: ServedResponse) -> String {
    switch response {
    case .answer(let status, let headers, let body):
        let lines = headers.map { "\($0): \($1)\r\n" }.joined()
        return "HTTP/1.1 \(status) Status\r\nContent-Length: \(body.utf8.count)\r\n\(lines)\r\n\(body)"
    case .bytes(let bytes, _): return bytes
    case .hangUp: return ""
    }
}

private func isLast(_ response: ServedResponse) -> Bool {
    switch response {
    case .answer, .bytes(_, thenHangUp: false): false
    case .hangUp, .bytes(_, thenHangUp: true): true
    }
}

/// Counts from 0, for several at once.
public final class Counter: Sendable {
    private let count = Mutex(0)

    /// A count from 0.
    public init() {}

    /// How often it has counted.
    public var value: Int { count.withLock { $0 } }

    /// The count before this one is added.
    @discardableResult public func next() -> Int {
        count.withLock { count in
            defer { count += 1 }
            return count
        }
    }
}

/// A list that several may add to.
public final class Recorder<Element: Sendable>: Sendable {
    private let list = Mutex<[Element]>([])

    public init() {}

    /// What was added, in order.
    public var all: [Element] { list.withLock { $0 } }

    /// Adds to the list.
    public func add(_ element: Element) { list.withLock { $0.append(element) } }
}
