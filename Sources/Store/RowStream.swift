// Rows read a page at a time, so that memory stays flat however many there are, and no transaction stays open while
// the caller works on them. Knows nothing of what the rows are.

/// Rows of a store in order, a page in memory at once.
///
/// ```swift
/// var documents = store.documents()
/// while let document = try documents.next() { … }
/// ```
///
/// The caller may write to the store between rows. A row that is written meanwhile is seen if its place in the order is
/// still to come.
public struct RowStream<Element> {
    private let nextPage: () throws -> [Element]
    private var page: ArraySlice<Element> = []
    private var isFinished = false

    /// A stream over `fetch(cursor, limit)`, which returns up to `limit` rows after `cursor`, each with its own cursor.
    init<Cursor>(pageSize: Int, start: Cursor, fetch: @escaping (Cursor, Int) throws -> [(Cursor, Element)]) {
        var cursor = start
        nextPage = {
            let rows = try fetch(cursor, pageSize)
            if let last = rows.last { cursor = last.0 }
            return rows.map(\.1)
        }
    }

    /// The next row, or nil after the last.
    public mutating func next() throws -> Element? {
        if page.isEmpty, !isFinished {
            page = try nextPage()[...]
            isFinished = page.isEmpty
        }
        return page.popFirst()
    }

    /// Calls `body` with every remaining row.
    public consuming func forEach(_ body: (Element) throws -> Void) throws {
        while let row = try next() { try body(row) }
    }
}
