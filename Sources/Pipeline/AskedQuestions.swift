// What held-out questions are asked with: nothing, their own documents, or what a retriever finds for them.

import Basics
import Distillation
import Evaluation
import Foundation
import LanguageModels
import Lineage
import Retrieval
import Store

/// The questions under one kind of condition, each with its documents.
struct AskedBook {
    let book: EvaluationCondition.Book
    let questions: [AskedQuestion]
    /// nil where nothing is retrieved.
    let retrieval: EvaluationRecipe.Retrieval?
}

extension RunContext {
    /// All kinds of conditions under which the questions are asked: closed-book first, then what retrievers find, then the
    /// questions' own documents. One that has no documents is not asked with them.
    func books() throws -> [AskedBook] {
        var questions: [HeldOutQuestion] = []
        try store.heldOutQuestions().forEach { questions.append($0) }
        let closed = AskedBook(book: .closed, questions: questions.map { AskedQuestion($0) }, retrieval: nil)
        let withDocuments = questions.filter { !$0.context.isEmpty }
        let oracle = AskedBook(book: .oracle, questions: try withDocuments.map(fittedToOracle), retrieval: nil)
        let cut = zip(withDocuments, oracle.questions).count { $1.cutPassage != nil || $1.documents != $0.context }
        if cut > 0 {
            tell(
                .notice(
                    """
                    \(cut) held-out questions are asked with only a part of their documents: the model reads \
                    \(try model().decoder.configuration.maximumPositions) tokens, its reply included.
                    """))
        }
        return try [closed] + configuration.retrieval.methods.flatMap { try retrieved(questions, by: $0) } + [oracle]
    }

    private func retrieved(_ questions: [HeldOutQuestion], by method: RetrievalMethod) throws -> [AskedBook] {
        var documents: [RetrievalDocument] = []
        try store.documents().forEach { documents.append(RetrievalDocument(id: $0.id, text: $0.passage)) }
        let troubles = EndpointTroubles()
        let settings = configuration.retrieval
        let retriever = try Retriever(
            method: method, settings: settings, documents: documents, tokenizer: model().tokenizer,
            folder: folder.embeddings, device: configuration.resolvedDevice, onNotice: troubles.add
        ) { _, _ in
            troubles.take().forEach { tell(.notice($0)) }
            try checkForStop()
        }
        let rankings = try retriever.rankings(for: questions.map(\.question), count: settings.topK)
        let corpus = ContentKey(of: "corpus", keys: documents.map(\.id))
        return try settings.prompts.map { prompt in
            let book = EvaluationCondition.Book.retrieved(method, prompt)
            return AskedBook(
                book: book, questions: try zip(questions, rankings).map { try fitted($0, $1.map(\.id), book) },
                retrieval: EvaluationRecipe.Retrieval(
                    retriever: retriever.identity, topK: settings.topK, prompt: prompt, corpus: corpus))
        }
    }

    /// The question with its own documents, that which answers it first where not all fit.
    private func fittedToOracle(_ question: HeldOutQuestion) throws -> AskedQuestion {
        let whole = try fitted(question, question.context, .oracle)
        guard whole.documents != question.context, let own = question.document else { return whole }
        return try fitted(question, [own] + question.context.filter { $0 != own }, .oracle)
    }

    /// As many of the documents as the model has room for beside the question and its reply.
    private func fitted(
        _ question: HeldOutQuestion, _ ids: [ContentKey], _ book: EvaluationCondition.Book
    ) throws -> AskedQuestion {
        let model = try model()
        let documents = try ids.compactMap { try store.document($0) }
        let room = model.decoder.configuration.maximumPositions - configuration.evaluation.maximumTokens
        let words = question.question.utf8.count + configuration.systemMessage.utf8.count
        let bytes = documents.reduce(words) { $0 + $1.passage.utf8.count }
        if PassageRoom.surelyFits(bytes: bytes, in: room) {
            return AskedQuestion(question, documents: documents.map(\.id))
        }
        let fitted = try PassageBudget.fit(documents.map(\.passage), limit: room) {
            try model.promptTokens(book.conversation(configuration.prompts, $0, question: question.question)).count
        }
        return AskedQuestion(
            question, documents: documents.prefix(fitted.passages.count).map(\.id),
            cutPassage: fitted.isCut ? fitted.passages.first : nil)
    }
}
