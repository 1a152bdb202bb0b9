// Files of teacher targets: the teacher's final hidden state at the position before each answer token. The frozen head
// turns them back into the teacher's logits, so that d numbers a token are stored and not |V| (METHOD, last section).
//
// Shape suffixes: T tokens, d width.

import Foundation
import LanguageModels
import ModelFiles
import Store
import Torch

/// One safetensors file with the targets of several answers, row after row.
public enum TargetShard {
    private static let tensorName = "hidden_states"

    /// Writes a shard, one [T, d] an answer, all of one type, whole or not at all; an earlier file of the same name, left by
    /// an interrupted run, is replaced.
    /// - Returns: the row at which each answer begins.
    public static func write(_ states_Td: [Tensor], to file: URL) throws -> [Int] {
        var starts: [Int] = []
        var rows = 0
        for states in states_Td {
            starts.append(rows)
            rows += states.shape[0]
        }
        let all = try Tensor.concatenate(states_Td, dim: 0)
        try SafetensorsWriter.write(to: file.path, tensors: [NamedTensor(tensorName, all)])
        return starts
    }

    /// Opens a shard. The file is mapped, not read: only the rows that are used come into memory.
    public static func open(_ file: URL) throws -> Tensor {
        try SafetensorsFile.shard(file).tensor(tensorName)
    }

    /// The states [T, d] of an answer, mapped for as long as they live.
    static func states(at place: TeacherTarget.Place, in folder: URL) throws -> Tensor {
        try open(folder.appending(path: place.shard)).narrow(0, start: place.row, length: place.count)
    }
}

extension SafetensorsFile {
    /// Opens a file that the run's store points to.
    static func shard(_ file: URL) throws -> SafetensorsFile {
        do {
            return try SafetensorsFile(path: file.path)
        } catch ModelFileError.system(_, _, ENOENT) {
            throw TrainingError.missingShard(file: file.path)
        }
    }
}
