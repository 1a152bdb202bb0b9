// From a comparison's settings to the configurations of its methods, sweeps unfolded. Knows settings by their names and paths,
// not what they do.

import Basics
import Foundation

/// A method with all of its settings.
public struct ComparedVariant {
    public let name: String
    public let configuration: RunConfiguration

    /// What a method is called as it is after so many seconds of its training.
    public static func name(of method: String, after seconds: Double) -> String {
        "\(method)@\(ComparisonPlan.mark(seconds))"
    }

    /// The marks of its training's clock as a sweep; nil where it has none.
    fileprivate var marks: ComparisonPlan.Sweep? {
        let seconds = Set(configuration.training.snapshotSeconds ?? []).sorted()
        guard !seconds.isEmpty else { return nil }
        let points = seconds.map {
            ComparisonPlan.Sweep.Point(value: $0, method: ComparedVariant.name(of: name, after: $0))
        }
        return ComparisonPlan.Sweep(
            method: name, parameter: "Seconds of training", isLogarithmic: false, points: points)
    }
}

extension RunConfiguration {
    /// The settings that a method may change: those before the evaluation, which is the same for all.
    private static let settingsOfMethods: [PartialKeyPath<RunConfiguration> & Sendable] = [
        \.questions, \.answers, \.trainingQuestions, \.expert, \.teacher, \.training, \.selection, \.regularisation,
        \.onPolicy,
    ]

    /// All methods that a comparison trains, those of the tables first, and the plan that says so.
    public func comparedVariants() throws -> (variants: [ComparedVariant], plan: ComparisonPlan) {
        let methods = comparison.methods.isEmpty ? ComparisonSettings.usualMethods : comparison.methods
        try checkNames(methods)
        guard !comparison.seeds.isEmpty else {
            throw ConfigurationError.invalid(key: "comparison.seeds", value: "[]", expected: "at least one seed")
        }
        var variants = try methods.map { ComparedVariant(name: $0.name, configuration: try variant($0)) }
        var plan = ComparisonPlan(
            methods: methods.map { ComparisonPlan.Method(name: $0.name, label: $0.label) }, seeds: comparison.seeds)
        for sweep in comparison.sweeps { try unfold(sweep, of: methods, into: &variants, &plan) }
        for marks in variants.compactMap(\.marks) {
            plan.methods += marks.points.map { ComparisonPlan.Method(name: $0.method, isShown: false) }
            plan.sweeps.append(marks)
        }
        return (variants, plan)
    }

    /// Adds a method for each value that no other has already: two points that ask for the same are trained once.
    private func unfold(
        _ sweep: ComparisonSettings.Sweep, of methods: [ComparisonSettings.Method],
        into variants: inout [ComparedVariant], _ plan: inout ComparisonPlan
    ) throws {
        guard let method = methods.first(where: { $0.name == sweep.method }) else {
            throw ConfigurationError.invalid(
                key: "comparison.sweeps.method", value: "\"\(sweep.method)\"",
                expected: "one of \(methods.map(\.name).joined(separator: ", "))")
        }
        var points: [ComparisonPlan.Sweep.Point] = []
        for value in sweep.values.sorted() {
            let point = try variant(method, sweep, value)
            let same = variants.first { $0.configuration == point.configuration }
            if same == nil {
                variants.append(point)
                plan.methods.append(ComparisonPlan.Method(name: point.name, isShown: false))
            }
            points.append(ComparisonPlan.Sweep.Point(value: value, method: same?.name ?? point.name))
        }
        plan.sweeps.append(
            ComparisonPlan.Sweep(
                method: method.name, parameter: sweep.label ?? sweep.setting,
                isLogarithmic: sweep.isLogarithmic ?? false, points: points))
    }

    /// This configuration with a method's settings laid over it.
    private func variant(_ method: ComparisonSettings.Method) throws -> RunConfiguration {
        let settings = method.settings ?? [:]
        let ofMethods = Self.settingsOfMethods.map(Self.name)
        for section in settings.keys.sorted() where !ofMethods.contains(section) {
            throw ConfigurationError.invalid(
                key: "comparison.methods.settings", value: "\"\(section)\" of \(method.name)",
                expected: "one of \(ofMethods.joined(separator: ", "))")
        }
        var variant = try ConfigurationOverlay(settings, of: "the method \(method.name)").applied(to: self)
        variant.comparison = ComparisonSettings()
        guard variant.training.seed == training.seed else {
            throw ConfigurationError.invalid(
                key: "comparison.methods.settings", value: "\"training.seed\" of \(method.name)",
                expected: "left out: every method is trained with each of comparison.seeds")
        }
        try variant.validate()
        return variant
    }

    private func variant(
        _ method: ComparisonSettings.Method, _ sweep: ComparisonSettings.Sweep, _ value: Double
    ) throws -> ComparedVariant {
        let number: JSONValue = Int(exactly: value).map { .integer($0) } ?? .number(value)
        let path = sweep.setting.split(separator: ".").map(String.init)
        let change = path.dropFirst().reversed().reduce(number) { .object([$1: $0]) }
        let settings = (method.settings ?? [:]).merging([path.first ?? "": change]) { $0.overlaid(with: $1) }
        let shown = Int(exactly: value).map(String.init) ?? String(value)
        let point = ComparisonSettings.Method("\(method.name)_\(sweep.setting)_\(shown)", settings: settings)
        return ComparedVariant(name: point.name, configuration: try variant(point))
    }

    /// Names become those of folders and conditions, whose parts a dot or a dash divides.
    private func checkNames(_ methods: [ComparisonSettings.Method]) throws(ConfigurationError) {
        let letters = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-_+="))
        var seen: Set<String> = Set([EvaluationCondition.Subject.base, .distilled].map(\.name))
        for method in methods {
            guard !method.name.isEmpty, method.name.unicodeScalars.allSatisfy(letters.contains) else {
                throw .invalid(
                    key: "comparison.methods.name", value: "\"\(method.name)\"",
                    expected: "of letters, digits, -, _, + and =")
            }
            guard seen.insert(method.name).inserted else {
                throw .invalid(
                    key: "comparison.methods.name", value: "\"\(method.name)\"", expected: "another one: it is taken")
            }
        }
    }
}
