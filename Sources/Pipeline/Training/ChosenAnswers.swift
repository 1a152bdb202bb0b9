// Which of a run's answers are trained on, and which are kept for validation: sixteen bytes an answer. Knows keys and measures,
// not tokens.

import Basics
import Lineage
import Store

struct ChosenAnswers {
    private let store: RunStore
    private(set) var answers: SampleSplit<ContentKey>

    /// All answers of a set.
    init(store: RunStore, answers set: AnswerSet, configuration: RunConfiguration) throws {
        self.store = store
        var answers: [ContentKey] = []
        answers.reserveCapacity(set.count)
        let settings = configuration.questions
        let leaks = settings.dropsLeaks ? try store.leaks(of: set.questions, settings) : []
        try store.trainingKeys(recipe: set.recipe, teacher: set.recipe, without: leaks).forEach { answers.append($0) }
        self.answers = SampleSplit(
            answers, validationFraction: configuration.training.validationFraction, seed: configuration.seed)
    }

    /// Names the samples and their order.
    var key: ContentKey { ContentKey(of: "training data", keys: answers.training + answers.validation) }

    /// Trains on the answers to at most so many questions of each document.
    ///
    /// A hash of the seed and the question alone ranks a document's questions, so that those for a number are among those for
    /// any larger one. They are chosen among what is left for training once validation has its share of all answers, and not
    /// the other way about: else a sample that one number keeps for validation would be trained on under another.
    mutating func train(onQuestionsPerDocument most: Int, seed: UInt64) throws {
        var questions: [ContentKey: Set<ContentKey>] = [:]
        let subjects = try answers.training.inPages.flatMap(store.subjects)
        for subject in subjects { questions[subject.document, default: []].insert(subject.question) }
        var chosen: Set<ContentKey> = []
        for ofDocument in questions.values {
            let ranked = ofDocument.map { (rank: $0.seed(run: seed), question: $0) }
                .sorted { ($0.rank, $0.question) < ($1.rank, $1.question) }
            chosen.formUnion(ranked.prefix(most).map(\.question))
        }
        let kept = Set(zip(answers.training, subjects).filter { chosen.contains($1.question) }.map(\.0))
        answers.train(onlyOn: kept.contains)
    }

    /// Trains on the answers whose rank by a measure lies in a range; of answers that measure the same, the one with the smaller
    /// key comes first. As above, validation keeps its share of all answers.
    /// - Returns: the measures of all answers that might have been trained on.
    mutating func train(on selection: SelectionSettings, measured recipe: ContentKey) throws -> [AnswerMeasure] {
        let measures = try answers.training.inPages.flatMap { try store.measures(of: $0, recipe: recipe) }
        let ranked = measures.map { (value: $0.value(selection.by), answer: $0.answer) }
            .sorted { ($0.value, $0.answer) < ($1.value, $1.answer) }
        let kept = Set(ranked[selection.places(of: ranked.count)].map(\.answer))
        answers.train(onlyOn: kept.contains)
        return measures
    }
}

extension AnswerMeasure {
    /// The figure that ranks it.
    func value(_ measure: SelectionSettings.Measure) -> Double {
        switch measure {
        case .none: 0
        case .initialKL: initialKL
        case .teacherEntropy: teacherEntropy
        }
    }
}

extension [ContentKey] {
    /// The keys in as many pieces as the store is asked in.
    fileprivate var inPages: [[ContentKey]] {
        stride(from: 0, to: count, by: 1024).map { Array(self[$0..<Swift.min($0 + 1024, count)]) }
    }
}
