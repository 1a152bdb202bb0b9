// How a run is shown while it works: as bars on a terminal, as plain lines elsewhere, as JSON, or not at all; and the work
// itself, with the pipeline opened and Ctrl-C heard.

import ArgumentParser
import Foundation
import Lineage
import Pipeline

/// How much is said, and to whom.
struct RenderingOptions: ParsableArguments {
    @Flag(help: "For machines: one JSON object a line on standard output, the summary last.")
    var json = false

    @Flag(name: .shortAndLong, help: "Say nothing but the result and errors.")
    var quiet = false

    /// Opens the run, works on it and shows both the way and what came of it.
    func work(_ resolved: ResolvedRun, _ body: (Pipeline) throws -> RunSummary?) throws {
        try work(resolved, body) { SummaryTable($0, output: resolved.configuration.output).text }
    }

    /// As above, with what came of it as `table` has it for people.
    func work<Summary: Encodable>(
        _ resolved: ResolvedRun, _ body: (Pipeline) throws -> Summary?, table: (Summary) -> String
    ) throws {
        if json || quiet { Interruption.beQuiet() }
        let rendering = Rendering(self)
        defer { rendering.end() }
        let pipeline = try Pipeline(
            resolved.configuration, observe: rendering.show, shouldStop: { Interruption.isRequested })
        rendering.show(.notice(resolved.notice))
        let summary = try body(pipeline)
        rendering.end()
        guard let summary else { return }
        if json {
            JSONLines.write(summary: summary)
        } else {
            Console.out(table(summary))
        }
    }
}

/// One of the ways of showing what a pipeline tells.
enum Rendering {
    case bars(ProgressBars)
    case lines(PlainLines)
    case json
    case silent

    init(_ options: RenderingOptions) {
        self =
            if options.json { .json } else if options.quiet { .silent } else if Console.errorIsTerminal {
                .bars(ProgressBars())
            } else { .lines(PlainLines()) }
    }

    func show(_ event: ProgressEvent) {
        switch self {
        case .bars(let bars): bars.show(event)
        case .lines(let lines): lines.show(event)
        case .json: JSONLines.write(event)
        case .silent: break
        }
    }

    /// Takes away what is not meant to stay.
    func end() {
        if case .bars(let bars) = self { bars.clear() }
    }
}
