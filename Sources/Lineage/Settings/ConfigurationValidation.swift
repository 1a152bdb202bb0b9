// Refuses values that cannot be before any work is done.


extension RunConfiguration {
    /// Throws for the first value that cannot be, naming it, what it is and what it must be.
    public func validate() throws(ConfigurationError) {
        for (key, value) in [("model", model), ("documents", documents), ("output", output)] where value.isEmpty {
            throw .missing(key: key)
        }
        guard device == "cpu" || device.wholeMatch(of: /cuda(:[0-9]+)?/) != nil else {
            throw .invalid(key: "device", value: device, expected: "cpu, cuda, or cuda: and a card's number, as cuda:1")
        }
        try atLeast(0, threads, "threads")
        try atLeast(1, maximumDocumentBytes, "maximumDocumentBytes")
        try atLeast(64, maximumPassageTokens, "maximumPassageTokens")
        try atLeast(1, generationBatchSize, "generationBatchSize")
        try validateQuestions()
        try atLeast(1, answers.samples, "answers.samples")
        try atLeast(1, answers.maximumTokens, "answers.maximumTokens")
        try atLeast(1, evaluation.maximumTokens, "evaluation.maximumTokens")
        try atLeast(1, forgetting.maximumTokens, "forgetting.maximumTokens")
        if let limit = forgetting.limit { try atLeast(1, limit, "forgetting.limit") }
        try validate(questions.sampling, "questions.sampling")
        try validate(answers.sampling, "answers.sampling")
        try validate(evaluation.sampling, "evaluation.sampling")
        try validateTraining()
        try validateRetrieval()
        try validateChoiceOfAnswers()
        try validateRegularisation()
        try validateDistractors()
        try validateOnPolicy()
        try validateJudge()
        if !expert.baseURL.isEmpty { try validateExpert() }
        try validatePrice(expert, "expert")
        try validatePrice(judge.endpoint, "judge.endpoint")
    }

    private func validatePrice(_ endpoint: EndpointSettings, _ path: String) throws(ConfigurationError) {
        for (key, price) in [("inputPrice", endpoint.inputPrice), ("outputPrice", endpoint.outputPrice)] {
            if let price { try within(0...1e9, price, "\(path).\(key)") }
        }
    }

    private func validateExpert() throws(ConfigurationError) {
        if expert.model.isEmpty { throw .missing(key: "expert.model") }
        guard questions.style != .sentence else {
            throw .invalid(
                key: "questions.style", value: questions.style.rawValue,
                expected: "passage or bonito where an endpoint writes the questions")
        }
    }

    private func validateQuestions() throws(ConfigurationError) {
        try atLeast(1, questions.perPassage, "questions.perPassage")
        try atLeast(1, questions.callsPerSentence, "questions.callsPerSentence")
        try atLeast(1, questions.attempts, "questions.attempts")
        try atLeast(1, questions.maximumTokens, "questions.maximumTokens")
        if let target = questions.coverageTarget { try within(0...1, target, "questions.coverageTarget") }
        try atLeast(1, questions.coverageBudget, "questions.coverageBudget")
        try within(0.5...1, questions.leakThreshold, "questions.leakThreshold")
        try atLeast(0, questions.pairs, "questions.pairs")
        guard questions.pairs == 0 || questions.style == .passage else {
            throw .invalid(
                key: "questions.pairs", value: "\(questions.pairs)",
                expected: "0 unless questions.style is passage: small models cannot ask about two documents")
        }
        guard !questions.rewrites || questions.style != .bonito else {
            throw .invalid(
                key: "questions.rewrites", value: "true",
                expected: "false where questions.style is bonito: such a model writes tasks and nothing else")
        }
    }

    private func validateRetrieval() throws(ConfigurationError) {
        try atLeast(1, retrieval.topK, "retrieval.topK")
        if !retrieval.methods.isEmpty, retrieval.prompts.isEmpty { throw .missing(key: "retrieval.prompts") }
        try eachOnce(retrieval.methods.map(\.rawValue), "retrieval.methods")
        try eachOnce(retrieval.prompts.map(\.rawValue), "retrieval.prompts")
        if retrieval.methods.contains(.embeddings), retrieval.embedder.isEmpty {
            throw .missing(key: "retrieval.embedder")
        }
        guard retrieval.methods.contains(.endpoint) else { return }
        if retrieval.endpoint.baseURL.isEmpty { throw .missing(key: "retrieval.endpoint.baseURL") }
        if retrieval.endpoint.model.isEmpty { throw .missing(key: "retrieval.endpoint.model") }
    }

    private func validateJudge() throws(ConfigurationError) {
        if judge.model.isEmpty { throw .missing(key: "judge.model") }
        if !judge.endpoint.baseURL.isEmpty, judge.endpoint.model.isEmpty { throw .missing(key: "judge.endpoint.model") }
        try atLeast(1, judge.maximumTokens, "judge.maximumTokens")
        try atLeast(1, judge.attempts, "judge.attempts")
        try within(0...10, judge.temperatureStep, "judge.temperatureStep")
        try validate(judge.sampling, "judge.sampling")
    }

    func validate(_ sampling: SamplingSettings, _ path: String) throws(ConfigurationError) {
        try within(0...100, sampling.temperature, "\(path).temperature")
        if let topK = sampling.topK { try atLeast(1, topK, "\(path).topK") }
        if let topP = sampling.topP { try within(1e-6...1, topP, "\(path).topP") }
        if let minP = sampling.minP { try within(0...1, minP, "\(path).minP") }
    }

    private func eachOnce(_ values: [String], _ key: String) throws(ConfigurationError) {
        guard Set(values).count == values.count else {
            throw .invalid(key: key, value: "[\(values.joined(separator: ", "))]", expected: "each name once")
        }
    }

    func atLeast(_ bound: Int, _ value: Int, _ key: String) throws(ConfigurationError) {
        guard value >= bound else { throw .invalid(key: key, value: "\(value)", expected: "\(bound) or more") }
    }

    func positive(_ value: Double, _ key: String) throws(ConfigurationError) {
        guard value > 0, value.isFinite else { throw .invalid(key: key, value: "\(value)", expected: "more than 0") }
    }

    func within(
        _ range: ClosedRange<Double>, _ value: Double, _ key: String
    ) throws(ConfigurationError) {
        guard range.contains(value) else {
            throw .invalid(key: key, value: "\(value)", expected: "from \(range.lowerBound) to \(range.upperBound)")
        }
    }
}
