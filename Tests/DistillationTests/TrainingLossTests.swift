// The chunked losses and their gradients against the formulas computed plainly in float64 (METHOD, Training).

import Foundation
import LanguageModels
import Lineage
import ModelFiles
import TestSupport
import Testing
import Torch

@testable import Distillation

@Suite struct TrainingLossTests {
    private let files: TinyModelFolder
    private let model: LanguageModel
    private let positions = 11
    private let weights: [Double]

    init() throws {
        files = try TinyModelFolder()
        model = try LanguageModel(path: files.model.path, dtype: .float32)
        weights = (0..<11).map { 0.05 + 0.01 * Double($0) }
    }

    private func states(_ seed: UInt64) throws -> Tensor {
        try Tensor.randn([positions, model.decoder.configuration.hiddenSize], seed: seed)
    }

    private func adapter() throws -> LoRAAdapter {
        let adapter = try LoRAAdapter(
            LoRAConfiguration(rank: 3, alpha: 6, targets: [.head]), for: model.decoder.configuration, seed: 5)
        for parameter in adapter.parameters {
            if parameter.matrix == .b {
                try parameter.tensor.copyInPlace(Tensor.randn(parameter.tensor.shape, seed: 6))
            }
            try parameter.tensor.setRequiresGrad(true)
        }
        return adapter
    }

    /// Σ w loss(student logits, head), with float64 autograd for the gradients.
    private func plain(
        _ student: Tensor, _ pair: LoRAPair, _ loss: (_ logits: Tensor, _ head: Tensor) throws -> Tensor
    ) throws -> (loss: Double, gradients: [Tensor]) {
        let leaves = try [student, pair.a_RI, pair.b_OR].map { try $0.detached().to(.float64).clone() }
        for leaf in leaves { try leaf.setRequiresGrad(true) }
        let head = try model.decoder.head_Vd.to(.float64)
        let low = try leaves[0].linear(leaves[1]) * pair.scale
        let studentLogits = try leaves[0].linear(head) + low.linear(leaves[2])
        let total = try (loss(studentLogits, head) * Tensor(weights)).sum()
        try total.backward()
        return (try total.item(), try leaves.map { try #require($0.grad) })
    }

    /// Σ p (log p − log q) at every position.
    private func forward(_ teacher: Tensor, _ temperature: Double) -> (Tensor, Tensor) throws -> Tensor {
        { studentLogits, head in
            let logTeacher = try (teacher.to(.float64).linear(head) * (1 / temperature)).logSoftmax()
            let logStudent = try (studentLogits * (1 / temperature)).logSoftmax()
            return try (logTeacher.exp() * (logTeacher - logStudent)).sum(1)
        }
    }

    private func relativeError(_ ours: Tensor, _ reference: Tensor) throws -> Double {
        let difference = try Tensor.totalNorm([ours.to(.float64) - reference])
        return try difference / Tensor.totalNorm([reference])
    }

    @Test(arguments: [1.0, 2.0], [1, 4, 64])
    func lossAndGradientsEqualTheFormula(temperature: Double, chunk: Int) throws {
        let (student, teacher, adapter) = (try states(1), try states(2), try adapter())
        let pair = try #require(adapter.head)
        try expectAgreement(
            TrainingLoss(temperature: temperature, chunk: chunk), .teacher(teacher), student, adapter,
            plain(student, pair, forward(teacher, temperature)))
    }

    @Test(arguments: [1, 4, 64])
    func fineTuningIsTheTokensCrossEntropy(chunk: Int) throws {
        let (student, adapter) = (try states(1), try adapter())
        let tokens = (0..<positions).map { 7 * $0 + 3 }
        let reference = try plain(student, try #require(adapter.head)) { logits, _ in
            try logits.logSoftmax().gather(1, Tensor(tokens, shape: [positions, 1])).reshaped([positions]) * -1
        }
        try expectAgreement(
            TrainingLoss(temperature: 2, chunk: chunk), .tokens(Tensor(tokens)), student, adapter, reference)
    }

    private func expectAgreement(
        _ loss: TrainingLoss, _ target: LossTarget, _ student: Tensor, _ adapter: LoRAAdapter,
        _ reference: (loss: Double, gradients: [Tensor])
    ) throws {
        let pair = try #require(adapter.head)
        let result = try loss.gradient(
            student_Md: student, target: target, weights_M: weights, decoder: model.decoder, adapter: adapter)
        #expect(abs(result.loss - reference.loss) < 1e-5 * reference.loss)
        let ours = [result.hiddenGradient_Md, try #require(pair.a_RI.grad), try #require(pair.b_OR.grad)]
        for (mine, theirs) in zip(ours, reference.gradients) { #expect(try relativeError(mine, theirs) < 1e-5) }
        let value = try loss.value(
            student_Md: student, target: target, weights_M: weights, decoder: model.decoder, adapter: adapter)
        #expect(value == result.loss)
    }

    @Test func aStudentEqualToItsTeacherHasNothingToLearn() throws {
        let same = try states(1)
        for divergence in [Divergence.forward, .reverse, .jensenShannon(beta: 0.3)] {
            let result = try TrainingLoss(divergence, temperature: 2).gradient(
                student_Md: same, target: .teacher(same), weights_M: weights, decoder: model.decoder, adapter: nil)
            #expect(abs(result.loss) < 1e-6)
            #expect(try Tensor.totalNorm([result.hiddenGradient_Md]) < 1e-6)
        }
    }
}
