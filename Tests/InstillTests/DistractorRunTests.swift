// Fine-tuning with distractors in a whole run: answers that reason, and prompts that carry documents.

import Foundation
import Testing

@Suite struct DistractorRunTests {
    private func adapter(_ training: String, answers: String = "") throws -> Data {
        let place = try Workplace()
        try place.replaceInConfig("epochs: 2", "epochs: 2, \(training)")
        try place.replaceInConfig("samples: 1", "samples: 1, context: document\(answers)")
        let run = try instill("run", place.config, "--quiet")
        #expect(run.code == 0, "\(training): \(run.errors)")
        return try Data(contentsOf: place.folder.appending(path: "out/adapter/adapter_model.safetensors"))
    }

    @Test func promptsAndAnswersAreOthers() throws {
        let plain = try adapter("objective: fine_tuning")
        let distracted = try adapter("objective: fine_tuning, distractors: 2")
        let reasoned = try adapter("objective: fine_tuning, distractors: 2", answers: ", stepByStep: true")
        let distilled = try adapter("distractors: 2, documentOmission: 1")
        #expect(Set([plain, distracted, reasoned, distilled]).count == 4)
        #expect(try adapter("objective: fine_tuning, distractors: 2") == distracted)
    }
}
