// The optimizer's arithmetic against torch.optim.AdamW, and its refusals, which change nothing.

import Testing
import Torch

struct OptimizerTests {
    /// Three parameters and what goes with them.
    struct State {
        var parameters: [Tensor]
        var firstMoments: [Tensor]
        var secondMoments: [Tensor]
        var copies: [Tensor]

        init(dtype: DType = .float32) throws {
            let shapes = [[3, 4], [5], [2, 2]]
            parameters = try shapes.enumerated().map { try patternTensor($1, $0, dtype) }
            for parameter in parameters { try parameter.setRequiresGrad(true) }
            firstMoments = try shapes.map { try Tensor.zeros($0, dtype: dtype) }
            secondMoments = try shapes.map { try Tensor.zeros($0, dtype: dtype) }
            copies = try shapes.map { try Tensor.zeros($0, dtype: .bfloat16) }
        }

        func gradients(_ step: Int) throws -> [Tensor] {
            try parameters.enumerated().map { try patternTensor($1.shape, $0 + step, $1.dtype) }
        }

        func apply(_ gradients: [Tensor], step: Int = 1, gradientFactor: Double = 1) throws {
            let numbers = AdamWStep(learningRate: 0.01, beta1: 0.8, beta2: 0.95, weightDecay: 0.1, epsilon: 1e-6)
            try numbers.apply(
                to: parameters, gradients: gradients, firstMoments: firstMoments, secondMoments: secondMoments,
                copies: copies, step: step, gradientFactor: gradientFactor)
        }

        func values() throws -> [[Float]] {
            try (parameters + firstMoments + secondMoments + copies).map { try $0.to(.float32).values() }
        }
    }

    @Test(arguments: Layout.allCases)
    func fiveStepsAreTorchOptimAdamWs(_ layout: Layout) throws {
        let state = try State()
        let tolerance = Tolerance(relative: 1e-5, absolute: 1e-7)
        for step in 0..<5 {
            // Halved gradients with a factor of two are the same gradients, and a type that holds them does no harm.
            let gradients = try state.gradients(step).map { try layout(step == 3 ? $0.to(.bfloat16) : $0 * 0.5) }
            try state.apply(gradients, step: step + 1, gradientFactor: step == 3 ? 1 : 2)
            for (k, parameter) in state.parameters.enumerated() {
                let golden = try Golden.named("adamw/\(step)/\(k)")
                try expectClose(parameter, golden.shape, golden.values, tolerance, "parameter \(k) after step \(step)")
            }
        }
        for k in 0..<3 {
            let (first, second) = (try Golden.named("adamw/first/\(k)"), try Golden.named("adamw/second/\(k)"))
            try expectClose(state.firstMoments[k], first.shape, first.values, tolerance)
            try expectClose(state.secondMoments[k], second.shape, second.values, tolerance)
        }
        for (copy, parameter) in zip(state.copies, state.parameters) {
            #expect(
                try copy.to(.float32).values(as: Float.self)
                    == parameter.to(.bfloat16).to(.float32).values(as: Float.self))
        }
        #expect(state.parameters.allSatisfy { $0.requiresGrad })
    }

    @Test func aTransposedGradientIsReadInItsOrder() throws {
        let (plain, transposed) = (try State(), try State())
        let gradients = try plain.gradients(0)
        try plain.apply(gradients)
        try transposed.apply(gradients.map { try $0.rank == 2 ? $0.transposed(0, 1).clone().transposed(0, 1) : $0 })
        #expect(try plain.values() == transposed.values())
    }

    @Test func whatDoesNotFitChangesNothing() throws {
        let changes: [(TorchError.Kind, (inout State, inout [Tensor]) throws -> Void)] = [
            (.shapeMismatch, { $1[2] = try Tensor.zeros([2]) }),
            (.shapeMismatch, { $1.removeLast() }),
            (.shapeMismatch, { state, _ in state.firstMoments[2] = try Tensor.zeros([4]) }),
            (.dtypeMismatch, { state, _ in state.secondMoments[2] = try Tensor.zeros([2, 2], dtype: .float64) }),
            (.shapeMismatch, { state, _ in state.copies[2] = try Tensor.zeros([2]) }),
            (.failure, { state, _ in state.copies[0] = try Tensor.zeros([4, 3]).transposed(0, 1) }),
            (.failure, { state, _ in state.parameters[2] = try state.parameters[2].detached().transposed(0, 1) }),
            (.failure, { state, _ in state.secondMoments[0] = try Tensor.zeros([4, 3]).transposed(0, 1) }),
        ]
        for (index, (kind, change)) in changes.enumerated() {
            var state = try State()
            var gradients = try state.gradients(0)
            try change(&state, &gradients)
            let before = try state.values()
            let error = #expect(throws: TorchError.self, "change \(index)") { try state.apply(gradients) }
            #expect(error?.kind == kind, "change \(index)")
            #expect(try state.values() == before, "change \(index)")
        }
    }

    @Test func totalNormIsOverAllElements() throws {
        let tensors = [try Tensor([3 as Float, 0], shape: [2, 1]), try Tensor([4 as Float]), try Tensor.zeros([0])]
        #expect(try Tensor.totalNorm(tensors) == 5)
        #expect(try Tensor.totalNorm(tensors.map { try Layout.strided($0) }) == 5)
        #expect(try Tensor.totalNorm([Tensor.full([10_000], 1, dtype: .bfloat16)]) == 100)
        #expect(try Tensor.totalNorm([]) == 0)
        #expect(try Tensor.totalNorm([Tensor([Float.nan])]).isNaN)
    }

    /// Longer than a thread's share and no multiple of the kernel's width, against libtorch's own step in float64.
    @Test func aLongParameterIsUpdatedToItsLastElement() throws {
        func updated(_ dtype: DType) throws -> [Tensor] {
            let count = 40_003
            let parameter = try Tensor.randn([count], seed: 1).to(dtype)
            let (first, second) = (try Tensor.zeros([count], dtype: dtype), try Tensor.zeros([count], dtype: dtype))
            let copy = try Tensor.zeros([count], dtype: dtype)
            for step in 1...3 {
                try AdamWStep(learningRate: 0.01).apply(
                    to: [parameter], gradients: [Tensor.randn([count], seed: UInt64(step)).to(dtype)],
                    firstMoments: [first], secondMoments: [second], copies: [copy], step: step)
            }
            return [parameter, first, second, copy]
        }
        for (ours, reference) in try zip(updated(.float32), updated(.float64)) {
            try expectClose(
                ours, reference.shape, reference.values(), Tolerance(relative: 1e-5, absolute: 1e-6), "40,003 elements")
        }
    }

    @Test func noParametersAreNoMistake() throws {
        try AdamWStep(learningRate: 1).apply(
            to: [], gradients: [], firstMoments: [], secondMoments: [], copies: [], step: 1)
    }
}
