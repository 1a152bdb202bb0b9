// Files and folders appear whole or not at all: when disks are full, writers are killed, or two write at once.

import Foundation
import Testing

@testable import Basics

@Suite struct WholeFileTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path + "/x"
    }

    private func write(_ text: String, to path: String) throws {
        try WholeFile.write(to: path) { file in try Array(text.utf8).withUnsafeBytes { try file.write($0) } }
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func whatAKilledWriterLeftIsTakenOver() throws {
        _ = try folder.write("a longer text that was never finished", to: ".x.partial")
        try write("new", to: path)
        #expect(try text(path) == "new")
        #expect(try folder.names == ["x"])
    }

    @Test func linksAndDevicesStayWhatTheyAre() throws {
        let target = try folder.write("old", to: "target")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        #expect(throws: FileError.notReplaceable(file: path)) { try write("new", to: path) }
        #expect(try text(target) == "old")
        let pipe = folder.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: FileError.notReplaceable(file: pipe)) { try write("new", to: pipe) }
        #expect(try folder.names == ["pipe", "target", "x"])
    }

    @Test func twoWritersAtOnceDoNotMix() throws {
        try WholeFile.write(to: path) { file in
            #expect(throws: FileError.beingWritten(file: path)) { try write("second", to: path) }
            try Array("first".utf8).withUnsafeBytes { try file.write($0) }
        }
        #expect(try text(path) == "first")
        #expect(try folder.names == ["x"])
    }

    @Test func manyWritersLeaveOneWholeFile() async throws {
        let path = path
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    let bytes = [UInt8](repeating: UInt8(writer), count: 10_000)
                    for _ in 0..<20 {
                        // Being told that another one is writing is the other right answer.
                        try? WholeFile.write(to: path) { file in try bytes.withUnsafeBytes { try file.write($0) } }
                    }
                }
            }
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(bytes.count == 10_000 && Set(bytes).count == 1)
        #expect(try folder.names == ["x"])
    }

    @Test func aFolderAppearsWholeOrNotAtAll() throws {
        struct Stopped: Error {}
        #expect(throws: Stopped.self) {
            try WholeFile.writeDirectory(at: path) { aside in
                try write("half", to: aside + "/a")
                throw Stopped()
            }
        }
        #expect(try folder.names == [])
        try FileManager.default.createDirectory(
            atPath: folder.path + "/.x.partial/left", withIntermediateDirectories: true)
        try WholeFile.writeDirectory(at: path + "/") { try write("1", to: $0 + "/a") }
        #expect(try folder.names == ["x"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["a"])
    }

    @Test(arguments: [true, false]) func aFolderIsReplaced(_ canExchange: Bool) throws {
        for text in ["1", "2", "3"] {
            try WholeFile.writeDirectory(at: path, canExchange: canExchange) { try write(text, to: $0 + "/a") }
            #expect(try self.text(path + "/a") == text)
            #expect(try folder.names == ["x"])
        }
    }

    @Test func aFolderIsPutBackWhereAKilledWriterLeftItAside() throws {
        try WholeFile.writeDirectory(at: folder.path + "/.x.replaced") { try write("old", to: $0 + "/a") }
        struct Stopped: Error {}
        #expect(throws: Stopped.self) { try WholeFile.writeDirectory(at: path) { _ in throw Stopped() } }
        #expect(try text(path + "/a") == "old")
        #expect(try folder.names == ["x"])
    }

    @Test func aFolderWithOtherFilesIsLeftAlone() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try write("mine", to: path + "/notes")
        #expect(throws: FileError.foreignFiles(directory: path, names: ["notes"])) {
            try WholeFile.writeDirectory(at: path) { try write("1", to: $0 + "/a") }
        }
        #expect(try text(path + "/notes") == "mine")
        #expect(try folder.names == ["x"])
    }

    @Test func aFileInTheFoldersPlaceIsLeftAlone() throws {
        try write("mine", to: path)
        #expect(throws: FileError.system(operation: "read", file: path, code: ENOTDIR)) {
            try WholeFile.writeDirectory(at: path) { try write("1", to: $0 + "/a") }
        }
        #expect(try text(path) == "mine")
        #expect(try folder.names == ["x"])
    }
}
