// Fields of a JSON object by any of several names, as data from many places has them. Knows nothing of what they mean.

/// A JSON object of which some fields are read.
package struct JSONFields: Decodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Gold: Decodable {
        let text: String
    }

    private let container: KeyedDecodingContainer<Key>

    package init(from decoder: any Decoder) throws {
        container = try decoder.container(keyedBy: Key.self)
    }

    /// Whether there is a field of one of these names.
    package func has(_ names: String...) -> Bool {
        names.contains { container.contains(Key(stringValue: $0)) }
    }

    /// The first of these fields that holds a string, or a whole number as one.
    package func string(_ names: [String]) -> String? {
        for key in names.map(Key.init(stringValue:)) {
            if let text = try? container.decode(String.self, forKey: key) { return text }
            if let number = try? container.decode(Int.self, forKey: key) { return String(number) }
        }
        return nil
    }

    /// The first of these fields that holds a string, strings, or objects with a text, as strings.
    package func strings(_ names: [String]) -> [String] {
        for key in names.map(Key.init(stringValue:)) {
            if let texts = try? container.decode([String].self, forKey: key) { return texts }
            if let golds = try? container.decode([Gold].self, forKey: key) { return golds.map(\.text) }
            if let text = string([key.stringValue]) { return [text] }
        }
        return []
    }

    /// What a field holds, if that is of the type wanted.
    package func value<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) -> Value? {
        try? container.decode(type, forKey: Key(stringValue: name))
    }
}
