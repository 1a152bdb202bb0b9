// Why there is nothing to use in a reply, and what a person reads of it. Knows neither requests nor stages.

/// What keeps a reply from being used. It costs the one request and not the work.
public enum ReplyFault: Sendable, Hashable {
    /// A filter of the endpoint's, or the model itself, will not have the text, with its words where it has any.
    case refused(said: String?)
    /// The prompt is longer than the endpoint's model reads.
    case tooLong(said: String?)
    /// The model was still thinking when its tokens were used up.
    case endsInThought
    /// A reply without a word, with the reason that the endpoint gives for its end.
    case empty(finishReason: String?)

    /// Whether the same request in other words of chance would end the same.
    public var isFinal: Bool {
        switch self {
        case .refused, .tooLong: true
        case .endsInThought, .empty: false
        }
    }

    public var isRefusal: Bool { if case .refused = self { true } else { false } }

    /// What a person reads.
    /// - Parameters:
    ///   - subject: what the request was about: a document, say.
    ///   - limit: the most tokens of the reply, and where they are set.
    public func notice(on subject: String, from address: String, limit: String) -> String {
        switch self {
        case .refused(let said): "\(subject) is passed over: \(address) refuses it\(Self.quotation(said))."
        case .tooLong(let said):
            """
            \(subject) is passed over: it is longer than the model at \(address) reads\(Self.quotation(said)). \
            Lower maximumPassageTokens, or raise the server's context length.
            """
        case .endsInThought:
            """
            Replies of \(address) end inside the model's thoughts and are not used: allow more tokens than \(limit), or have \
            the model think less.
            """
        case .empty(let reason):
            "Replies of \(address) are empty\(Self.quotation(reason.map { "finish_reason \($0)" })) and are not used."
        }
    }

    private static func quotation(_ said: String?) -> String { said.map { " (\($0))" } ?? "" }
}
