// Many short byte strings in one buffer, and finding one of them by its bytes. Bytes and not `String`s, because Swift
// holds canonically equivalent strings equal and a vocabulary may hold both. Knows no tokens.

/// Byte strings laid end to end, numbered from zero.
struct ByteStringTable: Sendable {
    private(set) var bytes: [UInt8] = []
    private var ends: [Int32] = []

    /// The number of strings.
    var count: Int { ends.count }

    /// Where in `bytes` string `index` lies.
    func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
    }

    /// String `index`.
    subscript(index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }

    /// Adds what `write` appends as the next string.
    mutating func append(_ write: (inout [UInt8]) -> Void) {
        write(&bytes)
        ends.append(Int32(bytes.count))
    }
}

/// The numbers of a table's strings, found by the strings' bytes (a hash table with open addressing).
struct ByteStringIndex: Sendable {
    private var slots: [Int32]
    private let mask: Int

    /// An index with room for `capacity` strings.
    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
        mask = size - 1
    }

    /// The number in `table` of the string that equals `key`, if it was inserted.
    func find(_ key: UnsafeBufferPointer<UInt8>, in table: ByteStringTable) -> Int? {
        var slot = hash(key) & mask
        while slots[slot] >= 0 {
            let candidate = Int(slots[slot])
            if equals(table, candidate, key) { return candidate }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// The number in `table` of the string that equals the UTF-8 of `key`, if it was inserted.
    func find(_ key: String, in table: ByteStringTable) -> Int? {
        var key = key
        return key.withUTF8 { find($0, in: table) }
    }

    /// Inserts string `number` of `table`; returns the number of an equal one that was there before, and keeps that.
    mutating func insert(_ number: Int, of table: ByteStringTable) -> Int? {
        table.bytes.withUnsafeBufferPointer { bytes in
            let key = UnsafeBufferPointer(rebasing: bytes[table.range(number)])
            if let earlier = find(key, in: table) { return earlier }
            var slot = hash(key) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(number)
            return nil
        }
    }

    private func equals(_ table: ByteStringTable, _ number: Int, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
        let range = table.range(number)
        guard range.count == key.count else { return false }
        return table.bytes.withUnsafeBufferPointer { $0[range].elementsEqual(key) }
    }

    /// Seeded afresh in each process, so that no file can be made to collide.
    private func hash(_ key: UnsafeBufferPointer<UInt8>) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(key))
        return hasher.finalize()
    }
}
