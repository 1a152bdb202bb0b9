// Numbers the way Python prints, reads and rounds them. Pure functions; they know nothing of values or templates.

import Foundation

enum PythonNumbers {
    /// `repr(float)`: the shortest digits that read back as the same number.
    static func text(_ number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        let (digits, point) = shortestDigits(number.magnitude)
        return (number.sign == .minus ? "-" : "") + layout(digits, point)
    }

    /// The significant digits of a number and the place of its decimal point after the first of them.
    private static func shortestDigits(_ number: Double) -> (digits: String, point: Int) {
        let parts = number.description.lowercased().split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = String(mantissa[0])
        let digits = whole + (mantissa.count > 1 ? mantissa[1] : "")
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let significant = digits.drop { $0 == "0" }
        let point = whole.count + exponent - (digits.count - significant.count)
        let trimmed = String(significant.reversed().drop { $0 == "0" }.reversed())
        return trimmed.isEmpty ? ("0", 1) : (trimmed, point)
    }

    private static func layout(_ digits: String, _ point: Int) -> String {
        if point > 16 || point < -3 {
            let exponent = point - 1
            let mantissa = digits.count > 1 ? "\(digits.prefix(1)).\(digits.dropFirst())" : digits
            let padding = exponent.magnitude < 10 ? "0" : ""
            return "\(mantissa)e\(exponent < 0 ? "-" : "+")\(padding)\(exponent.magnitude)"
        }
        if point <= 0 { return "0." + String(repeating: "0", count: -point) + digits }
        if point >= digits.count { return digits + String(repeating: "0", count: point - digits.count) + ".0" }
        return "\(digits.prefix(point)).\(digits.dropFirst(point))"
    }

    /// `int(text, base)`; nil where Python raises ValueError, or beyond 64 bits.
    static func integer(_ text: String, base: Int = 10) -> Int? {
        var digits = text.stripped(of: nil)
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits.removeFirst() }
        var radix = base
        for (prefix, prefixed) in [("0x", 16), ("0o", 8), ("0b", 2)]
        where digits.lowercased().hasPrefix(prefix) && (base == prefixed || base == 0) {
            radix = prefixed
            digits.removeFirst(2)
            if digits.hasPrefix("_") { digits.removeFirst() }
        }
        if radix == 0 {
            guard !digits.hasPrefix("0") || digits.allSatisfy({ $0 == "0" || $0 == "_" }) else { return nil }
            radix = 10
        }
        guard (2...36).contains(radix), let plain = joined(digits), plain.first != "+", plain.first != "-" else {
            return nil
        }
        return Int((isNegative ? "-" : "") + plain, radix: radix)
    }

    /// `float(text)`; nil where Python raises ValueError.
    static func float(_ text: String) -> Double? {
        let stripped = text.stripped(of: nil).lowercased()
        let unsigned = stripped.drop { $0 == "+" || $0 == "-" }
        guard stripped.count - unsigned.count <= 1 else { return nil }
        let sign: Double = stripped.hasPrefix("-") ? -1 : 1
        switch unsigned {
        case "inf", "infinity": return sign * .infinity
        case "nan": return .nan
        default: break
        }
        guard let plain = joined(String(unsigned)), plain.utf8.allSatisfy(isFloatByte), let first = plain.first,
            first.isNumber || first == "."
        else { return nil }
        return strictDouble(plain).map { sign * $0 }
    }

    private static func isFloatByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "+"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// `1.` and `.5` are floats to Python.
    private static func strictDouble(_ text: String) -> Double? {
        let parts = text.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].contains(where: \.isNumber) else { return nil }
        let mantissa = (parts[0].hasPrefix(".") ? "0" : "") + parts[0] + (parts[0].hasSuffix(".") ? "0" : "")
        return Double(parts.count > 1 ? "\(mantissa)e\(parts[1])" : mantissa)
    }

    /// Digits without the single underscores that Python allows between them.
    private static func joined(_ digits: String) -> String? {
        guard digits.contains("_") else { return digits.isEmpty ? nil : digits }
        guard !digits.hasPrefix("_"), !digits.hasSuffix("_"), !digits.contains("__") else { return nil }
        return digits.filter { $0 != "_" }
    }

    /// `round(number, places)`: correctly rounded in decimal, ties to even.
    static func rounded(_ number: Double, places: Int) -> Double {
        guard number.isFinite, places < 320 else { return number }
        if places < 0 {
            let unit = pow(10, Double(-places))
            return unit.isFinite ? (number / unit).rounded(.toNearestOrEven) * unit : 0 * number
        }
        return Double(fixed(number, places: places)) ?? number
    }

    /// `number` with exactly `places` decimals, as C's `%.*f`.
    static func fixed(_ number: Double, places: Int) -> String { String(format: "%.*f", places, number) }
}
