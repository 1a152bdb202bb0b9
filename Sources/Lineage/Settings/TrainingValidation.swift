// Refuses values of the training's settings that cannot be: its own, and those of selection, regularisation, distractors and
// on-policy answers.


extension RunConfiguration {
    func validateTraining() throws(ConfigurationError) {
        try atLeast(1, training.rank, "training.rank")
        try atLeast(1, training.epochs, "training.epochs")
        try atLeast(1, training.batchSize, "training.batchSize")
        try atLeast(1, training.maximumTokensPerPass, "training.maximumTokensPerPass")
        try positive(training.learningRate, "training.learningRate")
        try positive(training.temperature, "training.temperature")
        try positive(training.clipNorm, "training.clipNorm")
        if let alpha = training.alpha { try positive(alpha, "training.alpha") }
        try within(0.001...0.999, training.jensenShannonBeta, "training.jensenShannonBeta")
        try atLeast(2, training.chunkTokens, "training.chunkTokens")
        try atLeast(0, training.chunkOverlap, "training.chunkOverlap")
        guard training.chunkOverlap < training.chunkTokens else {
            throw .invalid(
                key: "training.chunkOverlap", value: "\(training.chunkOverlap)",
                expected: "less than training.chunkTokens, \(training.chunkTokens)")
        }
        try within(0...1, training.warmupFraction, "training.warmupFraction")
        if let steps = training.warmupSteps { try atLeast(0, steps, "training.warmupSteps") }
        try within(0...0.9, training.validationFraction, "training.validationFraction")
        try within(0...1e6, training.weightDecay, "training.weightDecay")
        try within(0...1e9, training.checkpointSeconds, "training.checkpointSeconds")
        for mark in training.snapshotSeconds ?? [] { try within(0...1e9, mark, "training.snapshotSeconds") }
        if training.targets.isEmpty {
            throw .invalid(key: "training.targets", value: "[]", expected: "at least one projection")
        }
    }

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

    func validateOnPolicy() throws(ConfigurationError) {
        try within(0...1, onPolicy.share, "onPolicy.share")
        try validate(onPolicy.sampling, "onPolicy.sampling")
        if let limit = onPolicy.maximumTokens { try atLeast(1, limit, "onPolicy.maximumTokens") }
        guard onPolicy.share == 0 || training.objective == .distillation else {
            throw .invalid(
                key: "onPolicy.share", value: "\(onPolicy.share)",
                expected: "0 unless training.objective is distillation: answers of the student need a teacher")
        }
    }
}
