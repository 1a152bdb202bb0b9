// What the writers leave, and say, when there is no room.

import Basics
import Foundation
import ModelFiles
import Testing

@Suite(.serialized) struct FullDiskTests {
    private static let tensorBytes = 80 << 20

    /// 80 MB, written in small pieces.
    private var large: SafetensorsWriter.Tensor {
        .init(name: "w", type: .uint8, shape: [Self.tensorBytes]) { write in
            let piece = [UInt8](repeating: 1, count: 1 << 20)
            for _ in 0..<Self.tensorBytes >> 20 { try piece.withUnsafeBytes { try write($0) } }
        }
    }

    /// The limit is the whole process's, and higher than any file that another test writes meanwhile.
    @Test func aFileOverTheSizeLimitLeavesNothing() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/x.safetensors"
        let handler = signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        try #require(getrlimit(resource, &limit) == 0)
        var lower = rlimit(rlim_cur: 64 << 20, rlim_max: limit.rlim_max)
        try #require(setrlimit(resource, &lower) == 0)
        defer {
            setrlimit(resource, &limit)
            signal(SIGXFSZ, handler)
        }
        let error = try #require(throws: FileError.self) {
            try SafetensorsWriter.write(to: path, tensors: [large])
        }
        #expect(error == .system(operation: "written", file: path, code: EFBIG))
        #expect(error.description.contains("larger than the file system or `ulimit -f` allows"))
        #expect(try folder.names == [])
    }

    @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a small disk"))
    func aFullDiskLeavesWhatWasThere() throws {
        let disk = try SmallDisk()
        let path = disk.folder.path + "/x.safetensors"
        let small = SafetensorsWriter.Tensor(name: "w", type: .uint8, shape: [1]) { write in
            try [UInt8(7)].withUnsafeBytes { try write($0) }
        }
        try SafetensorsWriter.write(to: path, tensors: [small])
        let error = try #require(throws: FileError.self) {
            try SafetensorsWriter.write(to: path, tensors: [large])
        }
        #expect(error.description.contains("the disk is full"))
        #expect(try disk.folder.names == ["x.safetensors"])
        #expect(try SafetensorsFile(path: path).withBytes(of: "w") { Array($0) } == [7])

        let adapter = disk.folder.path + "/adapter"
        let a = SafetensorsWriter.Tensor(
            name: PEFTAdapterFile.tensorName(module: "m", .a), type: .uint8, shape: [Self.tensorBytes],
            writeBytes: large.writeBytes)
        let configuration = PEFTAdapterConfiguration(baseModelNameOrPath: nil, r: 1, loraAlpha: 1, targetModules: ["m"])
        let full = try #require(throws: FileError.self) {
            try PEFTAdapterFile.write(directory: adapter, configuration: configuration, tensors: [a], metadata: [:])
        }
        #expect(full.description.contains("the disk is full"))
        #expect(try disk.folder.names == ["x.safetensors"])
    }
}

/// A disk in memory with one megabyte of room.
private final class SmallDisk {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        guard mount("none", folder.path, "tmpfs", 0, "size=1m") == 0 else { throw POSIXError(.EPERM) }
    }

    deinit { umount2(folder.path, Int32(MNT_DETACH)) }

    static let isPossible = (try? SmallDisk()) != nil
}
