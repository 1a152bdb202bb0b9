// Refuses values of regularisation and of distractors that cannot be.

import Distillation

extension RunConfiguration {
    func validateRegularisation() throws(ConfigurationError) {
        let settings = regularisation
        try within(0...0.9, settings.share, "regularisation.share")
        let perStep = settings.perStep(batchSize: training.batchSize)
        guard settings.share == 0 || (1..<max(1, training.batchSize)).contains(perStep) else {
            throw .invalid(
                key: "regularisation.share", value: "\(settings.share)",
                expected: """
                    such that of the \(training.batchSize) samples of a batch (training.batchSize) at least one is an \
                    instruction and one is not
                    """)
        }
        if let limit = settings.limit { try atLeast(1, limit, "regularisation.limit") }
        try atLeast(2, settings.maximumPromptTokens, "regularisation.maximumPromptTokens")
        try atLeast(1, settings.maximumTokens, "regularisation.maximumTokens")
        try validate(settings.sampling, "regularisation.sampling")
    }

    func validateDistractors() throws(ConfigurationError) {
        if let share = training.documentOmission { try within(0...1, share, "training.documentOmission") }
        if let count = training.distractors {
            try atLeast(1, count, "training.distractors")
            guard training.objective != .documentFineTuning else {
                throw .invalid(
                    key: "training.distractors", value: "\(count)",
                    expected: "left out where the objective is document_fine_tuning, which asks no questions")
            }
        }
        guard answers.stepByStep != true || (answers.context == .document && !answers.dropsUnfounded) else {
            throw .invalid(
                key: "answers.stepByStep", value: "true",
                expected: """
                    left out unless answers.context is document and answers.dropsUnfounded is false: an answer that \
                    reasons has words of its own
                    """)
        }
    }
}
