// Refuses settings of which answers are trained on that cannot be.

import Distillation

extension RunConfiguration {
    func validateChoiceOfAnswers() throws(ConfigurationError) {
        if let most = training.questionsPerDocument { try atLeast(1, most, "training.questionsPerDocument") }
        if let temperature = selection.temperature { try positive(temperature, "selection.temperature") }
        guard selection.keep.count == 2, selection.keep[0] >= 0, selection.keep[0] < selection.keep[1],
            selection.keep[1] <= 1
        else {
            throw .invalid(
                key: "selection.keep", value: "\(selection.keep)",
                expected: "two numbers from 0 to 1, the smaller one first, as [0.8, 1] for the top fifth")
        }
        guard training.objective == .documentFineTuning else { return }
        let reason = "where training.objective is document_fine_tuning, which learns no answers"
        if let most = training.questionsPerDocument {
            throw .invalid(key: "training.questionsPerDocument", value: "\(most)", expected: "left out \(reason)")
        }
        guard selection.by == .none else {
            throw .invalid(key: "selection.by", value: selection.by.rawValue, expected: "none \(reason)")
        }
    }
}
