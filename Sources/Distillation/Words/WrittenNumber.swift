// What digits with marks between them mean as one number: 3,000 and 3 000 and 3'000 are 3000, 2,5 is 2.5, 12:30 is a time.
// Knows digits, not what is counted.

/// Digits as they were written: one number, or several where the marks only stand between them, as in a date.
struct WrittenNumber: Equatable {
    /// The values that the one number may have, two where a dot may group digits or begin decimals; nil where there are several.
    let readings: [String]?

    /// - Parameters:
    ///   - parts: runs of digits.
    ///   - marks: the one character between each and the next.
    ///   - dotsGroupDigits: whether 1.234 may be 1234 in the text.
    init(parts: [String], marks: [Unicode.Scalar], dotsGroupDigits: Bool) {
        let decimal = parts.suffix(2).joined(separator: ".")
        let grouped = Self.isGrouped(parts) ? parts.joined() : nil
        let isPair = parts.count == 2
        switch (Set(marks).count, marks.last) {
        case (0, _): readings = parts
        case (1, "."):
            if isPair {
                let isLikelyGroup = dotsGroupDigits || parts[1].hasSuffix("00")
                readings = [decimal] + (isLikelyGroup ? [grouped].compactMap(\.self) : [])
            } else {
                readings =
                    Self.isDate(parts) || Self.isDate(parts.reversed())
                    ? nil : [grouped ?? parts.joined(separator: ".")]
            }
        case (1, ","):
            if let grouped = grouped ?? Self.indian(parts) {
                readings = [grouped] + (isPair && dotsGroupDigits ? [decimal] : [])
            } else {
                // 1912,1913 are two years.
                readings = isPair && !parts.allSatisfy { $0.count == 4 } ? [decimal] : nil
            }
        case (1, "'"), (1, " "): readings = grouped.map { [$0] }
        case (1, ":"): readings = [parts.joined(separator: ":")]
        case (1, "/"):
            let isFraction = isPair && parts.allSatisfy { $0.count < 4 }
            readings = isFraction ? [parts.joined(separator: "/")] : nil
        default:
            // 1.234,50 and 1,234.50
            let (whole, groupMarks) = (Array(parts.dropLast()), Set(marks.dropLast()))
            let isGroup = groupMarks.count == 1 && groupMarks.isSubset(of: [".", ",", "'", " "])
            let isDecimal = marks.last == "." || marks.last == ","
            let isWhole = Self.isGrouped(whole) || groupMarks == [","] && Self.indian(whole) != nil
            readings = isGroup && isDecimal && isWhole ? ["\(whole.joined()).\(parts[whole.count])"] : nil
        }
    }

    /// Day, month and year, or month and day.
    private static func isDate(_ parts: [String]) -> Bool {
        guard parts.count == 3, parts[2].count == 4, parts[0].count <= 2, parts[1].count <= 2 else { return false }
        return parts[..<2].allSatisfy { (1...31).contains(Int($0) ?? 0) }
    }

    /// One to three digits, then threes; 0,125 is no group.
    private static func isGrouped(_ parts: [String]) -> Bool {
        parts.count > 1 && (1...3).contains(parts[0].count) && parts[0].first != "0"
            && parts.dropFirst().allSatisfy { $0.count == 3 }
    }

    /// 12,34,567 as lakhs are written.
    private static func indian(_ parts: [String]) -> String? {
        let isIndian =
            parts.count > 2 && (1...2).contains(parts[0].count) && parts[parts.count - 1].count == 3
            && parts.dropFirst().dropLast().allSatisfy { $0.count == 2 }
        return isIndian ? parts.joined() : nil
    }

    /// Whether a text shows that its author groups digits by dots and begins decimals with a comma: by a number that can mean
    /// nothing else, or by a German letter.
    static func showsDotsAsGroups(_ text: String) -> Bool {
        text.contains(/[0-9]\.[0-9]{3}(\.[0-9]{3}|,[0-9])/) || text.contains(/\b[0-9]+,[0-9]{1,2}\b/)
            || text.contains { "äöüßÄÖÜ".contains($0) }
    }
}
