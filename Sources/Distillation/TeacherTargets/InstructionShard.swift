// Files of instruction samples: tokens, and the teacher's final hidden state before each token of a reply. They belong to no
// document and no question, so a file holds all that training wants of its samples.
//
// Shape suffixes: S samples, N tokens of all samples, T reply tokens of all samples, d width.

import Foundation
import LanguageModels
import ModelFiles
import Torch

/// One safetensors file with several instruction samples.
public struct InstructionShard {
    private let name: String
    private let tokens_N: Tensor
    private let states_Td: Tensor
    /// Tokens of each sample's prompt and reply.
    private let lengths: [(prompt: Int, reply: Int)]

    /// Writes samples, which all have a teacher, whole or not at all; an earlier file of the same name, left by an interrupted
    /// run, is replaced.
    public static func write(_ samples: [TrainingSample], to file: URL) throws {
        let lengths = samples.flatMap { [$0.prompt.count, $0.answer.count] }
        try SafetensorsWriter.write(
            to: file.path,
            tensors: [
                NamedTensor("hidden_states", Tensor.concatenate(samples.compactMap(\.teacher_Td), dim: 0)),
                NamedTensor("tokens", Tensor(samples.flatMap { $0.prompt + $0.answer })),
                NamedTensor("lengths", Tensor(lengths, shape: [samples.count, 2])),
            ])
    }

    /// Opens a shard. The file is mapped, not read: only what is used comes into memory.
    public init(_ file: URL) throws {
        let opened = try SafetensorsFile.shard(file)
        name = file.lastPathComponent
        tokens_N = try opened.tensor("tokens")
        states_Td = try opened.tensor("hidden_states")
        let lengths: [Int] = try opened.tensor("lengths").values()
        self.lengths = stride(from: 0, to: lengths.count, by: 2).map { (lengths[$0], lengths[$0 + 1]) }
    }

    /// A sample by its place in the shard, from 0. Its states stay mapped for as long as it lives.
    public func sample(_ place: Int) throws -> TrainingSample {
        let before = lengths[..<place]
        let start = before.reduce(0) { $0 + $1.prompt + $1.reply }
        let (prompt, reply) = lengths[place]
        let tokens: [Int] = try tokens_N.narrow(0, start: start, length: prompt + reply).values()
        return TrainingSample(
            .instruction("\(place) of \(name)"), prompt: Array(tokens[..<prompt]), answer: Array(tokens[prompt...]),
            teacher_Td: try states_Td.narrow(0, start: before.reduce(0) { $0 + $1.reply }, length: reply))
    }
}
