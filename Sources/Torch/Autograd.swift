// Reverse-mode differentiation, libtorch's. Grad mode belongs to a thread, so the closures here are synchronous.

import CTorch

/// Runs a body without recording it for differentiation.
public func noGrad<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let before = ctorch_grad_mode_enabled()
    ctorch_set_grad_mode(false)
    defer { ctorch_set_grad_mode(before) }
    return try body()
}

extension Tensor {
    /// Whether operations on this tensor are recorded.
    public var requiresGrad: Bool { withHandle(ctorch_requires_grad) }

    /// Starts or stops recording; only floating-point leaves can be told.
    public func setRequiresGrad(_ value: Bool) throws(TorchError) {
        try Tensor.run("requires_grad_", [self]) { withHandle { ctorch_set_requires_grad($0, value) } }
    }

    /// The same elements, cut off from what made them.
    public func detached() throws(TorchError) -> Tensor { try map("detach", ctorch_detach) }

    /// Adds d(self·gradient)/d(leaf) to every leaf's `grad`; without a gradient the tensor must have one element.
    public func backward(gradient: Tensor? = nil) throws(TorchError) {
        try Tensor.run("backward", [self] + (gradient.map { [$0] } ?? [])) {
            withHandle { this in
                guard let gradient else { return ctorch_backward(this, nil) }
                return gradient.withHandle { ctorch_backward(this, $0) }
            }
        }
    }

    /// What `backward` has added up so far; nil before the first time.
    public var grad: Tensor? {
        var out: OpaquePointer?
        guard withHandle({ ctorch_grad($0, &out) }) == CTORCH_OK, let out else { return nil }
        return Tensor(owning: out)
    }

    /// Forgets the gradient and frees its memory.
    public func clearGrad() { withHandle(ctorch_clear_grad) }

    /// Adds to `grad` by hand, for gradients that were not formed by `backward`.
    public func accumulateGrad(_ gradient: Tensor) throws(TorchError) {
        try Tensor.run("accumulate_grad", [self, gradient]) {
            withHandle { this in gradient.withHandle { ctorch_accumulate_grad(this, $0) } }
        }
    }
}
