// What this machine has: libraries, processor, graphics card, memory and disks. Knows how to ask, not what for.

import Foundation
import Torch

enum Machine {
    static var libraries: [Finding] {
        let precision =
            Library.cpuHasBFloat16
            ? "multiplied in hardware; used" : "not in this processor's hardware; float32 is used, which takes longer"
        return [
            Finding(.ok, "libtorch", "\(Library.version) in \(libtorchFolder ?? "a place that is not known")"),
            Finding(.ok, "processor", "\(Library.cpuCapability), \(Library.threads) threads"),
            Finding(Library.cpuHasBFloat16 ? .ok : .absent, "bfloat16", precision),
        ]
    }

    /// What `--device cuda` needs: the driver, the other half of libtorch, and a card. None of it is needed otherwise.
    static var cuda: [Finding] {
        let half: Finding
        do {
            try Library.loadCUDA()
            half = Finding(.ok, "cuda", "libtorch_cuda.so is loaded")
        } catch {
            half = Finding(.absent, "cuda", error.message, advice: "Needed for --device cuda alone.")
        }
        do {
            let devices = try Library.cudaDevices()
            let count = devices.count == 1 ? "1 card" : "\(devices.count) cards"
            return [Finding(.ok, "driver", "NVIDIA, \(count)"), half] + devices.map(finding)
        } catch {
            let advice = "Install NVIDIA's driver if this machine has one of its cards; the processor needs none."
            return [Finding(.absent, "driver", error.message, advice: advice), half]
        }
    }

    private static func finding(_ device: CUDADevice) -> Finding {
        let place = "\(device.name), \(gigabytes(device.memory))"
        guard device.hasBFloat16 else {
            return Finding(
                .absent, "cuda:\(device.index)", "\(place), no bfloat16 in hardware",
                advice: "Set `precision: float32`, which takes twice the memory.")
        }
        return Finding(.ok, "cuda:\(device.index)", "\(place), bfloat16")
    }

    /// Where the loaded libtorch lies, as the kernel says.
    private static var libtorchFolder: String? {
        // Files of the kernel's say that they are empty; only reading to the end gets all of it.
        guard let data = try? FileHandle(forReadingAtPath: "/proc/self/maps")?.readToEnd() else { return nil }
        let maps = String(decoding: data, as: UTF8.self)
        let line = maps.split(separator: "\n").first { $0.hasSuffix("/libtorch_cpu.so") }
        guard let line, let start = line.firstIndex(of: "/") else { return nil }
        return URL(fileURLWithPath: String(line[start...])).deletingLastPathComponent().path
    }

    /// The folder that set-up fills, by the rules of scripts/bootstrap.
    static var cache: URL {
        let environment = ProcessInfo.processInfo.environment
        func folder(_ name: String) -> URL? {
            environment[name].flatMap { $0.isEmpty ? nil : URL(fileURLWithPath: $0) }
        }
        if let own = folder("INSTILL_CACHE") { return own }
        let home = folder("HOME") ?? FileManager.default.homeDirectoryForCurrentUser
        return (folder("XDG_CACHE_HOME") ?? home.appending(path: ".cache")).appending(path: "instill")
    }

    static func disk(_ subject: String, at path: String, needs: Int) -> Finding {
        var place = URL(fileURLWithPath: path)
        while place.path != "/", !FileManager.default.fileExists(atPath: place.path) { place.deleteLastPathComponent() }
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: place.path)
        guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.intValue else {
            return Finding(.missing, subject, "\(path): its disk cannot be asked")
        }
        guard access(place.path, W_OK) == 0 else {
            return Finding(.missing, subject, "\(path) cannot be written", advice: "Choose another folder.")
        }
        let isEnough = free >= needs
        return Finding(
            isEnough ? .ok : .missing, subject, "\(path), \(gigabytes(free)) free",
            advice: isEnough ? nil : "Free some space: \(gigabytes(needs)) are needed.")
    }

    /// Training holds the weights, their activations and the adapter's optimizer: some eight bytes a parameter, and what
    /// libtorch itself takes.
    static func memory(forParameters count: Int) -> Finding {
        guard let info = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else {
            let all = Int(ProcessInfo.processInfo.physicalMemory)
            return Finding(.ok, "memory", "\(gigabytes(all)) in all")
        }
        func value(_ name: String) -> Int {
            let line = info.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 * 1024 } ?? 0
        }
        let (free, all) = (value("MemAvailable"), value("MemTotal"))
        let needs = 1_000_000_000 + 8 * count
        return Finding(
            free >= needs ? .ok : .missing, "memory", "\(gigabytes(free)) free of \(gigabytes(all))",
            advice: free >= needs ? nil : "End other programs or use a smaller model: \(gigabytes(needs)) are needed.")
    }

    private static func gigabytes(_ bytes: Int) -> String { String(format: "%.1f GB", Double(bytes) / 1e9) }
}
