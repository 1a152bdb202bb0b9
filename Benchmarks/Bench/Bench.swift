// Our side of the benchmark, one piece of work a process so that peak memory is the work's own: `Bench COMMAND ARGUMENT …`
// prints one JSON object. The peers' side is in ../peers, and ../bench puts the two together.

import Foundation
import Torch

@main
enum Bench {
    static func main() {
        Library.keepFreedMemory()
        let arguments = Array(CommandLine.arguments.dropFirst())
        let commands: [String: ([String]) throws -> [String: Double]] = [
            "machine": MachineBench.run, "load": LoadBench.run, "prepare": Workload.prepare, "train": TrainBench.run,
            "generate": GenerateBench.run, "scale-write": ScaleBench.write, "scale-read": ScaleBench.read,
            "device-rate": DeviceBench.rate, "device-train": DeviceBench.train,
        ]
        guard let name = arguments.first, let command = commands[name] else {
            fail("usage: Bench \(commands.keys.sorted().joined(separator: "|")) ARGUMENT …", code: 64)
        }
        do {
            var figures = try command(Array(arguments.dropFirst()))
            figures["peak_mib"] = peakMemory()
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            print(String(decoding: try encoder.encode(figures), as: UTF8.self))
        } catch let error as TorchError where error.kind == .deviceUnavailable {
            fail("\(error)", code: 69)
        } catch {
            fail("\(error)", code: 1)
        }
    }

    /// The most memory that the process has held, in MiB.
    private static func peakMemory() -> Double {
        var usage = rusage()
        getrusage(.init(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1024
    }

    private static func fail(_ message: String, code: Int32) -> Never {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
        exit(code)
    }
}

/// Seconds that a body takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
}
