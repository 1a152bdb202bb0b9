// How gradients are recorded, added up and forgotten, and that switching this off is one thread's own affair.

import Foundation
import Synchronization
import Testing
import Torch

struct GradientTests {
    private func parameter(_ values: [Double]) throws -> Tensor {
        let tensor = try Tensor(values)
        try tensor.setRequiresGrad(true)
        return tensor
    }

    @Test func gradientsAddUpUntilTheyAreCleared() throws {
        let x = try parameter([1, 2])
        #expect(x.grad == nil)
        try (x * x).sum().backward()
        try (x * x).sum().backward()
        #expect(try x.grad?.values(as: Double.self) == [4, 8])
        x.clearGrad()
        #expect(x.grad == nil)
        x.clearGrad()
        try (x * x).sum().backward()
        #expect(try x.grad?.values(as: Double.self) == [2, 4])
    }

    @Test func aPartUsedTwiceGetsBothGradients() throws {
        let x = try parameter([3])
        let shared = try x * 2
        try (shared * shared + shared).sum().backward()
        #expect(try x.grad?.item() == 26)
    }

    @Test func detachedPartsPassNothingOn() throws {
        let x = try parameter([3])
        let cut = try (x * 2).detached()
        #expect(!cut.requiresGrad)
        try (cut * x).sum().backward()
        #expect(try x.grad?.item() == 6)
    }

    @Test func accumulateGradConvertsAddsAndKeepsItsOwnCopy() throws {
        let x = try parameter([1, 2])
        let gradient = try Tensor([0.5 as Float, 1])
        try x.accumulateGrad(gradient)
        try gradient.scaleInPlace(100)
        try x.accumulateGrad(Tensor([1, 1]).to(.bfloat16))
        #expect(x.grad?.dtype == .float64)
        #expect(try x.grad?.values(as: Double.self) == [1.5, 2])
        try (x * x).sum().backward()
        #expect(try x.grad?.values(as: Double.self) == [3.5, 6])
    }

    @Test func accumulateGradIsNotRecorded() throws {
        let x = try parameter([1, 2])
        let y = try parameter([1, 1])
        for _ in 0..<2 { try x.accumulateGrad(y * 2) }
        #expect(x.grad?.requiresGrad == false)
        #expect(try x.grad?.values(as: Double.self) == [4, 4])
    }

    @Test func noGradRecordsNothingAndIsLeftInEveryWay() throws {
        struct Stop: Error {}
        let x = try parameter([1])
        #expect(try noGrad { try !(x * 2).requiresGrad })
        #expect(try (x * 2).requiresGrad)
        #expect(throws: Stop.self) { try noGrad { throw Stop() } }
        #expect(try (x * 2).requiresGrad)
        #expect(throws: TorchError.self) { try noGrad { try x.reshaped([5]) } }
        #expect(try (x * 2).requiresGrad)
        let recordedAfterNesting = try noGrad {
            noGrad {}
            return try (x * 2).requiresGrad
        }
        #expect(!recordedAfterNesting)
        try noGrad { try x.scaleInPlace(3) }
        #expect(try x.item() == 3)
    }

    @Test func noGradIsOneThreadsOwn() throws {
        let recordedElsewhere = try noGrad {
            try onAnotherThread {
                let x = try Tensor([1.0])
                try x.setRequiresGrad(true)
                return try (x * 2).requiresGrad
            }
        }
        #expect(recordedElsewhere)
    }

    @Test func everyThreadReadsItsOwnError() throws {
        let sizes = 2..<10
        let wrong = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: sizes.count) { index in
            let size = sizes.lowerBound + index
            for _ in 0..<500 {
                do {
                    _ = try Tensor.zeros([size]) + Tensor.zeros([size + 1])
                    wrong.withLock { $0 += 1 }
                } catch {
                    let named = (error as? TorchError)?.message.contains("(\(size)) must match the size of tensor b")
                    if named != true { wrong.withLock { $0 += 1 } }
                }
            }
        }
        #expect(wrong.withLock { $0 } == 0)
    }
}

/// Waits for what a body answers on a new thread.
private func onAnotherThread(_ body: @escaping @Sendable () throws -> Bool) throws -> Bool {
    final class Box: Sendable { let result = Mutex<Result<Bool, any Error>?>(nil) }
    let box = Box()
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
        let result = Result { try body() }
        box.result.withLock { $0 = result }
        done.signal()
    }
    done.wait()
    return try #require(box.result.withLock { $0 }).get()
}
