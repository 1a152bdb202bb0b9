// The settings of a section as the rows that are made by them depend on them.

/// A section's settings as part of a recipe.
public struct RowSettings<Section: Codable & Sendable & Hashable>: Codable, Sendable, Hashable {
    public let section: Section

    public init(_ section: Section) { self.section = section }

    public init(from decoder: any Decoder) throws { section = try Section(from: decoder) }

    public func encode(to encoder: any Encoder) throws { try section.encode(to: encoder) }
}
