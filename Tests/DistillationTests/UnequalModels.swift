// A student and a teacher of another width, with rows in both heads that are no tokens.

import Foundation
import LanguageModels
import ModelFiles
import TestSupport
import Torch

/// The two models, whose files live as long as the value.
struct UnequalModels {
    let student: LanguageModel
    let teacher: LanguageModel
    private let files: TinyModelFolder

    init() throws {
        let files = try TinyModelFolder()
        self.files = files
        let places = ["student", "teacher"].map { files.folder.appending(path: $0) }
        try TinyModel.write(to: places[0], seed: 1, rows: 264)
        try TinyModel.write(to: places[1], seed: 2, width: 48, rows: 261)
        student = try LanguageModel(path: places[0].path, dtype: .float32)
        teacher = try LanguageModel(path: places[1].path, dtype: .float32)
    }
}
