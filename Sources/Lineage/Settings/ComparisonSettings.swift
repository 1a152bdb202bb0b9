// What a comparison can be told: which methods, with which seeds, and which settings at several values.

import Basics

/// Settings of `instill compare`.
public struct ComparisonSettings: Codable, Sendable, Hashable {
    /// What is done to the model: the configuration's settings with these laid over them.
    public struct Method: Codable, Sendable, Hashable {
        /// What it is called in adapters, tables and files.
        public var name: String
        /// What people read; the known names have a label of their own.
        public var label: String?
        /// Settings of the sections that a method may change, as a configuration file has them.
        public var settings: [String: JSONValue]?

        /// A method.
        public init(_ name: String, label: String? = nil, settings: [String: JSONValue]? = nil) {
            (self.name, self.label, self.settings) = (name, label, settings)
        }

        /// Makes the paths among the settings mean the same in every folder.
        public mutating func resolvePaths(_ resolved: (String) -> String) {
            for path in [["trainingQuestions"], ["teacher"], ["regularisation", "data"]] {
                settings = settings?.mapping(path, resolved)
            }
            // A model by its name behind an endpoint, else by its path.
            guard case .object(let expert)? = settings?["expert"], expert["baseURL"] == nil else { return }
            settings = settings?.mapping(["expert", "model"], resolved)
        }
    }

    /// One method with one setting at several values, each a training of its own.
    public struct Sweep: Codable, Sendable, Hashable {
        /// The name of the method.
        public var method: String
        /// The path to the setting, say "training.temperature".
        public var setting: String
        /// Its values.
        public var values: [Double]
        /// What people read on the axis; the setting's path where none is given.
        public var label: String?
        /// Whether the axis is logarithmic, for values that double.
        public var isLogarithmic: Bool?
    }

    /// In the order of the tables; none means prompt distillation and the paper's two kinds of fine-tuning.
    public var methods: [Method] = []
    /// Every method is trained with each of these seeds, on the same questions and answers.
    public var seeds: [UInt64] = [1]
    /// Settings at several values.
    public var sweeps: [Sweep] = []
    /// Whether the configuration's judge grades the replies too.
    public var isJudged = false

    /// The defaults.
    public init() {}

    /// The sections that a method may change: those before the evaluation, which is the same for all.
    static let sections = [
        "questions", "answers", "trainingQuestions", "expert", "teacher", "training", "selection", "regularisation",
        "onPolicy",
    ]

    /// Prompt distillation, and fine-tuning on answers at the paper's temperature and on the documents (sections 4.1, 4.2).
    static let usualMethods = [
        Method("pd"),
        Method(
            "sft",
            settings: [
                "answers": .object(["sampling": .object(["temperature": .number(0.25)])]),
                "training": .object(["objective": .string(TrainingObjective.fineTuning.rawValue)]),
            ]),
        Method(
            "uft",
            settings: [
                "training": .object([
                    "objective": .string(TrainingObjective.documentFineTuning.rawValue), "epochs": .integer(3),
                ])
            ]),
    ]
}

extension [String: JSONValue] {
    /// This with the string at a path changed, where there is one.
    fileprivate func mapping(_ path: [String], _ change: (String) -> String) -> Self {
        guard let key = path.first else { return self }
        var copy = self
        switch self[key] {
        case .string(let text) where path.count == 1: copy[key] = .string(change(text))
        case .object(let members): copy[key] = .object(members.mapping(Array(path.dropFirst()), change))
        default: break
        }
        return copy
    }
}
