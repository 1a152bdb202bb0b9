// The settings of a comparison: which methods, with which seeds, and which settings at several values.

import Basics

public struct ComparisonSettings: SettingsSection {
    /// What is done to the model: the configuration's settings with these laid over them.
    public struct Method: SettingsSection {
        public var name = ""
        public var label: String?
        public var settings: [String: JSONValue]?

        public static let settings: [Setting<Self>] = [
            Setting(\.name, "What it is called in adapters, tables and files."),
            Setting(\.label, "What people read; the known names have a label of their own."),
            Setting(\.settings, "Settings laid over the configuration's, by section, as in a configuration file."),
        ]

        public init() {}

        init(_ name: String, label: String? = nil, settings: [String: JSONValue]? = nil) {
            (self.name, self.label, self.settings) = (name, label, settings)
        }
    }

    /// One method with one setting at several values, each a training of its own.
    public struct Sweep: SettingsSection {
        public var method = ""
        public var setting = ""
        public var values: [Double] = []
        public var label: String?
        public var isLogarithmic: Bool?

        public static let settings: [Setting<Self>] = [
            Setting(\.method, "The name of the method."),
            Setting(\.setting, "The path of the setting, as training.temperature."),
            Setting(\.values, "Its values."),
            Setting(\.label, "What people read on the axis; the setting's path where not set."),
            Setting(\.isLogarithmic, "Whether the axis is logarithmic, for values that double."),
        ]

        public init() {}

        public func check() throws(ConfigurationError) {
            if setting.isEmpty { throw missing(\.setting) }
            if values.isEmpty { throw missing(\.values) }
        }
    }

    public var methods: [Method] = []
    public var seeds: [UInt64] = [1]
    public var sweeps: [Sweep] = []
    public var isJudged = false

    public static let settings: [Setting<Self>] = [
        Setting(\.methods, "The methods; none means distillation and the paper's two kinds of fine-tuning."),
        Setting(\.seeds, "Every method is trained with each of them, on the same questions and answers."),
        Setting(\.sweeps, "Methods with one setting at several values."),
        Setting(\.isJudged, "Whether the judge grades the replies too."),
    ]

    public init() {}

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
