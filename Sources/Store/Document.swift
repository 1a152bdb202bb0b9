// Documents: what is to be learned. A row is named by its title and text and never changes; whether it belongs to the
// present corpus, and where, is told by its ordinal. Knows nothing of files.

import Basics
import Foundation
internal import GRDB

/// One document, or one passage of a long one.
public struct Document: Equatable, Sendable {
    /// Hash of title and text.
    public let id: ContentKey
    /// What people and held-out questions call it: an id from its file, or the file's path below the given folder.
    public let name: String
    /// Which passage of the named document this is, from 0.
    public let part: Int
    /// Its title, where it has one.
    public let title: String?
    public let text: String
    /// Where it came from, for messages: a path, with a line number in files of many documents.
    public let source: String

    /// A document, its id made from its title and text.
    public init(name: String, part: Int = 0, title: String?, text: String, source: String) {
        let id = ContentKey(of: "document", title ?? "", text)
        self.init(id: id, name: name, part: part, title: title, text: text, source: source)
    }

    fileprivate init(id: ContentKey, name: String, part: Int, title: String?, text: String, source: String) {
        self.id = id
        self.name = name
        self.part = part
        self.title = title
        self.text = text
        self.source = source
    }
}

/// How a corpus differs from the one before.
public struct DocumentChanges: Equatable, Sendable {
    /// Documents that are new, not counting changed ones.
    public var added = 0
    /// Documents that were there before, word for word.
    public var unchanged = 0
    /// Documents that say the same as an earlier one of this corpus, and were left out.
    public var duplicates = 0
    /// Names of documents that say something else than before.
    public var changed: [String] = []
    /// Names of documents that are no longer there.
    public var removed: [String] = []
}

extension RunStore {
    /// Makes `documents`, in their order, the run's corpus, all or nothing.
    ///
    /// The sequence is read once, one document in memory at a time. Documents that are no longer in the corpus keep
    /// their rows, with all that was made from them, and find them again when they come back.
    public func replaceDocuments(_ documents: some Sequence<Document>) throws -> DocumentChanges {
        try write("Recording the documents") { database in
            try database.execute(
                sql: """
                    CREATE TEMP TABLE previous AS SELECT id, name FROM documents WHERE ordinal IS NOT NULL;
                    CREATE UNIQUE INDEX temp.previousByID ON previous(id);
                    CREATE INDEX temp.previousByName ON previous(name);
                    CREATE TEMP TABLE present(id TEXT PRIMARY KEY, name TEXT NOT NULL);
                    CREATE INDEX temp.presentByName ON present(name);
                    """)
            var changes = DocumentChanges()
            var ordinal = 0
            for document in documents {
                if try upsert(document, ordinal: ordinal, in: database) {
                    ordinal += 1
                } else {
                    changes.duplicates += 1
                }
            }
            try compare(in: database, into: &changes)
            try database.execute(
                sql: """
                    UPDATE documents SET ordinal = NULL WHERE ordinal IS NOT NULL AND id NOT IN (SELECT id FROM present);
                    DROP TABLE previous;
                    DROP TABLE present;
                    """)
            return changes
        }
    }

    /// Writes a document at its place; false if the corpus has it already.
    private func upsert(_ document: Document, ordinal: Int, in database: Database) throws -> Bool {
        try database.cachedStatement(sql: "INSERT OR IGNORE INTO temp.present VALUES (?, ?)")
            .execute(arguments: [document.id.description, document.name])
        guard database.changesCount == 1 else { return false }
        // An unchanged document costs no write.
        try database.cachedStatement(
            sql: """
                INSERT INTO documents(id, name, part, title, text, source, ordinal) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(id) DO UPDATE SET
                    name = excluded.name, part = excluded.part, source = excluded.source, ordinal = excluded.ordinal
                WHERE ordinal IS NOT excluded.ordinal OR name <> excluded.name OR part <> excluded.part
                    OR source <> excluded.source
                """
        ).execute(arguments: [
            document.id.description, document.name, document.part, document.title, document.text, document.source,
            ordinal,
        ])
        return true
    }

    private func compare(in database: Database, into changes: inout DocumentChanges) throws {
        let vanished = "SELECT name FROM previous WHERE id NOT IN (SELECT id FROM present)"
        let appeared = "SELECT name FROM present WHERE id NOT IN (SELECT id FROM previous)"
        // By name, since a long document is several passages of which some may be as before.
        changes.changed = try String.fetchAll(
            database,
            sql: """
                SELECT name FROM (\(vanished) UNION \(appeared))
                WHERE name IN (SELECT name FROM previous) AND name IN (SELECT name FROM present) ORDER BY name
                """)
        changes.removed = try String.fetchAll(
            database,
            sql: "SELECT DISTINCT name FROM (\(vanished)) WHERE name NOT IN (SELECT name FROM present) ORDER BY name")
        changes.added =
            try Int.fetchOne(
                database,
                sql: "SELECT COUNT(*) FROM (\(appeared)) WHERE name NOT IN (SELECT name FROM previous)") ?? 0
        changes.unchanged =
            try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM present WHERE id IN (SELECT id FROM previous)") ?? 0
    }

    /// How many documents the corpus has.
    public func documentCount() throws -> Int {
        try read("Counting the documents") { database in
            try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM documents WHERE ordinal IS NOT NULL") ?? 0
        }
    }

    /// The corpus, in order.
    public func documents(pageSize: Int = 64) -> RowStream<Document> {
        RowStream(pageSize: pageSize, start: -1) { after, limit in
            try self.read("Reading the documents") { database in
                try Row.fetchAll(
                    database, sql: "SELECT * FROM documents WHERE ordinal > ? ORDER BY ordinal LIMIT ?",
                    arguments: [after, limit]
                ).map { ($0["ordinal"], try self.document($0)) }
            }
        }
    }

    /// The document with an id, in the corpus or not; nil if there never was one.
    public func document(_ id: ContentKey) throws -> Document? {
        try read("Reading a document") { database in
            try Row.fetchOne(database, sql: "SELECT * FROM documents WHERE id = ?", arguments: [id.description])
                .map(document)
        }
    }

    /// The passages of the corpus that `reference` names, by name or by title, in order.
    public func documents(named reference: String) throws -> [Document] {
        try read("Looking for a document") { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM documents WHERE ordinal IS NOT NULL AND id IN (
                        SELECT id FROM documents WHERE name = ?1 UNION SELECT id FROM documents WHERE title = ?1
                    ) ORDER BY +ordinal
                    """,
                arguments: [reference]
            ).map(document)
        }
    }

    private func document(_ row: Row) throws -> Document {
        Document(
            id: try key(row["id"]), name: row["name"], part: row["part"], title: row["title"], text: row["text"],
            source: row["source"])
    }
}
