// The optimizer's arithmetic against torch.optim.AdamW, and its refusals, which change nothing.

import Testing
import Torch

struct OptimizerTests {
    /// Three parameters and what goes with them.
    struct State {
        var parameters: [Tensor]
        var firstMoments: [Tensor]
        var secondMoments: [Tensor]
        var steps: [Tensor]

        init(dtype: DType = .float32) throws {
            let shapes = [[3, 4], [5], [2, 2]]
            parameters = try shapes.enumerated().map { try patternTensor($1, $0, dtype) }
            for parameter in parameters { try parameter.setRequiresGrad(true) }
            firstMoments = try shapes.map { try Tensor.zeros($0, dtype: dtype) }
            secondMoments = try shapes.map { try Tensor.zeros($0, dtype: dtype) }
            steps = try shapes.map { _ in try Tensor.zeros([]) }
        }

        func gradients(_ step: Int) throws -> [Tensor] {
            try parameters.enumerated().map { try patternTensor($1.shape, $0 + step, $1.dtype) }
        }

        func apply(_ gradients: [Tensor]) throws {
            let numbers = AdamWStep(learningRate: 0.01, beta1: 0.8, beta2: 0.95, weightDecay: 0.1, epsilon: 1e-6)
            try numbers.apply(
                to: parameters, gradients: gradients, firstMoments: firstMoments, secondMoments: secondMoments,
                steps: steps)
        }

        func values() throws -> [[Float]] {
            try (parameters + firstMoments + secondMoments + steps).map { try $0.values() }
        }
    }

    @Test(arguments: Layout.allCases)
    func fiveStepsAreTorchOptimAdamWs(_ layout: Layout) throws {
        let state = try State()
        let tolerance = Tolerance(relative: 1e-5, absolute: 1e-7)
        for step in 0..<5 {
            try state.apply(state.gradients(step).map { try layout($0) })
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
        #expect(try state.steps.map { try $0.item() } == [5, 5, 5])
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
            (.dtypeMismatch, { $1[1] = try $1[1].to(.bfloat16) }),
            (.shapeMismatch, { state, _ in state.firstMoments[2] = try Tensor.zeros([4]) }),
            (.dtypeMismatch, { state, _ in state.secondMoments[2] = try Tensor.zeros([2, 2], dtype: .float64) }),
            (.shapeMismatch, { state, _ in state.steps[2] = try Tensor.zeros([2]) }),
            (.dtypeMismatch, { state, _ in state.steps[2] = try Tensor([0]) }),
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

    @Test func scaleAllReachesEveryTensor() throws {
        let parameter = try Tensor([1 as Float, 2])
        try parameter.setRequiresGrad(true)
        let view = try Tensor([1.0, 2, 3, 4], shape: [2, 2]).transposed(0, 1)
        try Tensor.scaleAll([parameter, view], by: 0.5)
        #expect(try parameter.values(as: Float.self) == [0.5, 1])
        #expect(try view.values(as: Double.self) == [0.5, 1.5, 1, 2])
        try Tensor.scaleAll([], by: 2)
    }

    @Test func noParametersAreNoMistake() throws {
        try AdamWStep(learningRate: 1).apply(
            to: [], gradients: [], firstMoments: [], secondMoments: [], steps: [])
    }
}
