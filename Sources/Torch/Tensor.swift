// A tensor that Swift owns: one reference to libtorch's, given back when the last Swift reference goes. Knows lifetimes
// and metadata; operations are in the files beside this one.
//
// A handle must outlive the C call that uses it. Swift may release an object after its last use, which for
// `c_function(Tensor(…).handle)` is before the call, so handles leave this file only inside `withHandle(s)`.

import CTorch

/// A multi-dimensional array of numbers on a device. Not Sendable: a tensor stays where it was made.
public final class Tensor {
    private let handle: OpaquePointer

    init(owning handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        ctorch_release(handle)
    }

    func withHandle<Result>(_ body: (OpaquePointer) -> Result) -> Result {
        withExtendedLifetime(self) { body(handle) }
    }

    static func withHandles<Result>(
        _ tensors: [Tensor], _ body: (UnsafePointer<OpaquePointer>, Int) -> Result
    ) -> Result {
        withExtendedLifetime(tensors) {
            withUnsafeTemporaryAllocation(of: OpaquePointer.self, capacity: max(tensors.count, 1)) { buffer in
                for (index, tensor) in tensors.enumerated() { buffer.initializeElement(at: index, to: tensor.handle) }
                // The capacity is at least one, so there is a base address.
                guard let base = buffer.baseAddress else { preconditionFailure("an empty temporary allocation") }
                return body(UnsafePointer(base), tensors.count)
            }
        }
    }

    /// Tensors that exist in this process right now; for leak tests.
    public static var liveCount: Int { Int(ctorch_live_tensors()) }

    public var rank: Int { withHandle { Int(ctorch_rank($0)) } }

    /// Sizes, outermost first.
    public var shape: [Int] {
        withHandle { handle in
            [Int](unsafeUninitializedCapacity: Int(ctorch_rank(handle))) { buffer, count in
                count = buffer.count
                guard let base = buffer.baseAddress else { return }
                base.withMemoryRebound(to: Int64.self, capacity: buffer.count) { ctorch_shape(handle, $0) }
            }
        }
    }

    public var count: Int { withHandle { Int(ctorch_count($0)) } }

    public var dtype: DType { DType(code: withHandle(ctorch_dtype)) }

    /// Where the elements are.
    public var device: Device { Device(code: withHandle(ctorch_device)) }
}

// MARK: - Calling the shim

/// Calls that make one tensor of none, one, two or three.
extension Tensor {
    typealias Out = UnsafeMutablePointer<OpaquePointer?>

    static func make(
        _ operation: StaticString, _ operands: [Tensor] = [], _ body: (Out) -> CTorchCode
    ) throws(TorchError) -> Tensor {
        var out: OpaquePointer?
        let code = withExtendedLifetime(operands) { body(&out) }
        guard code == CTORCH_OK, let out else { throw TorchError(code, operation, operands) }
        return Tensor(owning: out)
    }

    static func makePair(
        _ operation: StaticString, _ operands: [Tensor], _ body: (Out, Out) -> CTorchCode
    ) throws(TorchError) -> (Tensor, Tensor) {
        var first: OpaquePointer?
        var second: OpaquePointer?
        let code = withExtendedLifetime(operands) { body(&first, &second) }
        guard code == CTORCH_OK, let first, let second else { throw TorchError(code, operation, operands) }
        return (Tensor(owning: first), Tensor(owning: second))
    }

    func map(_ operation: StaticString, _ body: (OpaquePointer, Out) -> CTorchCode) throws(TorchError) -> Tensor {
        var out: OpaquePointer?
        let code = withHandle { body($0, &out) }
        guard code == CTORCH_OK, let out else { throw TorchError(code, operation, [self]) }
        return Tensor(owning: out)
    }

    func combine(
        _ operation: StaticString, _ other: Tensor, _ body: (OpaquePointer, OpaquePointer, Out) -> CTorchCode
    ) throws(TorchError) -> Tensor {
        var out: OpaquePointer?
        let code = withHandle { a in other.withHandle { b in body(a, b, &out) } }
        guard code == CTORCH_OK, let out else { throw TorchError(code, operation, [self, other]) }
        return Tensor(owning: out)
    }

    /// Calls that change tensors or read a number; they make none.
    static func run(
        _ operation: StaticString, _ operands: [Tensor], _ body: () -> CTorchCode
    ) throws(TorchError) {
        let code = withExtendedLifetime(operands) { body() }
        guard code == CTORCH_OK else { throw TorchError(code, operation, operands) }
    }
}

func withShape<Result>(_ shape: [Int], _ body: (UnsafePointer<Int64>, Int) -> Result) -> Result {
    let sizes = shape.map(Int64.init)
    return sizes.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else {
            var none: Int64 = 0
            return body(&none, 0)
        }
        return body(base, buffer.count)
    }
}
