// The library itself, and what the C header promises beside what the Swift layer uses.

import CTorch
import Foundation
import Testing
import Torch

struct LibraryTests {
    @Test func itIsTheVersionThatTheShimIsWrittenFor() {
        #expect(Library.version.hasPrefix("2.11"))
        #expect(!Library.cpuCapability.isEmpty)
        #expect(throws: Never.self) { try Library.synchronize(.cpu) }
    }

    /// The number of threads belongs to the process, so it is changed in another one.
    @Test func threadsAreSetForThreadsToComeAsWell() async {
        await #expect(processExitsWith: .success) {
            for count in [1, 3] {
                try Library.setThreads(count)
                #expect(Library.threads == count)
                let done = DispatchSemaphore(value: 0)
                Thread.detachNewThread {
                    #expect(Library.threads == count)
                    done.signal()
                }
                done.wait()
            }
            #expect(throws: TorchError.self) { try Library.setThreads(0) }
            #expect(throws: TorchError.self) { try Library.setThreads(.min) }
            #expect(Library.threads == 3)
        }
    }

    @Test func resultsDoNotDependOnTheThreads() async {
        await #expect(processExitsWith: .success) {
            let x = try Tensor.randn([300, 400], seed: 1)
            let sums = try [1, 2, 1].map { threads in
                try Library.setThreads(threads)
                return try x.matmul(x.transposed(0, 1)).softmax().sum(0).values(as: Double.self)
            }
            #expect(sums[0] == sums[2])
            #expect(zip(sums[0], sums[1]).allSatisfy { abs($0 - $1) <= 1e-4 * abs($0) })
        }
    }

    /// Tensors of many sizes come and go; each must keep its own values, and what is freed must be used again.
    @Test func keptMemoryIsNeverSharedByTwoTensors() async {
        await #expect(processExitsWith: .success) {
            Library.keepFreedMemory()
            var random = SystemRandomNumberGenerator()
            var alive: [(value: Double, tensor: Tensor)] = []
            for step in 0..<4000 {
                // From a few bytes to 8 MiB, most of them small, as in training.
                let count = 1 << Int.random(in: 0...21, using: &random)
                let size = Int.random(in: count...(count + count / 2), using: &random)
                alive.append((Double(step), try Tensor.full([size], Double(step))))
                while alive.count > 24 {
                    let chosen = alive.remove(at: Int.random(in: alive.indices, using: &random))
                    let ends = try (chosen.tensor.maximum(0).item(), (chosen.tensor * -1).maximum(0).item())
                    precondition(ends == (chosen.value, -chosen.value), "overwritten at step \(step)")
                }
            }
            alive = []
            // More than a slab, twice: the second finds the first one's place.
            let places = try (0..<2).map { _ in try Tensor.zeros([100 << 20]).withBytes { $0.baseAddress } }
            #expect(places[0] == places[1])
            #expect(throws: TorchError.self) { try Tensor.zeros([1 << 50]) }
        }
    }

    @Test func anUnknownDtypeCodeIsRefusedAndLeavesTheResultAlone() {
        var out: OpaquePointer?
        let size: [Int64] = [2]
        let code = ctorch_empty(size, 1, CTorchDType(rawValue: 99), CTorchDevice(cuda_index: -1), &out)
        #expect(code == CTORCH_DTYPE_MISMATCH)
        #expect(out == nil)
        #expect(String(cString: ctorch_last_error()).contains("99"))
    }

    @Test func memoryThatIsNotAlignedIsRefusedAndItsOwnerGivenBack() {
        var out: OpaquePointer?
        var released = 0
        let size: [Int64] = [1]
        let bytes = [UInt8](repeating: 0, count: 16)
        bytes.withUnsafeBytes { buffer in
            let base = buffer.baseAddress.map { $0 + (Int(bitPattern: $0).isMultiple(of: 2) ? 1 : 0) }
            guard let base else { return }
            let code = ctorch_borrow_bytes(
                base, 4, size, 1, CTORCH_FLOAT32, &released, { $0.assumingMemoryBound(to: Int.self).pointee += 1 }, &out
            )
            #expect(code == CTORCH_FAILURE)
        }
        #expect(out == nil)
        #expect(released == 1)
    }
}
