// The settings of a section as the rows that are made by them depend on them. Follows from the settings' declarations.

import Basics

/// A section's settings as part of a recipe. Two are equal where they make the same rows, and so is what they are written as,
/// whatever settings there have come to be between the one and the other.
public struct RowSettings<Section: SettingsSection>: Codable, Sendable, Hashable {
    public let section: Section

    public init(_ section: Section) { self.section = section.ofRows }

    public init(from decoder: any Decoder) throws { self.init(try Section(from: decoder)) }

    public func encode(to encoder: any Encoder) throws {
        let writesDefaults = encoder.userInfo[.writesDefaults] as? Bool == true
        try section.rowJSON(writesDefaults: writesDefaults).encode(to: encoder)
    }
}
