// The loss against a teacher of another width, with rows in both heads that are no tokens, beside the formulas computed plainly
// in float64.

import Foundation
import LanguageModels
import Lineage
import ModelFiles
import TestSupport
import Testing
import Torch

@testable import Distillation

@Suite struct TeacherHeadLossTests {
    private let models: UnequalModels
    private var student: LanguageModel { models.student }
    private var teacher: LanguageModel { models.teacher }
    private let weights = (0..<7).map { 0.05 + 0.01 * Double($0) }

    init() throws {
        models = try UnequalModels()
    }

    private func adapter() throws -> LoRAAdapter {
        let adapter = try LoRAAdapter(
            LoRAConfiguration(rank: 3, alpha: 6, targets: [.head]), for: student.decoder.configuration, seed: 5)
        for parameter in adapter.parameters {
            if parameter.matrix == .b {
                try parameter.tensor.copyInPlace(Tensor.randn(parameter.tensor.shape, seed: 6))
            }
            try parameter.tensor.setRequiresGrad(true)
        }
        return adapter
    }

    /// log softmax over the 258 tokens.
    private func logProbs(_ logits: Tensor, _ temperature: Double) throws -> Tensor {
        try (logits.narrow(1, start: 0, length: TinyModel.vocabularySize) * (1 / temperature)).logSoftmax()
    }

    @Test(arguments: [Divergence.forward, .reverse], [3, 64])
    func lossAndGradientsEqualTheFormula(divergence: Divergence, chunk: Int) throws {
        let temperature = 2.0
        let student_Md = try Tensor.randn([7, 32], seed: 3)
        let teacher_Md = try Tensor.randn([7, 48], seed: 4)
        let adapter = try adapter()
        let pair = try #require(adapter.head)
        let leaves = try [student_Md, pair.a_RI, pair.b_OR].map { try $0.detached().to(.float64).clone() }
        for leaf in leaves { try leaf.setRequiresGrad(true) }
        let base = try leaves[0].linear(student.decoder.head_Vd.to(.float64))
        let logStudent = try logProbs(
            base + (leaves[0].linear(leaves[1]) * pair.scale).linear(leaves[2]), temperature)
        let logTeacher = try logProbs(
            teacher_Md.to(.float64).linear(teacher.decoder.head_Vd.to(.float64)), temperature)
        let (p, q) = divergence == .forward ? (logTeacher, logStudent) : (logStudent, logTeacher)
        let expected = try ((p.exp() * (p - q)).sum(1) * Tensor(weights)).sum()
        try expected.backward()

        let result = try TrainingLoss(
            divergence, temperature: temperature, chunk: chunk, teacherHead: TeacherHead(of: teacher)
        ).gradient(
            student_Md: student_Md, target: .teacher(teacher_Md), weights_M: weights, decoder: student.decoder,
            adapter: adapter)
        #expect(try abs(result.loss - expected.item()) < 1e-5 * expected.item())
        let ours = [result.hiddenGradient_Md, try #require(pair.a_RI.grad), try #require(pair.b_OR.grad)]
        for (mine, leaf) in zip(ours, leaves) {
            let theirs = try #require(leaf.grad)
            let difference = try Tensor.totalNorm([mine.to(.float64) - theirs])
            #expect(try difference < 1e-5 * Tensor.totalNorm([theirs]))
        }
    }
}
