// Which model and which embedder are used when none is named, and how this program was started. Knows places, not models.

import Foundation
import Report

enum Installation {
    static let defaultModelName = "SmolLM2-135M-Instruct.Q4_1.gguf"
    static let defaultEmbedderName = "all-MiniLM-L6-v2"

    /// The folder of the package that this executable was built in; nil where it was copied elsewhere.
    static var root: URL? {
        guard var folder = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return nil }
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            if FileManager.default.fileExists(atPath: folder.appending(path: ".deps").path) { return folder }
        }
        return nil
    }

    /// `INSTILL_MODEL`, else the model that set-up fetched.
    static func defaultModel() throws(CommandError) -> String {
        if let named = ProcessInfo.processInfo.environment["INSTILL_MODEL"], !named.isEmpty {
            return named.absolutePath
        }
        guard let model = root?.appending(path: ".deps/\(defaultModelName)").path,
            FileManager.default.fileExists(atPath: model)
        else { throw .noDefaultModel }
        return model
    }

    /// `INSTILL_EMBEDDER`, else the embedder that set-up fetched; empty where there is none, for few runs need one.
    static func defaultEmbedder() -> String {
        if let named = ProcessInfo.processInfo.environment["INSTILL_EMBEDDER"], !named.isEmpty {
            return named.absolutePath
        }
        guard let folder = root?.appending(path: ".deps/\(defaultEmbedderName)").path,
            FileManager.default.fileExists(atPath: folder)
        else { return "" }
        return folder
    }

    /// Chart.js for reports: beside the program in the one file of `make dist`, else what set-up fetched; nil without.
    static var chartLibrary: ChartLibrary? {
        let beside = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
        let places = [beside?.appending(path: "charts"), root?.appending(path: ".deps/charts")]
        return places.lazy.compactMap { $0 }.compactMap { ChartLibrary(directory: $0) }.first
    }

    /// What the user types to run this program: the launcher where there is one, seen from the working directory.
    static var command: String {
        guard let launcher = root?.appending(path: "scripts/instill").path,
            FileManager.default.isExecutableFile(atPath: launcher)
        else { return "instill" }
        return launcher.relativeToWorkingDirectory
    }
}

extension String {
    /// A path that means the same in every folder; `base` is the folder that it is relative to, the working directory
    /// unless told otherwise.
    func absolutePath(from base: String) -> String {
        guard !isEmpty else { return self }
        let expanded = NSString(string: self).expandingTildeInPath
        return URL(fileURLWithPath: expanded, relativeTo: URL(fileURLWithPath: base, isDirectory: true))
            .standardizedFileURL.path
    }

    /// As above, from the working directory.
    var absolutePath: String { absolutePath(from: FileManager.default.currentDirectoryPath) }

    /// The shortest way to write an absolute path below the working directory; other paths stay as they are.
    var relativeToWorkingDirectory: String {
        let folder = FileManager.default.currentDirectoryPath + "/"
        return hasPrefix(folder) ? String(dropFirst(folder.count)) : self
    }
}
