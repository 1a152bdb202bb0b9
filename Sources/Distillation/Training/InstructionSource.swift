// The instruction samples of regularisation, out of their shards. Knows files, not how their samples came about.

import Foundation
import LanguageModels

/// Instruction samples, shard after shard.
public struct InstructionSource: BatchSource {
    private let shards: [URL]
    private let places: [(shard: Int32, place: Int32)]

    /// - Parameter shards: files, and how many samples each holds; one without samples need not exist.
    public init(_ shards: [(file: URL, samples: Int)]) {
        self.shards = shards.map(\.file)
        places = shards.enumerated().flatMap { shard, contents in
            (0..<contents.samples).map { (Int32(shard), Int32($0)) }
        }
    }

    /// Samples of all shards.
    public var count: Int { places.count }

    /// The samples at some places; the step and the student change nothing.
    public func samples(at places: [Int], step: Int, student: LoRAAdapter?) throws -> [TrainingSample] {
        try places.map { number in
            let (shard, place) = self.places[number]
            return try InstructionShard(shards[Int(shard)]).sample(Int(place))
        }
    }
}
