// What the untrained models make of samples: how far the teacher is from the student, and how sure the teacher is. Each
// sample has its own figures, which the loss of a batch does not give. Knows nothing of what they are for.
//
// Shape suffixes: N tokens of a pass, M answer positions, C positions of a chunk, d width, V vocabulary.

import LanguageModels
import Torch

/// Two figures of a sample, means over its answer's tokens, in nats (paper, Appendix K).
public struct SampleMeasure: Sendable, Hashable {
    /// KL(teacher ‖ student) of the student that has learned nothing yet.
    public let initialKL: Double
    /// Entropy of the teacher.
    public let teacherEntropy: Double
}

/// Measures samples that have a teacher.
public struct SampleMeasurer {
    private let decoder: Decoder
    private let teacherHead: TeacherHead?
    private let temperature: Double
    private let maximumTokensPerPass: Int

    /// - Parameters:
    ///   - decoder: the base, which is the student before training.
    ///   - teacherHead: what makes logits of the samples' teacher states; nil where the base itself is the teacher.
    ///   - temperature: T, which divides both models' logits.
    ///   - maximumTokensPerPass: the most tokens in one forward pass.
    public init(
        decoder: Decoder, teacherHead: TeacherHead? = nil, temperature: Double, maximumTokensPerPass: Int
    ) {
        (self.decoder, self.teacherHead) = (decoder, teacherHead)
        (self.temperature, self.maximumTokensPerPass) = (temperature, maximumTokensPerPass)
    }

    /// The measures of samples, in their order. Throws for samples that have no teacher, or whose figures are no numbers.
    public func measures(of samples: [TrainingSample]) throws -> [SampleMeasure] {
        try samples.forEach { try $0.check() }
        let measures = try noGrad { try samples.parts(maximumTokens: maximumTokensPerPass).flatMap(measure) }
        let broken = zip(samples, measures).filter { !$1.initialKL.isFinite || !$1.teacherEntropy.isFinite }
        guard broken.isEmpty else { throw TrainingError.notMeasurable(broken.map(\.0.kind)) }
        return measures
    }

    /// The samples of one pass.
    private func measure(_ samples: [TrainingSample]) throws -> [SampleMeasure] {
        let batch = try TrainingBatch(samples, batchSize: samples.count, decoder: decoder)
        guard case .teacher(let teacher_Md) = batch.target else {
            throw TrainingError.notMeasurable(samples.filter { $0.teacher_Td == nil }.map(\.kind))
        }
        let hidden_Nd = try decoder.hiddenStates(
            batch.ids_N, positions_N: batch.layout.positions_N, attention: batch.layout)
        let tokens = try perToken(hidden_Nd.indexSelect(0, batch.answerPlaces_M), teacher_Md)
        var end = 0
        return samples.map { sample in
            defer { end += sample.answer.count }
            let own = end..<(end + sample.answer.count)
            return SampleMeasure(initialKL: tokens.kl[own].mean, teacherEntropy: tokens.entropy[own].mean)
        }
    }

    /// Σ p (log p − log q) and −Σ p log p at every position, a chunk of positions at a time.
    private func perToken(_ student_Md: Tensor, _ teacher_Md: Tensor) throws -> (kl: [Float], entropy: [Float]) {
        var (kl, entropy): ([Float], [Float]) = ([], [])
        for positions in TrainingLoss(temperature: temperature).chunks(student_Md.shape[0]) {
            let teacher_Cd = try chosen(teacher_Md.to(student_Md.dtype), positions)
            let teacher_CV = try teacherHead?.logits(teacher_Cd) ?? decoder.logits(teacher_Cd)
            // Another teacher has logits of the tokens that there are: the student's other rows are padding.
            let student_CV = try decoder.logits(chosen(student_Md, positions))
                .narrow(1, start: 0, length: teacher_CV.shape[1])
            let (logTeacher_CV, logStudent_CV) = try (logProbs(teacher_CV), logProbs(student_CV))
            let p_CV = try logTeacher_CV.exp()
            kl += try (p_CV * (logTeacher_CV - logStudent_CV)).sum(1).values()
            entropy += try (p_CV * logTeacher_CV * -1).sum(1).values()
        }
        return (kl, entropy)
    }

    private func chosen(_ states_Md: Tensor, _ positions: Range<Int>) throws -> Tensor {
        try states_Md.narrow(0, start: positions.lowerBound, length: positions.count)
    }

    private func logProbs(_ logits_CV: Tensor) throws -> Tensor {
        try (logits_CV.to(.float32) * (1 / temperature)).logSoftmax()
    }
}

extension ArraySlice<Float> {
    fileprivate var mean: Double { reduce(0) { $0 + Double($1) } / Double(count) }
}
