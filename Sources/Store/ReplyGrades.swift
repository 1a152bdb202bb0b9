// Which replies of a run count, and what all graders made of them: of what was done several times, the last. Knows nothing of
// how anything is graded.

import Basics
internal import GRDB
import Lineage

/// The replies that count under a condition: those of the recipe that was last used for it.
public struct NewestReplies: Equatable, Sendable {
    public let condition: EvaluationCondition
    public let recipe: ContentKey
}

extension RunStore {
    /// Every condition under which the held-out questions were asked, by name.
    public func newestReplies() throws -> [NewestReplies] {
        var newest: [EvaluationCondition: ContentKey] = [:]
        for recipe in try recipes() {
            for condition in try conditions(recipe: recipe.key) where newest[condition] == nil {
                newest[condition] = recipe.key
            }
        }
        return newest.sorted { $0.key.name < $1.key.name }.map { NewestReplies(condition: $0.key, recipe: $0.value) }
    }

    /// Every grade of a recipe's replies under a condition, by reply. Where a grader has graded under several recipes, the
    /// last used one counts.
    public func allGrades(ofReplies replies: ContentKey, condition: EvaluationCondition) throws -> [ContentKey: [Grade]]
    {
        var seen: Set<String> = []
        return try graders(replies: replies, condition: condition).reduce(into: [:]) { found, grader in
            guard seen.insert(grader.name).inserted else { return }
            for (reply, grade) in try grades(recipe: grader.recipe, replies: replies, condition: condition)
            where grade.grader == grader.name {
                found[reply, default: []].append(grade)
            }
        }
    }

    /// How many grades a recipe has given.
    public func gradeCount(recipe: ContentKey) throws -> Int {
        try read("Counting the grades") { database in
            try Int.fetchOne(
                database, sql: "SELECT COUNT(*) FROM grades WHERE recipe = ?", arguments: [recipe.description]) ?? 0
        }
    }

    /// Who graded a recipe's replies under a condition, and by which recipes; the most recently used recipe first.
    public func graders(replies: ContentKey, condition: EvaluationCondition) throws -> [(
        name: String, recipe: ContentKey
    )] {
        try read("Reading the graders") { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT grades.grader, grades.recipe, lastUse FROM replies
                    JOIN grades ON grades.reply = replies.id JOIN recipes ON recipes.key = grades.recipe
                    WHERE replies.recipe = ? AND condition = ? ORDER BY lastUse DESC, grader
                    """,
                arguments: [replies.description, condition.name]
            ).map { (name: $0["grader"], recipe: try key($0["recipe"])) }
        }
    }
}
