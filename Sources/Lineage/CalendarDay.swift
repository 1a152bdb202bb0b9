// A day as people write it in files: 2026-01-31. Knows no time of day.

import Foundation

public struct CalendarDay: Sendable, Hashable, CustomStringConvertible {
    private static let format = Date.ISO8601FormatStyle(timeZone: .current).year().month().day()

    /// Noon of the day, where the machine is.
    public let noon: Date

    /// nil for what is no day.
    public init?(_ text: String) {
        guard text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil, let start = try? Self.format.parse(text) else {
            return nil
        }
        self.init(start)
        guard description == text else { return nil }
    }

    /// The day of a moment.
    public init(_ moment: Date) {
        let calendar = Calendar(identifier: .gregorian)
        noon = calendar.date(bySettingHour: 12, minute: 0, second: 0, of: moment) ?? moment
    }

    public var description: String { noon.formatted(Self.format) }
}
