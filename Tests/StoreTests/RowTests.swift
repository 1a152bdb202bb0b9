// Every kind of row comes back as it went in, once, however often it is written.

import Basics
import Foundation
import Lineage
import Statistics
@testable import Store
import Testing

@Suite struct RowTests {
    let folder: TemporaryFolder
    let store: RunStore
    let recipe: ContentKey

    init() throws {
        folder = try TemporaryFolder()
        store = try RunStore(directory: folder.url.appending(path: "runs/first"))
        recipe = try store.recordRecipe(PersonRecipe(grader: "tiny"), stage: .questions)
    }

    @Test func documentsComeBackInOrderAcrossPages() throws {
        let documents = Array(makeDocuments(10))
        #expect(try store.replaceDocuments(documents).added == 10)
        var read: [Document] = []
        try store.documents(pageSize: 3).forEach { read.append($0) }
        #expect(read == documents)
        #expect(try store.documentCount() == 10)
        #expect(try store.document(documents[4].id) == documents[4])
        #expect(try store.document(ContentKey(of: "nothing")) == nil)
    }

    @Test func documentsAreFoundByNameAndTitle() throws {
        let first = makeDocument("manual.md", part: 0, title: "The Manual", text: "One.")
        let second = makeDocument("manual.md", part: 1, title: "The Manual", text: "Two.")
        _ = try store.replaceDocuments([first, makeDocument("other.md", text: "Three."), second])
        #expect(try store.documents(named: "manual.md") == [first, second])
        #expect(try store.documents(named: "The Manual") == [first, second])
        #expect(try store.documents(named: "manual") == [])
    }

    @Test func questionsAnswersAndTargetsComeBack() throws {
        let document = makeDocument("a", text: "Text.")
        _ = try store.replaceDocuments([document])
        let questions = makeQuestions(3, on: document, recipe: recipe)
        let answers = makeAnswers(to: questions, recipe: recipe)
        let place = TeacherTarget.Place(shard: "targets-0.safetensors", row: 7, count: 5)
        let unit = UnitOfWork(recipe: recipe, key: document.id.description)
        let target = TeacherTarget(answer: answers[1].id, recipe: recipe, place: place)
        try store.finishUnit(unit, questions: questions, answers: answers, targets: [target])

        #expect(try store.questions(document: document.id, recipe: recipe) == questions)
        let mixed = [questions[2].id, ContentKey(of: "nothing"), questions[0].id]
        #expect(try store.questions(ids: mixed) == [questions[2], questions[0]])
        #expect(try store.answers(ids: [answers[2].id, answers[0].id]) == [answers[2], answers[0]])
        #expect(try store.answers(question: questions[1].id, recipe: recipe) == [answers[1]])

        #expect(try store.answerTotals(recipe: recipe) == AnswerTotals(answers: 3, finished: 3, tokens: 15))
    }

    @Test func aQuestionOnTwoDocumentsIsThereWhileBothAre() throws {
        let (first, second) = (makeDocument("a", text: "One."), makeDocument("b", text: "Two."))
        _ = try store.replaceDocuments([first, second])
        let alone = makeQuestions(1, on: first, recipe: recipe)
        let paired = Question(
            document: first.id, recipe: recipe, position: 1, text: "Which is more?", secondDocument: second.id)
        let questions = alone + [paired]
        try store.finishUnit(
            UnitOfWork(recipe: recipe, key: "a"), questions: questions,
            answers: makeAnswers(to: questions, recipe: recipe))
        #expect(try store.questions(document: first.id, recipe: recipe) == questions)
        #expect(try store.questionCount(recipe: recipe) == 2)

        _ = try store.replaceDocuments([first])
        #expect(try store.questions(document: first.id, recipe: recipe) == alone)
        #expect(try store.questionCount(recipe: recipe) == 1)
        #expect(try store.answerTotals(recipe: recipe).answers == 1)
        let other = try store.recordRecipe(PersonRecipe(grader: "tiny"), stage: .answers)
        let open = try store.unansweredQuestions(document: first.id, recipe: recipe, answerRecipe: other)
        #expect(open == alone)

        _ = try store.replaceDocuments([first, second])
        #expect(try store.questionCount(recipe: recipe) == 2)
        let same = Question(document: first.id, recipe: recipe, position: 1, text: "Which is more?")
        #expect(same.id != paired.id)
    }

    @Test func trainingLeavesOutTheAnswersToNamedQuestions() throws {
        let document = makeDocument("a", text: "Text.")
        _ = try store.replaceDocuments([document])
        let questions = makeQuestions(4, on: document, recipe: recipe)
        let answers = makeAnswers(to: questions, recipe: recipe)
        let targets = answers.map {
            TeacherTarget(answer: $0.id, recipe: recipe, place: .init(shard: "s", row: 0, count: 5))
        }
        try store.finishUnit(
            UnitOfWork(recipe: recipe, key: "a"), questions: questions, answers: answers, targets: targets)
        var keys: [ContentKey] = []
        let excluded: Set<ContentKey> = [questions[1].id, questions[3].id]
        try store.trainingKeys(recipe: recipe, teacher: recipe, without: excluded, pageSize: 1)
            .forEach { keys.append($0) }
        #expect(Set(keys) == [answers[0].id, answers[2].id])
    }

    @Test func trainingReadsTheKeysOfTaughtAnswersThenTheirContents() throws {
        let document = makeDocument("a", text: "Text.")
        _ = try store.replaceDocuments([document])
        let questions = makeQuestions(5, on: document, recipe: recipe)
        let answers = makeAnswers(to: questions, recipe: recipe)
        let targets = answers.dropFirst().enumerated().map { place, answer in
            TeacherTarget(
                answer: answer.id, recipe: recipe, place: .init(shard: "a.safetensors", row: 5 * place, count: 5))
        }
        let unit = UnitOfWork(recipe: recipe, key: document.id.description)
        try store.finishUnit(unit, questions: questions, answers: answers, targets: targets)

        var keys: [ContentKey] = []
        try store.trainingKeys(recipe: recipe, teacher: recipe, pageSize: 2).forEach { keys.append($0) }
        #expect(keys == targets.map(\.answer).sorted())
        let other = try store.recordRecipe(PersonRecipe(grader: "another"), stage: .answers)
        var untaught = store.trainingKeys(recipe: recipe, teacher: other)
        #expect(try untaught.next() == nil)

        let wanted = [answers[3].id, answers[0].id, answers[1].id]
        let rows = try store.trainingAnswers(wanted, teacher: recipe)
        #expect(rows.map(\.answer) == [answers[3].id, answers[1].id])
        #expect(rows.map(\.question) == [questions[3].text, questions[1].text])
        #expect(rows.map(\.target) == [targets[2].place, targets[0].place])
        #expect(rows.allSatisfy { $0.tokens == answers[0].tokens })
    }

    @Test func aListOfKeysIsNamedAsItsDigitsAre() {
        let keys = (0..<40).map { ContentKey(of: String($0)) }
        for count in [0, 1, 2, 40] {
            let digits = keys.prefix(count).map(\.description).joined(separator: " ")
            #expect(ContentKey(of: "name", keys: keys.prefix(count)) == ContentKey(of: "name", digits))
        }
    }

    @Test func writingTheSameRowsTwiceMakesThemOnce() throws {
        let document = makeDocument("a", text: "Text.")
        _ = try store.replaceDocuments([document])
        let questions = makeQuestions(3, on: document, recipe: recipe)
        let answers = makeAnswers(to: questions, recipe: recipe)
        for key in ["one", "two"] {
            #expect(try store.finishUnit(UnitOfWork(recipe: recipe, key: key), questions: questions, answers: answers))
        }
        #expect(try store.questionCount(recipe: recipe) == 3)
        #expect(try store.answerTotals(recipe: recipe).answers == 3)
    }

    @Test func heldOutQuestionsRepliesAndGradesComeBack() throws {
        let document = makeDocument("a", text: "Text.")
        _ = try store.replaceDocuments([document])
        let questions = (0..<3).map { index in
            HeldOutQuestion(
                name: "q\(index)", document: index == 0 ? nil : document.id, question: "How high is \(index)?",
                golds: ["ten \"metres\"", "10 m"], source: "held.jsonl:\(index + 1)")
        }
        try store.replaceHeldOutQuestions(questions + questions)
        var read: [HeldOutQuestion] = []
        try store.heldOutQuestions(pageSize: 2).forEach { read.append($0) }
        #expect(read == questions)

        let replies = questions.reversed().map { question in
            Reply(
                heldOut: question.id, recipe: recipe, condition: EvaluationCondition(subject: .base, book: .oracle),
                text: "Ten.", tokenCount: 2,
                isFinished: true, context: [document.id])
        }
        try store.finishUnit(UnitOfWork(recipe: recipe, key: "oracle"), replies: replies)
        #expect(
            try store.replies(recipe: recipe, condition: EvaluationCondition(subject: .base, book: .oracle))
                == replies.reversed())
        #expect(try store.conditions(recipe: recipe) == [EvaluationCondition(subject: .base, book: .oracle)])

        let judge = try store.recordRecipe(PersonRecipe(grader: "substring"), stage: StageID(rawValue: "grades"))
        for verdict in [Verdict.unparsed, .correct] {
            let grade = Grade(
                reply: replies[0].id, recipe: judge, grader: "substring", verdict: verdict, reasoning: "!")
            try store.finishUnit(UnitOfWork(recipe: judge, key: "\(verdict)"), grades: [grade])
            let read = try store.grades(
                recipe: judge, replies: recipe, condition: EvaluationCondition(subject: .base, book: .oracle))
            #expect(read == [replies[0].id: grade])
        }

        try store.replaceHeldOutQuestions(questions.suffix(1))
        #expect(try store.heldOutCount() == 1)
        #expect(
            try store.replies(recipe: recipe, condition: EvaluationCondition(subject: .base, book: .oracle)).map(
                \.heldOut) == [questions[2].id])
    }

    @Test func metricsAreReplacedByStep() throws {
        let first = Metric(step: 1, name: "loss", value: 2, seconds: 1)
        let again = Metric(step: 1, name: "loss", value: 1.5, seconds: 1.5)
        let rate = Metric(step: 0, name: "rate", value: .infinity, seconds: 0)
        try store.appendMetrics([first, rate], recipe: recipe)
        try store.appendMetrics([again], recipe: recipe)
        #expect(try store.metrics(recipe: recipe) == [rate, again])
        #expect(try store.metrics(recipe: recipe, name: "loss") == [again])
        try store.appendMetrics([Metric(step: 2, name: "loss", value: .nan, seconds: 2)], recipe: recipe)
        #expect(try store.metrics(recipe: recipe, name: "loss").last?.value.isNaN == true)
    }

    @Test func editingQuestionsKeepsTheAnswersOfThoseThatStay() throws {
        let document = makeDocument("a", text: "Text.")
        _ = try store.replaceDocuments([document])
        let questions = makeQuestions(3, on: document, recipe: recipe)
        let answers = makeAnswers(to: questions, recipe: recipe)
        try store.finishUnit(UnitOfWork(recipe: recipe, key: "a"), questions: questions, answers: answers)
        let own = Question(document: document.id, recipe: recipe, position: 9, text: "Mine?", origin: .user)

        try store.replaceQuestions(document: document.id, recipe: recipe, with: [questions[0], questions[2], own])
        #expect(try store.questions(document: document.id, recipe: recipe) == [questions[0], questions[2], own])
        #expect(try store.answers(ids: answers.map(\.id)) == [answers[0], answers[2]])
        let open = try store.unansweredQuestions(document: document.id, recipe: recipe, answerRecipe: recipe)
        #expect(open == [own])
        let second = try store.unansweredQuestions(
            document: document.id, recipe: recipe, answerRecipe: recipe, samples: 2)
        #expect(second == [questions[0], questions[2], own])
    }
}
