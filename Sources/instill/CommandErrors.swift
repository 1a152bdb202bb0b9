// What can be wrong with a command itself, as data, and how any error reads on the command line.

import Foundation
import Lineage
import Pipeline

/// A command that cannot be carried out.
enum CommandError: Error, Sendable, Hashable {
    /// No model was named, and set-up has fetched none.
    case noDefaultModel
    /// A stage was asked for without saying of which run.
    case noRunNamed
    /// A run whose configuration is missing or of another version.
    case noSavedConfiguration(run: String)
    /// Another preset for a run whose settings are all chosen already.
    case presetOfExistingRun(run: String)
    /// A run that has not been trained.
    case noAdapter(place: String)
    /// A comparison of which one adapter is wanted.
    case severalAdapters(run: String, names: [String])
    /// A document for a chat that cannot be read.
    case unreadableDocument(path: String, reason: String)
    /// Questions that are to be exported before there are any.
    case noQuestions(run: String)
    /// Runs without a training, of which the curves are wanted.
    case noCurves(runs: [String])
    /// Two runs that would have the same name in a report.
    case oneLabel(first: String, second: String)
    /// Something that `doctor` found missing.
    case unhealthy(missing: [String])

    var status: ExitStatus {
        switch self {
        case .noDefaultModel, .noSavedConfiguration, .noAdapter, .unreadableDocument, .noQuestions, .noCurves:
            .noInput
        case .noRunNamed, .presetOfExistingRun, .oneLabel, .severalAdapters: .usage
        case .unhealthy: .failure
        }
    }
}

extension CommandError: CustomStringConvertible {
    var description: String {
        switch self {
        case .noDefaultModel:
            "No model was named and the default one is not there: give --model, or run `scripts/bootstrap model`."
        case .noRunNamed: "Say which run: give a configuration file, or --output with the run's folder."
        case .noSavedConfiguration(let run):
            "There is no run in \(run). Check the path, or make one with `instill run --documents … --output \(run)`."
        case .presetOfExistingRun(let run):
            "The settings of \(run) are chosen already; for another preset give the configuration file or --documents too."
        case .noAdapter(let place): "There is no adapter in \(place): finish the run with `instill run` first."
        case .severalAdapters(let run, let names):
            "\(run) is a comparison: choose an adapter with --adapter, which is one of \(names.joined(separator: ", "))."
        case .unreadableDocument(let path, let reason): "The document \(path) cannot be used: \(reason)."
        case .noQuestions(let run): "There are no questions in \(run) yet: run `instill questions` first."
        case .noCurves(let runs): "No training has begun in \(runs.joined(separator: ", ")): run `instill run` first."
        case .oneLabel(let first, let second):
            "\(first) and \(second) have one name: give each a label, as in other=\(second), or both the same one if they are "
                + "seeds of one method."
        case .unhealthy(let missing): "Not ready: \(missing.joined(separator: ", "))."
        }
    }
}

/// An error as a person reads it: our own errors are sentences, the system's have a localised one. Never a dump.
func sentence(for error: any Error) -> String {
    let isOfTheSystem = error is any CustomNSError || type(of: error) is NSError.Type
    guard isOfTheSystem || !(type(of: error) is any CustomStringConvertible.Type) else { return "\(error)".printable }
    let place = (error as? CocoaError)?.filePath.map { "\($0): " } ?? ""
    return (place + error.localizedDescription).printable
}
