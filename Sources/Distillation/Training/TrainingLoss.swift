// The loss over answer positions and its gradients, formed chunk by chunk so that no tensor of [positions, vocabulary]
// outlives its chunk. Knows hidden states and the head, not sequences.
//
// For one position with teacher logits z, student logits s and temperature T (paper, section 2.2):
//   p = softmax(z / T),  q = softmax(s / T),  loss = Σ p (log p − log q),  d loss / d s = (q − p) / T
// There is no T² factor (METHOD: as in the reference). Fine-tuning has the answer's own token in place of p, and no T.
//
// Shape suffixes: M answer positions, C positions of a chunk, d width, V vocabulary, R LoRA rank.

import LanguageModels
import Torch

/// What the student is to say at the answer positions.
public enum LossTarget {
    /// The teacher's distribution, by its states [M, d].
    case teacher(Tensor)
    /// The tokens themselves, int64 [M].
    case tokens(Tensor)
}

/// How far the student is from its target.
public struct TrainingLoss {
    /// Of the student's distribution from the teacher's.
    public var divergence: Divergence
    /// Divides both models' logits, where there is a teacher.
    public var temperature: Double
    /// The most positions whose logits exist at the same time.
    public var chunk: Int
    /// The head of a teacher that is another model; nil where the student's own base teaches.
    public var teacherHead: TeacherHead?

    /// A loss at a temperature.
    public init(
        _ divergence: Divergence = .forward, temperature: Double, chunk: Int = 256, teacherHead: TeacherHead? = nil
    ) {
        (self.divergence, self.temperature, self.chunk) = (divergence, temperature, chunk)
        self.teacherHead = teacherHead
    }

    /// A loss with its gradient.
    public struct Result {
        /// Σ weight · loss of a position.
        public let loss: Double
        /// d loss / d student hidden states [M, d], in their type.
        public let hiddenGradient_Md: Tensor
    }

    /// The loss alone, of what `gradient` takes.
    public func value(
        student_Md: Tensor, target: LossTarget, weights_M: [Double], decoder: Decoder, adapter: LoRAAdapter?
    ) throws(TorchError) -> Double {
        try noGrad { () throws(TorchError) in
            var total = 0.0
            for positions in chunks(weights_M.count) {
                let part = try Chunk(self, positions, student_Md, target, weights_M, decoder, adapter)
                total += part.loss
            }
            return total
        }
    }

    /// The loss and its gradients. The gradient of the head's LoRA pair, if it has one, is added to its factors' `grad`.
    /// - Parameters:
    ///   - student_Md: student states at the answer positions, cut off from what made them.
    ///   - target: what it is to say there.
    ///   - weights_M: weight of each position in the loss.
    ///   - decoder: the student's base, whose head is the teacher's too unless the loss has another.
    ///   - adapter: the student's; its head pair applies to the student only.
    public func gradient(
        student_Md: Tensor, target: LossTarget, weights_M: [Double], decoder: Decoder, adapter: LoRAAdapter?
    ) throws(TorchError) -> Result {
        try noGrad { () throws(TorchError) in
            var total = 0.0
            var gradients: [Tensor] = []
            for positions in chunks(weights_M.count) {
                let part = try Chunk(self, positions, student_Md, target, weights_M, decoder, adapter)
                total += part.loss
                gradients.append(try part.backward())
            }
            return Result(loss: total, hiddenGradient_Md: try Tensor.concatenate(gradients, dim: 0))
        }
    }
}

extension TrainingLoss {
    /// All positions in the fewest chunks, of like sizes: a product over few positions costs nearly what one over many does.
    func chunks(_ count: Int) -> [Range<Int>] {
        let parts = (count + chunk - 1) / chunk
        return (0..<parts).map { (count * $0 / parts)..<(count * ($0 + 1) / parts) }
    }
}

/// The states of a few positions and what follows from them.
private struct Chunk {
    private let student_Cd: Tensor
    private let asked: WeightedLoss
    private let decoder: Decoder
    private let pair: LoRAPair?

    init(
        _ loss: TrainingLoss, _ positions: Range<Int>, _ student_Md: Tensor, _ target: LossTarget,
        _ weights_M: [Double], _ decoder: Decoder, _ adapter: LoRAAdapter?
    ) throws(TorchError) {
        func chosen(_ x: Tensor) throws(TorchError) -> Tensor {
            try x.narrow(0, start: positions.lowerBound, length: positions.count)
        }
        self.decoder = decoder
        pair = adapter?.head
        student_Cd = try chosen(student_Md)
        let logits_CV = try decoder.logits(student_Cd, adapter: adapter)
        let weights_C = try Tensor(Array(weights_M[positions]), device: decoder.device)
        switch target {
        case .teacher(let teacher_Md):
            let teacher_Cd = try chosen(teacher_Md).to(student_Md.dtype)
            // Another teacher has logits of the tokens that there are: the student's other rows are padding.
            let teacher_CV =
                if let head = loss.teacherHead { try head.logits(teacher_Cd) } else { try decoder.logits(teacher_Cd) }
            asked = try WeightedLoss(
                loss.divergence, teacher: teacher_CV,
                student: logits_CV.narrow(1, start: 0, length: teacher_CV.shape[1]),
                weights: weights_C, temperature: loss.temperature)
        case .tokens(let tokens_M):
            asked = try WeightedLoss(crossEntropy: logits_CV, tokens: chosen(tokens_M), weights: weights_C)
        }
    }

    var loss: Double { asked.value }

    /// d loss / d student states of the chunk; adds the head pair's gradients to its factors.
    func backward() throws(TorchError) -> Tensor {
        let type = student_Cd.dtype
        let gradient_CV = try padded(asked.gradient)
        let throughBase_Cd = try gradient_CV.matmul(decoder.head_Vd)
        guard let pair else { return throughBase_Cd }
        let a_RI = try pair.a_RI.to(type)
        let low_CR = try student_Cd.linear(a_RI)
        let lowGradient_CR = try gradient_CV.matmul(pair.b_OR.to(type)) * pair.scale
        try pair.b_OR.accumulateGrad(gradient_CV.transposed(0, 1).matmul(low_CR) * pair.scale)
        try pair.a_RI.accumulateGrad(lowGradient_CR.transposed(0, 1).matmul(student_Cd))
        return try throughBase_Cd + lowGradient_CR.matmul(a_RI)
    }

    /// With a zero for each row of the head that is no token.
    private func padded(_ gradient_CV: Tensor) throws(TorchError) -> Tensor {
        let missing = decoder.head_Vd.shape[0] - gradient_CV.shape[1]
        guard missing > 0 else { return gradient_CV }
        let zeros = try Tensor.zeros(
            [gradient_CV.shape[0], missing], dtype: gradient_CV.dtype, device: gradient_CV.device)
        return try Tensor.concatenate([gradient_CV, zeros], dim: 1)
    }
}
