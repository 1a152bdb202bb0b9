// The settings of the questions stage as data. Settings that came later than the first runs are written only where they
// differ from their defaults, and need not be there to be read: a run that does not use them keeps its recipe, and with it
// its questions. Knows names and types, not what they are for.


extension QuestionSettings: Codable {
    private enum Key: String, CodingKey {
        case style, perPassage, callsPerSentence, completions, sampling, maximumTokens, attempts
        case rewrites, coverageTarget, coverageBudget, pairs, leakThreshold, dropsLeaks
    }

    /// Reads settings; those of the first version must be there.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        self.init()
        style = try values.decode(Style.self, forKey: .style)
        perPassage = try values.decode(Int.self, forKey: .perPassage)
        callsPerSentence = try values.decode(Int.self, forKey: .callsPerSentence)
        completions = try values.decode(Bool.self, forKey: .completions)
        sampling = try values.decode(SamplingSettings.self, forKey: .sampling)
        maximumTokens = try values.decode(Int.self, forKey: .maximumTokens)
        attempts = try values.decode(Int.self, forKey: .attempts)
        rewrites = try values.decodeIfPresent(Bool.self, forKey: .rewrites) ?? rewrites
        coverageTarget = try values.decodeIfPresent(Double.self, forKey: .coverageTarget)
        coverageBudget = try values.decodeIfPresent(Int.self, forKey: .coverageBudget) ?? coverageBudget
        pairs = try values.decodeIfPresent(Int.self, forKey: .pairs) ?? pairs
        leakThreshold = try values.decodeIfPresent(Double.self, forKey: .leakThreshold) ?? leakThreshold
        dropsLeaks = try values.decodeIfPresent(Bool.self, forKey: .dropsLeaks) ?? dropsLeaks
    }

    /// Writes settings; those of later versions where they are not as they are by default.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(style, forKey: .style)
        try values.encode(perPassage, forKey: .perPassage)
        try values.encode(callsPerSentence, forKey: .callsPerSentence)
        try values.encode(completions, forKey: .completions)
        try values.encode(sampling, forKey: .sampling)
        try values.encode(maximumTokens, forKey: .maximumTokens)
        try values.encode(attempts, forKey: .attempts)
        let usual = QuestionSettings()
        func write<Value: Encodable & Equatable>(_ setting: KeyPath<QuestionSettings, Value>, _ key: Key) throws {
            guard self[keyPath: setting] != usual[keyPath: setting] else { return }
            try values.encode(self[keyPath: setting], forKey: key)
        }
        try write(\.rewrites, .rewrites)
        try write(\.coverageTarget, .coverageTarget)
        try write(\.coverageBudget, .coverageBudget)
        try write(\.pairs, .pairs)
        try write(\.leakThreshold, .leakThreshold)
        try write(\.dropsLeaks, .dropsLeaks)
    }
}
