// The files below a folder, in the order of their names, links followed, hidden ones left out. Knows nothing of what is in
// them.

import Foundation

/// Walks a folder depth first; a folder's names are in memory while it is walked, no more.
struct FileListing {
    /// A file, or something that cannot be walked.
    enum Entry: Equatable {
        case file(URL, name: String)
        case skipped(SkippedDocument)
    }

    private struct Folder: Equatable {
        let device: UInt64
        let inode: UInt64
    }

    private struct Level {
        let url: URL
        let prefix: String
        let identity: Folder?
        var names: ArraySlice<String>
    }

    private var levels: [Level] = []
    private var pending: Entry?

    /// A listing of one file, or of everything below a folder. Names are relative to the folder.
    init(_ root: URL) {
        if Self.isFolder(root) {
            pending = enter(root, prefix: "")
        } else {
            pending = .file(root, name: root.lastPathComponent)
        }
    }

    /// The next file in order, or nil after the last.
    mutating func next() -> Entry? {
        if let entry = pending {
            pending = nil
            return entry
        }
        while !levels.isEmpty {
            guard let name = levels[levels.count - 1].names.popFirst() else {
                levels.removeLast()
                continue
            }
            let level = levels[levels.count - 1]
            let url = level.url.appending(path: name)
            guard Self.isFolder(url) else { return .file(url, name: level.prefix + name) }
            if let skipped = enter(url, prefix: "\(level.prefix)\(name)/") { return skipped }
        }
        return nil
    }

    /// Goes into a folder, or says why not.
    private mutating func enter(_ folder: URL, prefix: String) -> Entry? {
        let identity = Self.identity(folder)
        if let identity, levels.contains(where: { $0.identity == identity }) {
            return .skipped(SkippedDocument(folder.path, .linkLoop))
        }
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { !$0.hasPrefix(".") }.sorted()
            levels.append(Level(url: folder, prefix: prefix, identity: identity, names: names[...]))
            return nil
        } catch {
            return .skipped(SkippedDocument(folder.path, .unreadable(TextFile.explain(error))))
        }
    }

    private static func isFolder(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
    }

    private static func identity(_ folder: URL) -> Folder? {
        var status = stat()
        guard stat(folder.path, &status) == 0 else { return nil }
        return Folder(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}
