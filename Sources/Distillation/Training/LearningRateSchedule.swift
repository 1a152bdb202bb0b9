// The learning rate of every step.

/// Linear warm-up to the peak, then linear decay to zero, as in the reference code.
public struct LearningRateSchedule: Sendable, Hashable {
    /// The highest learning rate.
    public let peak: Double
    public let warmupSteps: Int
    public let totalSteps: Int

    /// A schedule over `totalSteps` steps.
    public init(peak: Double, warmupSteps: Int, totalSteps: Int) {
        self.peak = peak
        self.warmupSteps = warmupSteps
        self.totalSteps = totalSteps
    }

    /// The learning rate of the step numbered from 0. Neither the first nor the last step of a run is wasted on zero.
    public func rate(step: Int) -> Double {
        if step < warmupSteps { return peak * Double(step + 1) / Double(warmupSteps + 1) }
        let remaining = Double(totalSteps - step)
        return peak * max(0, remaining / Double(max(1, totalSteps - warmupSteps)))
    }
}
