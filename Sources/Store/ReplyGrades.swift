// What all graders made of a recipe's replies, for those who compare graders. Knows nothing of how they grade.

internal import GRDB

extension RunStore {
    /// Every grade of a recipe's replies under a condition, by reply; of several by one grader the latest recipe's.
    public func allGrades(ofReplies replies: ContentKey, condition: String) throws -> [ContentKey: [Grade]] {
        try recipesOfGrades(replies, condition).reduce(into: [:]) { found, recipe in
            let grades = try grades(recipe: recipe, replies: replies, condition: condition)
            for (reply, grade) in grades where found[reply]?.contains(where: { $0.grader == grade.grader }) != true {
                found[reply, default: []].append(grade)
            }
        }
    }

    private func recipesOfGrades(_ replies: ContentKey, _ condition: String) throws -> [ContentKey] {
        try read("Reading the grades") { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT recipes.key FROM recipes WHERE key IN (
                        SELECT grades.recipe FROM replies JOIN grades ON grades.reply = replies.id
                        WHERE replies.recipe = ? AND condition = ?
                    ) ORDER BY lastUse DESC
                    """,
                arguments: [replies.description, condition]
            ).map(key)
        }
    }
}
