// What a comparison's folder says about itself: which methods, with which seeds, and which of them are points of sweeps. Its
// stages write it, and the report reads it. Knows no settings.

import Foundation

/// The methods of a comparison, as `comparison.json` has them.
public struct ComparisonPlan: Codable, Sendable, Hashable {
    /// What is done to the model.
    public struct Method: Codable, Sendable, Hashable {
        /// What it is called in adapters and conditions.
        public var name: String
        /// What people read; nil for a name that speaks for itself.
        public var label: String?
        /// Whether it stands in the tables; one that does not is a point of a sweep.
        public var isShown: Bool

        public init(name: String, label: String? = nil, isShown: Bool = true) {
            (self.name, self.label, self.isShown) = (name, label, isShown)
        }
    }

    /// One method with one setting at several values.
    public struct Sweep: Codable, Sendable, Hashable {
        /// A value of the setting, and the method that has it.
        public struct Point: Codable, Sendable, Hashable {
            public var value: Double
            public var method: String

            /// A value and the method that has it.
            public init(value: Double, method: String) { (self.value, self.method) = (value, method) }
        }

        public var method: String
        /// What people read on the axis.
        public var parameter: String
        /// Whether the axis is logarithmic.
        public var isLogarithmic: Bool
        /// The values, ascending.
        public var points: [Point]

        /// One method with one setting at several values.
        public init(method: String, parameter: String, isLogarithmic: Bool, points: [Point]) {
            (self.method, self.parameter, self.isLogarithmic) = (method, parameter, isLogarithmic)
            self.points = points
        }
    }

    /// In the order of the tables.
    public var methods: [Method]
    /// Each method is trained with each of them.
    public var seeds: [UInt64]
    /// Settings at several values.
    public var sweeps: [Sweep]

    public init(methods: [Method], seeds: [UInt64], sweeps: [Sweep] = []) {
        (self.methods, self.seeds, self.sweeps) = (methods, seeds, sweeps)
    }

    /// The plan of a comparison's folder; nil for the folder of a run that compares nothing.
    public init?(folder: URL) {
        guard let data = FileManager.default.contents(atPath: Self.file(in: folder).path),
            let plan = try? JSONDecoder().decode(Self.self, from: data)
        else { return nil }
        self = plan
    }

    /// Where a comparison's folder has its plan.
    public static func file(in folder: URL) -> URL { folder.appending(path: "comparison.json") }

    /// The models that the methods train, each with its method's name.
    public var subjects: [(subject: EvaluationCondition.Subject, method: String)] {
        methods.flatMap { method in seeds.map { (Self.subject(method.name, seed: $0), method.name) } }
    }

    /// The model that a method trains with a seed.
    public static func subject(_ method: String, seed: UInt64) -> EvaluationCondition.Subject {
        .adapter("\(method)-\(seed)")
    }

    /// Seconds as names have them: "900s".
    public static func mark(_ seconds: Double) -> String {
        (Int(exactly: seconds).map(String.init) ?? String(seconds)) + "s"
    }
}
