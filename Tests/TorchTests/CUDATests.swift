// CUDA: what is said where it cannot be had, and the same numbers as on the CPU where it can. libtorch looks for CUDA once in
// a process, so what computes on a device does so in a process of its own.

import CTorch
import Foundation
import Testing
import Torch

struct CUDATests {
    @Test(arguments: [
        ("cpu", Device.cpu), ("cuda", .cuda(0)), ("cuda:0", .cuda(0)), ("cuda:1", .cuda(1)), ("cuda:17", .cuda(17)),
    ])
    func devicesHaveTheirNames(name: String, device: Device) {
        #expect(Device(name) == device)
        #expect(Device(device.description) == device)
    }

    @Test(arguments: [
        "", "CPU", "cpu:0", "gpu", "cuda:", "cuda:-1", "cuda:+1", "cuda: 1", "cuda1", "cuda:1:2", "cuda:x", "cuda:1 ",
        "cuda:99999999999999999999", "mps", "cuda:١",
    ])
    func whatIsNoDeviceIsRefused(name: String) {
        #expect(Device(name) == nil)
    }

    @Test(.enabled(if: !CUDA.hasLibrary, "this libtorch has a libtorch_cuda.so"))
    func aLibtorchWithoutCUDASaysWhichFileIsMissingAndWhatToDo() async {
        await #expect(processExitsWith: .success) {
            for _ in 0..<2 {
                let error = #expect(throws: TorchError.self) { try Library.prepare(.cuda(0)) }
                let sentence = error.map { "\($0)" } ?? ""
                #expect(error?.kind == .deviceUnavailable)
                for word in ["/libtorch_cuda.so is missing", "LIBTORCH", "--libtorch", "torch 2.11"] {
                    #expect(sentence.contains(word), "\(sentence)")
                }
            }
            #expect(throws: TorchError.self) { try Library.loadCUDA() }
            // The CPU is none the worse for it.
            try Library.prepare(.cpu)
            let six = try (Tensor([2.0]) * 3).item()
            #expect(six == 6)
        }
    }

    /// A library without what torch needs from it must be refused when it is loaded, not when it is first called. The test
    /// lays one beside links to this libtorch, and another process runs on those.
    @Test func aLibraryThatDoesNotLoadIsSaidWithTheLoadersReason() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "libtorch-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let own = try #require(CUDA.libtorchFolder)
        for name in try FileManager.default.contentsOfDirectory(atPath: own) where name != CUDA.libraryName {
            try FileManager.default.createSymbolicLink(
                atPath: folder.appending(path: name).path, withDestinationPath: "\(own)/\(name)")
        }
        try Data("no library".utf8).write(to: folder.appending(path: CUDA.libraryName))
        let process = Process()
        let errors = Pipe()
        let benchmark = try #require(CUDA.benchmark, "the built Bench is not beside the tests")
        process.executableURL = benchmark
        process.arguments = ["device-rate", "cuda", "16"]
        // What libtorch_cpu.so itself needs may lie elsewhere, as in an installed Python torch.
        let path = ([folder.path] + CUDA.libraryFolders).joined(separator: ":")
        process.environment = ProcessInfo.processInfo.environment.merging(["LD_LIBRARY_PATH": path]) { $1 }
        process.standardError = errors
        try process.run()
        let said = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 69)
        for word in ["\(folder.path)/\(CUDA.libraryName) does not load", "LIBTORCH"] {
            #expect(said.contains(word), "\(said)")
        }
    }

    @Test func theDriverDescribesItsCardsOrSaysWhyThereAreNone() {
        do {
            let devices = try Library.cudaDevices()
            #expect(devices.map(\.index) == Array(devices.indices))
            for device in devices { #expect(!device.name.isEmpty && device.memory > 1 << 28) }
        } catch {
            #expect(error.kind == .deviceUnavailable)
            #expect(error.message.contains("NVIDIA driver"))
        }
    }

    @Test(.enabled(if: CUDA.isAtHand, "skipped: no CUDA device and no libtorch_cuda.so here"))
    func bytesReachTheDeviceWhateverBecomesOfTheirSource() async {
        await #expect(processExitsWith: .success) {
            try Library.prepare(.cuda(0))
            var tensors: [Tensor] = []
            // Transfers are queued while their sources are freed, overwritten and used again.
            for round in 0..<200 {
                tensors.append(try Tensor([Int](repeating: round, count: 1 + round * 97), device: .cuda(0)))
                tensors.append(try Tensor.full([1 + round * 89], Double(round)).to(.bfloat16, device: .cuda(0)))
            }
            for (place, tensor) in tensors.enumerated() {
                let values: [Double] = try tensor.values()
                #expect(values.allSatisfy { $0 == Double(place / 2) })
            }
        }
    }

    @Test(.enabled(if: CUDA.isAtHand, "skipped: no CUDA device and no libtorch_cuda.so here"))
    func layersAndTheirGradientsAreThoseOfTheCPU() async {
        await #expect(processExitsWith: .success) {
            try Library.prepare(.cuda(0))
            let places: [Device] = [.cpu, .cuda(0)]
            let outcomes = try places.map { device in
                let x = try Tensor.randn([24, 32], seed: 1, device: device)
                let a = try Tensor.randn([8, 32], seed: 2, device: device)
                let b = try Tensor.randn([32, 8], seed: 3, device: device)
                for tensor in [x, a, b] { try tensor.setRequiresGrad(true) }
                let weight = try Tensor.randn([32, 32], seed: 4, device: device)
                let ones = try Tensor.full([32], 1, device: device)
                let map = LinearMap(weight: weight, factors: (a: a, b: b))
                let h = try x.rmsNorm(ones, epsilon: 1e-6).linear([map], residual: x, scale: 0.5)[0]
                let heads = try h.reshaped([24, 4, 8])
                let angles = try Tensor.randn([24, 4], seed: 5, device: device)
                let places = try Tensor(Array(0..<24), shape: [2, 12], device: device)
                let attended = try Tensor.packedAttention(
                    heads, heads, heads, cosine: angles.cos(), sine: angles.sin(),
                    parts: [AttentionPart(queries: places, keys: places, mask: nil)], scale: 0.3)
                let y = try attended.gated(heads).logSoftmax()
                try (y * y).sum().backward()
                let gradients = [x, a, b].compactMap(\.grad)
                #expect(gradients.count == 3)
                return try ([y] + gradients).map { try $0.values(as: Double.self) }
            }
            for (wanted, found) in zip(outcomes[0], outcomes[1]) {
                let largest = wanted.map(abs).max() ?? 0
                #expect(zip(wanted, found).allSatisfy { abs($0 - $1) <= 1e-4 * max(1, largest) })
            }
        }
    }

    /// CUDA's fused kernel, in bfloat16, against float32 on the CPU.
    @Test(
        .enabled(if: CUDA.isAtHand, "skipped: no CUDA device and no libtorch_cuda.so here"), arguments: [nil, 4])
    func fusedAttentionOfSequencesIsThatOfTheCPU(window: Int?) async {
        await #expect(processExitsWith: .success) { [window] in
            try Library.prepare(.cuda(0))
            let beginning = [0, 1, 2]
            let places = [(beginning, beginning), ([3, 4, 5], beginning + [3, 4, 5]), ([6, 7], beginning + [6, 7])]
            let outcomes = try [Device.cpu, .cuda(0)].map { device in
                let dtype = device == .cpu ? DType.float32 : .bfloat16
                let operands = try [(6, UInt64(1)), (2, 2), (2, 3)].map { heads, seed in
                    try Tensor.randn([9, heads, 64], seed: seed, device: device).to(.bfloat16).to(dtype)
                }
                for operand in operands { try operand.setRequiresGrad(true) }
                let angles = try Tensor.randn([9, 32], seed: 5, device: device)
                let out = try Tensor.sequenceAttention(
                    operands[0], operands[1], operands[2], cosine: angles.cos(), sine: angles.sin(),
                    sequences: AttentionSequences(places, window: window, device: device), scale: 0.125)
                try (out * out).sum().backward()
                return try ([out] + operands.compactMap(\.grad)).map { try $0.values(as: Double.self) }
            }
            #expect(outcomes[0].count == 4 && outcomes[1].count == 4)
            for (wanted, found) in zip(outcomes[0], outcomes[1]) {
                let largest = wanted.map(abs).max() ?? 0
                #expect(zip(wanted, found).allSatisfy { abs($0 - $1) <= 0.03 * max(1, largest) })
            }
        }
    }
}

/// What this machine has of CUDA.
enum CUDA {
    static let libraryName = "libtorch_cuda.so"

    /// The folders of the libraries that this process has loaded.
    static let libraryFolders: [String] = Set(libraries.map { ($0 as NSString).deletingLastPathComponent }).sorted()

    /// Where the libtorch of this process lies.
    static let libtorchFolder = libraries.first { $0.hasSuffix("/libtorch_cpu.so") }.map {
        ($0 as NSString).deletingLastPathComponent
    }

    private static let libraries: [String] = {
        // Files of the kernel's say that they are empty; only reading to the end gets all of it.
        guard let data = try? FileHandle(forReadingAtPath: "/proc/self/maps")?.readToEnd() else { return [] }
        let paths = String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { line in
            line.firstIndex(of: "/").map { String(line[$0...]) }
        }
        return paths.filter { $0.contains(".so") }
    }()

    static let hasLibrary =
        libtorchFolder.map { FileManager.default.fileExists(atPath: "\($0)/\(libraryName)") } == true

    static let isAtHand = hasLibrary && ((try? Library.cudaDevices().isEmpty) == false)

    /// SwiftPM puts the benchmark beside the test bundle.
    static let benchmark: URL? = {
        let places =
            [Bundle.main.executableURL, URL(fileURLWithPath: CommandLine.arguments[0])]
            + Bundle.allBundles.map(\.bundleURL)
        let folders = places.compactMap { $0?.resolvingSymlinksInPath().deletingLastPathComponent() }
        return folders.map { $0.appending(path: "Bench") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }()
}
