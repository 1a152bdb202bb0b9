// Instruction data out of a JSONL or JSON file, whatever its form, and a line on what came of it. Knows files and rows, not
// models.

import Basics
import Foundation
import Generation
import Store

/// The instructions of a file.
///
/// The first row that has one of the forms tells that of the file; rows in another are left out, and so are those without
/// a reply and those that say the same as an earlier one.
public struct InstructionFile: Sendable {
    /// The instructions, in the order of the file.
    public let instructions: [Instruction]
    /// The form of the rows.
    public let form: InstructionForm
    /// Rows that were not taken, with the reason.
    public let skipped: [SkippedDocument]
    /// Instructions that the file has, of which a limit may have kept a part.
    public let total: Int
    /// Instructions that repeat an earlier one.
    public let duplicates: Int

    /// Reads a file.
    /// - Parameters:
    ///   - path: JSONL, or a JSON list.
    ///   - limit: how many to keep, drawn evenly over the file; nil for all. No more than these are ever in memory, of JSONL.
    ///   - seed: of the draw.
    public init(_ path: URL, limit: Int? = nil, seed: UInt64 = 0) throws {
        guard FileManager.default.fileExists(atPath: path.path) else { throw DocumentError.notFound(path.path) }
        var reading = Reading(sample: Reservoir(limit: limit ?? .max, seed: seed))
        do throws(SkipReason) {
            var rows = try JSONRows(path)
            while let row = rows.next() { reading.take(row) }
        } catch {
            reading.skipped.append(SkippedDocument(path.path, error.reason))
        }
        guard let form = reading.form, reading.sample.seen > 0 else {
            let known = InstructionForm.allCases.map(\.fields).joined(separator: "; or ")
            throw DataFileError.nothingUsable(
                path: path.path, wanted: "instructions with replies, one a row: \(known)", first: reading.skipped.first)
        }
        self.form = form
        instructions = reading.sample.elements
        skipped = reading.skipped
        total = reading.sample.seen
        duplicates = reading.duplicates
    }

    /// "1203 instructions in the form of Alpaca, 2 rows left out: d.jsonl:3: is not JSON; d.jsonl:7: has no reply".
    public var summary: String {
        let kept = instructions.count == total ? "\(total)" : "\(instructions.count) of \(total)"
        var parts = ["\(kept) instructions in the form of \(form.name)"]
        if duplicates > 0 { parts.append("\(duplicates) repeated ones left out") }
        guard !skipped.isEmpty else { return parts.joined(separator: ", ") }
        let shown = skipped.prefix(3).map(\.description) + (skipped.count > 3 ? ["and \(skipped.count - 3) more"] : [])
        parts.append(
            "\(skipped.count) \(skipped.count == 1 ? "row" : "rows") left out: \(shown.joined(separator: "; "))")
        return parts.joined(separator: ", ")
    }
}

/// What a file gave so far.
private struct Reading {
    var sample: Reservoir
    var form: InstructionForm?
    var skipped: [SkippedDocument] = []
    var duplicates = 0
    private var known: Set<ContentKey> = []

    init(sample: Reservoir) { self.sample = sample }

    mutating func take(_ row: JSONRows.Row) {
        do throws(SkipReason) {
            let fields = try row.content.get()
            guard let form = form ?? InstructionForm(of: fields) else { throw SkipReason(.unknownForm) }
            self.form = form
            for instruction in try form.instructions(in: fields) {
                if known.insert(instruction.id).inserted { sample.add(instruction) } else { duplicates += 1 }
            }
        } catch {
            skipped.append(SkippedDocument(row.source, error.reason))
        }
    }
}

/// An even draw from a list of unknown length (Vitter 1985, algorithm R), in the list's order.
private struct Reservoir {
    private let limit: Int
    private var random: SplitMix64
    private var places: [(number: Int, instruction: Instruction)] = []
    private(set) var seen = 0

    init(limit: Int, seed: UInt64) { (self.limit, random) = (max(0, limit), SplitMix64(seed: seed)) }

    var elements: [Instruction] { places.sorted { $0.number < $1.number }.map(\.instruction) }

    mutating func add(_ instruction: Instruction) {
        defer { seen += 1 }
        if places.count < limit { return places.append((seen, instruction)) }
        let place = Int.random(in: 0...seen, using: &random)
        if place < limit { places[place] = (seen, instruction) }
    }
}
