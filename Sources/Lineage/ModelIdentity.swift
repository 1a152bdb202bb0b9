// What names a model on this machine in a recipe: its weights and, where that has changed since the run began, the way in which
// it reads and is read. Knows no files.

import Basics

public struct ModelIdentity: Sendable, Hashable {
    /// What makes the same weights say something else.
    public enum Part: String, Sendable, Hashable, CaseIterable, Comparable {
        case chatTemplate = "chat template"
        case tokenizer
        case configuration
        case stopTokens = "stop tokens"
        case thinks = "template.thinks"
        case variables = "template.variables"
        case date = "template.date"

        public static func < (left: Part, right: Part) -> Bool { left.rawValue < right.rawValue }
    }

    /// The fingerprint of the weights.
    public let weights: String
    /// A hash or the value of each part; without those that mean nothing to the model.
    public var parts: [Part: String]

    public init(weights: String, parts: [Part: String]) { (self.weights, self.parts) = (weights, parts) }

    /// The parts that are not as they were. What an earlier version did not record is as it was.
    public func changes(since first: [Part: String]) -> [Part] {
        parts.filter { first[$0.key].map { [value = $0.value] in $0 != value } ?? false }.keys.sorted()
    }

    /// The name in recipes: the weights' alone where all is as when the run began, so that what names rows is the same in all
    /// runs, and as it was before parts were recorded.
    public func name(since first: [Part: String]) -> String {
        guard !changes(since: first).isEmpty else { return weights }
        let fields = parts.sorted { $0.key < $1.key }.map { "\($0.key.rawValue)=\($0.value)" }
        return "\(weights)-\(ContentKey(of: fields.joined(separator: "\n")))"
    }

    /// Whether two texts are names of the same weights in recipes.
    static func areSameWeights(_ first: String, _ second: String) -> Bool {
        func weights(_ name: String) -> Substring? {
            name.wholeMatch(of: /([0-9a-f]{32})(-[0-9a-f]{32})?/)?.output.1
        }
        return weights(first).map { $0 == weights(second) } ?? false
    }
}
