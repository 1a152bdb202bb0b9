// Choices are kept with the piece of work that made them, each once.

import Basics
import Lineage
import Store
import Testing

@Suite struct ChoiceTests {
    @Test func choicesComeBackAndTheFirstStands() throws {
        let folder = try TemporaryFolder()
        let store = try RunStore(directory: folder.url)
        let recipes = try ["a", "b"].map {
            try store.recordRecipe(PersonRecipe(grader: "\($0)"), stage: StageID(rawValue: "forgetting"))
        }
        let questions = ["1", "2"].map { ContentKey(of: $0) }
        let scored = Choice(question: questions[0], recipe: recipes[0], option: 2, scores: [-1.5, -0.25, -0.1])
        let replied = Choice(question: questions[1], recipe: recipes[0], option: nil, reply: "I do not know.")
        try store.finishUnit(UnitOfWork(recipe: recipes[0], key: "x"), choices: [scored, replied])
        let other = Choice(question: questions[0], recipe: recipes[0], option: 0)
        try store.finishUnit(UnitOfWork(recipe: recipes[0], key: "y"), choices: [other])
        #expect(try store.choices(recipe: recipes[0]) == [questions[0]: scored, questions[1]: replied])
        #expect(try store.choices(recipe: recipes[1]) == [:])
    }
}
