// Which passage of the run a question is about, by what its row says of it. Knows nothing of how questions are asked.

import Basics
import Foundation
import Store

/// Finds passages of the run's corpus.
struct PassageFinder {
    private let store: RunStore
    /// The corpus by its texts, once it has been asked for.
    private var idsByText: [ContentKey: ContentKey]?
    /// The corpus by its names and titles as they read, once one was asked for that is written otherwise.
    private var idsByName: [String: [ContentKey]]?

    init(_ store: RunStore) { self.store = store }

    /// The passages of the document that a user's reference means: its name or title, or its file's name with or without
    /// the extension or the folders before it; as it is written, else as it reads: macOS writes accents apart.
    mutating func passages(of reference: String) throws -> [Document] {
        let file = reference.split(separator: "/").last.map(String.init) ?? reference
        let names = [reference, "\(reference).md", "\(reference).txt", "\(reference).markdown", file]
        for name in names {
            let passages = try store.documents(named: name)
            if !passages.isEmpty { return passages }
        }
        let idsByName = try idsOfNames()
        let ids = names.lazy.compactMap { idsByName[$0.foldedForComparison] }.first ?? []
        return try ids.compactMap(store.document)
    }

    /// The paragraph in the store, or where it was too long, its passages; of a paragraph that is there in another form, the
    /// passages of the document of its title.
    mutating func passages(of paragraph: Document) throws -> [Document] {
        let same = try passages(of: paragraph, named: paragraph.name)
        if !same.isEmpty { return same }
        if let id = try ids()[PassageFinder.key(paragraph)], let passage = try store.document(id) { return [passage] }
        return try paragraph.title.map { try passages(of: $0) } ?? []
    }

    /// The paragraph among the documents of a name, or where it was too long, its passages.
    func passages(of paragraph: Document, named name: String) throws -> [Document] {
        let passages = try store.documents(named: name)
        if let same = passages.first(where: { $0.text == paragraph.text }) { return [same] }
        return passages.filter { paragraph.text.contains($0.text) }
    }

    private mutating func ids() throws -> [ContentKey: ContentKey] {
        if let idsByText { return idsByText }
        var ids: [ContentKey: ContentKey] = [:]
        try store.documents().forEach { ids[PassageFinder.key($0)] = $0.id }
        idsByText = ids
        return ids
    }

    private static func key(_ document: Document) -> ContentKey { ContentKey(of: document.text.foldedForComparison) }

    private mutating func idsOfNames() throws -> [String: [ContentKey]] {
        if let idsByName { return idsByName }
        var ids: [String: [ContentKey]] = [:]
        try store.documents().forEach { document in
            for name in Set([document.name, document.title ?? document.name].map(\.foldedForComparison)) {
                ids[name, default: []].append(document.id)
            }
        }
        idsByName = ids
        return ids
    }

    /// Of several passages of one document, the one that shares the most words with the question and the golds; one that
    /// holds a gold answer goes before all that hold none.
    static func likeliest(of passages: [Document], question: String, golds: [String]) -> Document? {
        guard passages.count > 1 else { return passages.first }
        let holding = passages.filter { AnswerMatch.contains($0.text, anyOf: golds) }
        let candidates = holding.isEmpty ? passages : holding
        let wanted = words(question + " " + golds.joined(separator: " "))
        var best = (document: candidates.first, shared: -1)
        for candidate in candidates {
            let shared = words(candidate.text).intersection(wanted).count
            if shared > best.shared { best = (candidate, shared) }
        }
        return best.document
    }

    private static func folded(_ text: String) -> String { text.foldedForComparison.lowercased() }

    private static func words(_ text: String) -> Set<Substring> {
        Set(folded(text).split { !$0.isLetter && !$0.isNumber })
    }
}
