// Cutting what is to be read into forward passes. Knows sizes, not what is read.

extension Array {
    /// Consecutive parts whose sizes add up to a maximum at most; an element that is larger is a part of its own.
    /// - Parameters:
    ///   - size: of one element, in tokens.
    ///   - isApart: whether an element may not be in one part with the one before it.
    func parts(
        maximum: Int, size: (Element) -> Int, isApart: (_ last: Element, _ next: Element) -> Bool = { _, _ in false }
    ) -> [[Element]] {
        var parts: [[Element]] = []
        var total = 0
        for element in self {
            if let last = parts.last?.last, !isApart(last, element), total + size(element) <= maximum {
                parts[parts.count - 1].append(element)
                total += size(element)
            } else {
                parts.append([element])
                total = size(element)
            }
        }
        return parts
    }
}
