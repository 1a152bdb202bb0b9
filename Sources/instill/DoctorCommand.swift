// What was found on this machine and what is missing: libtorch, processor, device, model, disk and memory.

import ArgumentParser
import Basics
import Foundation
import LanguageModels
import Lineage
import Pipeline
import Retrieval
import Torch

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Says what was found on this machine and what is missing.",
        discussion: """
            Example:
              instill doctor --model my-model.gguf --output runs

            Exit code 0 where everything needed is there, else 1.
            """)

    @Option(help: "The model to try. (default: the one that set-up fetched)", completion: .file())
    var model: String?

    @Option(help: "Where runs are to be kept.", completion: .directory)
    var output = "runs"

    @Flag(help: "For machines: one JSON object a line.")
    var json = false

    func run() throws {
        let findings = findings()
        for finding in findings { json ? Console.out(finding.json) : Console.out(finding.line) }
        let missing = findings.filter { $0.state == .missing }.map(\.subject)
        guard missing.isEmpty else { throw CommandError.unhealthy(missing: missing) }
    }

    private func findings() -> [Finding] {
        var findings = Machine.libraries + Machine.cuda
        let (finding, parameters) = modelFinding()
        findings += [finding, embedderFinding]
        findings.append(Machine.memory(forParameters: parameters))
        findings.append(Machine.disk("cache", at: Machine.cache.path, needs: 500_000_000))
        findings.append(Machine.disk("output", at: output.absolutePath, needs: 1_000_000_000))
        return findings
    }

    /// Loads the embedder too; nothing but retrieval by embeddings needs it.
    private var embedderFinding: Finding {
        let path = Installation.defaultEmbedder()
        guard !path.isEmpty else {
            return Finding(
                .absent, "embedder", "none",
                advice: "Needed for retrieval by embeddings alone: run `scripts/bootstrap embedder`.")
        }
        do {
            let encoder = try SentenceEncoder(directory: path)
            let shape = "\(encoder.dimension) numbers a text, of which \(encoder.maximumTokens) tokens are read"
            return Finding(.ok, "embedder", "\(path): \(shape)")
        } catch {
            return Finding(.missing, "embedder", sentence(for: error))
        }
    }

    /// Loads the model, which is the only way to know that it can be loaded.
    private func modelFinding() -> (Finding, parameters: Int) {
        do {
            let path = try model?.absolutePath ?? Installation.defaultModel()
            let start = ContinuousClock.now
            let parameters = try LanguageModel.parameterCount(path: path)
            let loaded = try LanguageModel(path: path, dtype: RunConfiguration().resolvedPrecision)
            let seconds = String(format: "%.1f", (ContinuousClock.now - start) / .seconds(1))
            let family = loaded.decoder.configuration.family.rawValue
            let found = "\(path): \(family), \(parameters.grouped) parameters, loaded in \(seconds) s"
            let notes = loaded.notices.joined(separator: " ")
            return (Finding(.ok, "model", found, advice: notes.isEmpty ? nil : notes), parameters)
        } catch {
            return (Finding(.missing, "model", sentence(for: error)), 0)
        }
    }
}

/// One line of a diagnosis.
struct Finding: Encodable {
    enum State: String, Encodable {
        /// There, and good.
        case ok
        /// Not there, and not needed.
        case absent
        /// Not there, and needed.
        case missing
    }

    let state: State
    let subject: String
    let found: String
    /// What to do where something is wrong.
    let advice: String?

    init(_ state: State, _ subject: String, _ found: String, advice: String? = nil) {
        (self.state, self.subject, self.found, self.advice) = (state, subject, found.printable, advice)
    }

    var line: String {
        "\(state.rawValue.padded(to: 8))\(subject.padded(to: 10))\(found)" + (advice.map { ". \($0)" } ?? "")
    }

    var json: String {
        (try? canonicalJSON()).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
