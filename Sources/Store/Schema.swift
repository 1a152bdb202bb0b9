// The tables of a run, and how a file comes to have them. One migration a released version, never edited afterwards.
//
//   recipes         what makes a stage's rows: model, settings, inputs, in canonical JSON
//   recipeParents   the recipes whose rows another's rest on
//   modelParts      how the models read when the run began, besides their weights
//   documents       what is learned; ordinal is the place in the current corpus, NULL when no longer in it
//   questions       one row a question on a document; secondDocument is another that its answer needs too
//   answers         one row a sample; tokens are 32-bit little-endian ids
//   teacherTargets  where the teacher's hidden states for an answer lie in the run's shards
//   endpointReplies what an endpoint replied, by request, from the moment that it arrived, and what it took: it was paid for
//   heldOut         questions with gold answers, for evaluation, and what must be read to answer; ordinal as for documents
//   rewrites        held-out questions of a user's file in the expert's words, by the question as it was
//   replies         what a model said to a held-out question under a condition
//   grades          what a grader said of a reply
//   choices         which option a model took in a multiple-choice question, and how likely each was to it
//   metrics         training curves
//   measures        what the untrained models make of an answer
//   units           finished pieces of work, committed with the rows that they made
//
// Keys are 32 hexadecimal digits (ContentKey). Tables are STRICT: a column holds the type it names, or the write fails.

internal import GRDB

enum Schema {
    /// "Inst": marks the file as ours, so that another program's database is never migrated.
    private static let applicationID = 0x496E_7374

    /// What a file turns out to be, when it is not refused.
    enum State {
        case empty
        case older
        case current
    }

    /// Says what a file is. Throws for another program's database, and for one from a newer version.
    static func inspect(_ database: Database, file: String) throws -> State {
        if try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_master") == 0 { return .empty }
        guard try Int.fetchOne(database, sql: "PRAGMA application_id") == applicationID else {
            throw StoreError.notAStore(file: file)
        }
        guard try !migrator.hasBeenSuperseded(database) else { throw StoreError.newerVersion(file: file) }
        return try migrator.hasCompletedMigrations(database) ? .current : .older
    }

    /// Brings an empty or older file to the current schema.
    static func migrate(_ pool: DatabasePool) throws {
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA application_id = \(applicationID)") }
        try migrator.migrate(pool)
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: version1) }
        migrator.registerMigration("2") { try $0.execute(sql: version2) }
        migrator.registerMigration("3") { try $0.execute(sql: version3) }
        migrator.registerMigration("4") { try $0.execute(sql: version4) }
        migrator.registerMigration("5") { try $0.execute(sql: version5) }
        migrator.registerMigration("6") { try $0.execute(sql: version6) }
        return migrator
    }

    private static let version1 = """
        CREATE TABLE recipes (
            key TEXT PRIMARY KEY NOT NULL,
            stage TEXT NOT NULL,
            settings TEXT NOT NULL,
            createdAt TEXT NOT NULL,
            lastUse INTEGER NOT NULL,
            seconds REAL NOT NULL DEFAULT 0
        ) STRICT;

        CREATE TABLE documents (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            part INTEGER NOT NULL,
            title TEXT,
            text TEXT NOT NULL,
            source TEXT NOT NULL,
            ordinal INTEGER
        ) STRICT;
        CREATE INDEX documentsByOrdinal ON documents(ordinal) WHERE ordinal IS NOT NULL;
        CREATE INDEX documentsByName ON documents(name);
        CREATE INDEX documentsByTitle ON documents(title);

        CREATE TABLE questions (
            id TEXT PRIMARY KEY NOT NULL,
            document TEXT NOT NULL REFERENCES documents(id),
            recipe TEXT NOT NULL REFERENCES recipes(key),
            position INTEGER NOT NULL,
            text TEXT NOT NULL,
            origin TEXT NOT NULL,
            sentenceIndex INTEGER,
            sentence TEXT,
            expectedAnswer TEXT,
            call TEXT
        ) STRICT;
        CREATE INDEX questionsByDocument ON questions(document, recipe, position);

        CREATE TABLE answers (
            id TEXT PRIMARY KEY NOT NULL,
            question TEXT NOT NULL REFERENCES questions(id) ON DELETE CASCADE,
            recipe TEXT NOT NULL REFERENCES recipes(key),
            sample INTEGER NOT NULL,
            tokens BLOB NOT NULL,
            text TEXT NOT NULL,
            isFinished INTEGER NOT NULL,
            seed INTEGER,
            origin TEXT NOT NULL
        ) STRICT;
        CREATE INDEX answersByRecipe ON answers(recipe, id);
        CREATE INDEX answersByQuestion ON answers(question, recipe, sample);

        CREATE TABLE teacherTargets (
            answer TEXT NOT NULL REFERENCES answers(id) ON DELETE CASCADE,
            recipe TEXT NOT NULL REFERENCES recipes(key),
            shard TEXT NOT NULL,
            row INTEGER NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (answer, recipe)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE heldOut (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            document TEXT REFERENCES documents(id),
            question TEXT NOT NULL,
            golds TEXT NOT NULL,
            source TEXT NOT NULL,
            ordinal INTEGER
        ) STRICT;
        CREATE INDEX heldOutByOrdinal ON heldOut(ordinal) WHERE ordinal IS NOT NULL;

        CREATE TABLE endpointReplies (
            request TEXT PRIMARY KEY NOT NULL,
            text TEXT NOT NULL,
            isFinished INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE replies (
            id TEXT PRIMARY KEY NOT NULL,
            heldOut TEXT NOT NULL REFERENCES heldOut(id),
            recipe TEXT NOT NULL REFERENCES recipes(key),
            condition TEXT NOT NULL,
            text TEXT NOT NULL,
            tokenCount INTEGER NOT NULL,
            isFinished INTEGER NOT NULL,
            context TEXT NOT NULL
        ) STRICT;
        CREATE INDEX repliesByRecipe ON replies(recipe, condition, heldOut);

        CREATE TABLE grades (
            reply TEXT NOT NULL REFERENCES replies(id) ON DELETE CASCADE,
            recipe TEXT NOT NULL REFERENCES recipes(key),
            grader TEXT NOT NULL,
            verdict TEXT NOT NULL,
            reasoning TEXT,
            PRIMARY KEY (reply, recipe)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE metrics (
            recipe TEXT NOT NULL REFERENCES recipes(key),
            step INTEGER NOT NULL,
            name TEXT NOT NULL,
            value REAL,
            seconds REAL NOT NULL,
            PRIMARY KEY (recipe, step, name)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE units (
            recipe TEXT NOT NULL REFERENCES recipes(key),
            key TEXT NOT NULL,
            counts TEXT NOT NULL,
            PRIMARY KEY (recipe, key)
        ) STRICT, WITHOUT ROWID;
        """

    /// Questions on two documents, held-out questions that need several, and multiple choice.
    private static let version2 = """
        ALTER TABLE questions ADD COLUMN secondDocument TEXT REFERENCES documents(id);

        ALTER TABLE heldOut ADD COLUMN context TEXT NOT NULL DEFAULT '[]';
        UPDATE heldOut SET context = json_array(document) WHERE document IS NOT NULL;

        CREATE TABLE choices (
            question TEXT NOT NULL,
            recipe TEXT NOT NULL REFERENCES recipes(key),
            option INTEGER,
            scores TEXT NOT NULL,
            reply TEXT,
            PRIMARY KEY (recipe, question)
        ) STRICT, WITHOUT ROWID;
        """

    private static let version3 = """
        CREATE TABLE measures (
            answer TEXT NOT NULL REFERENCES answers(id) ON DELETE CASCADE,
            recipe TEXT NOT NULL REFERENCES recipes(key),
            initialKL REAL NOT NULL,
            teacherEntropy REAL NOT NULL,
            PRIMARY KEY (answer, recipe)
        ) STRICT, WITHOUT ROWID;
        """

    /// What an endpoint's replies took.
    private static let version4 = """
        ALTER TABLE endpointReplies ADD COLUMN recipe TEXT REFERENCES recipes(key);
        ALTER TABLE endpointReplies ADD COLUMN promptTokens INTEGER;
        ALTER TABLE endpointReplies ADD COLUMN completionTokens INTEGER;
        ALTER TABLE endpointReplies ADD COLUMN cost REAL;
        CREATE INDEX endpointRepliesByRecipe ON endpointReplies(recipe) WHERE recipe IS NOT NULL;
        """

    /// What rests on what, which recipes said by their settings alone; and rewritten held-out questions. Regularised trainings
    /// did not name what had read their instructions: where there is but one it was that.
    private static let version5 = """
        CREATE TABLE recipeParents (
            recipe TEXT NOT NULL REFERENCES recipes(key),
            role TEXT NOT NULL,
            parent TEXT NOT NULL REFERENCES recipes(key),
            PRIMARY KEY (recipe, role)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO recipeParents
        SELECT named.recipe, named.role, named.parent FROM (
            SELECT key AS recipe, 'questions' AS role, settings ->> '$.questions' AS parent FROM recipes
            WHERE stage IN ('answers', 'question checks')
            UNION ALL SELECT key, 'answers', settings ->> '$.answers' FROM recipes
            WHERE stage IN ('measures', 'training')
            UNION ALL SELECT key, 'training', settings ->> '$.adapter' FROM recipes
            WHERE stage LIKE 'evaluation of %' OR stage LIKE 'forgetting of %'
            UNION ALL SELECT key, 'instructions', (SELECT key FROM recipes WHERE stage = 'regularisation') FROM recipes
            WHERE stage = 'training' AND settings ->> '$.regularisation' IS NOT NULL
            AND (SELECT COUNT(*) FROM recipes WHERE stage = 'regularisation') = 1
        ) AS named JOIN recipes AS parents ON parents.key = named.parent;

        CREATE TABLE rewrites (
            recipe TEXT NOT NULL REFERENCES recipes(key),
            heldOut TEXT NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (recipe, heldOut)
        ) STRICT, WITHOUT ROWID;
        """

    private static let version6 = """
        CREATE TABLE modelParts (
            weights TEXT NOT NULL,
            part TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (weights, part)
        ) STRICT, WITHOUT ROWID;
        """
}
