// What the untrained models make of samples, beside the formulas computed plainly in float64 (paper, Appendix K): the base as
// its own teacher, and a teacher of another width and other rows.

import Basics
import Foundation
import LanguageModels
import ModelFiles
import TestSupport
import Testing
import Torch

@testable import Distillation

@Suite struct SampleMeasurerTests {
    private let models: UnequalModels
    private var student: LanguageModel { models.student }
    private var teacher: LanguageModel { models.teacher }
    private let temperature = 2.0

    init() throws {
        models = try UnequalModels()
    }

    /// Samples of unequal lengths, so that a mean over the batch's tokens would show.
    private func samples(width: Int) throws -> [TrainingSample] {
        try [[3, 1, 4, 1, 5], [9, 2], [6, 5, 3]].enumerated().map { index, answer in
            TrainingSample(
                .answer(ContentKey(of: "s\(index)")), prompt: [10 + index, 20, 30], answer: answer,
                teacher_Td: try Tensor.randn([answer.count, width], seed: UInt64(index) + 7))
        }
    }

    private func logProbs(_ states_Td: Tensor, _ model: LanguageModel, columns: Int) throws -> Tensor {
        let logits = try states_Td.to(.float64).linear(model.decoder.head_Vd.to(.float64))
        return try (logits.narrow(1, start: 0, length: columns) * (1 / temperature)).logSoftmax()
    }

    /// - Parameter columns: of the logits that are compared.
    private func expected(_ sample: TrainingSample, by teacher: LanguageModel, columns: Int) throws -> (Double, Double)
    {
        let batch = try TrainingBatch([sample], batchSize: 1, decoder: student.decoder)
        let hidden_Nd = try student.decoder.hiddenStates(
            batch.ids_N, positions_N: batch.layout.positions_N, attention: batch.layout)
        let student_Td = try hidden_Nd.narrow(0, start: sample.prompt.count - 1, length: sample.answer.count)
        let teacher_Td = try #require(sample.teacher_Td)
        let p = try logProbs(teacher_Td, teacher, columns: columns)
        let q = try logProbs(student_Td, student, columns: columns)
        let count = Double(sample.answer.count)
        return try ((p.exp() * (p - q)).sum().item() / count, (p.exp() * p).sum().item() / -count)
    }

    @Test(arguments: [false, true])
    func measuresEqualTheFormulas(ofAnotherTeacher isOther: Bool) throws {
        let samples = try samples(width: isOther ? 48 : 32)
        let head = isOther ? try TeacherHead(of: teacher) : nil
        let measurer = SampleMeasurer(
            decoder: student.decoder, teacherHead: head, temperature: temperature, maximumTokensPerPass: 10)
        let measures = try measurer.measures(of: samples)
        #expect(measures.count == samples.count)
        for (sample, measure) in zip(samples, measures) {
            let (kl, entropy) = try expected(
                sample, by: isOther ? teacher : student, columns: isOther ? TinyModel.vocabularySize : 264)
            #expect(abs(measure.initialKL - kl) < 1e-5 * kl && kl > 0)
            #expect(abs(measure.teacherEntropy - entropy) < 1e-5 * entropy)
        }
    }

    @Test func whatHasNoTeacherIsNamed() throws {
        let measurer = SampleMeasurer(decoder: student.decoder, temperature: 1, maximumTokensPerPass: 10)
        let untaught = TrainingSample(.answer(ContentKey(of: "u")), prompt: [1], answer: [2])
        #expect(throws: TrainingError.notMeasurable([untaught.kind])) { try measurer.measures(of: [untaught]) }
    }
}
