// How long to wait before asking again. Knows attempts, not requests.

import Foundation
import Synchronization

/// Exponential back-off with full jitter: a wait drawn evenly between nothing and a ceiling that doubles, so that
/// parallel requests do not return all at once.
package struct BackOff: Sendable {
    package static let usual = BackOff()

    /// Suspends for so many seconds.
    var sleep: @Sendable (Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) }
    /// An even draw from 0 to 1. It moves requests in time and changes no reply, so it takes no seed.
    var fraction: @Sendable () -> Double = { Double.random(in: 0...1) }

    /// Seconds: the ceiling after the first failure, and the highest one.
    static let firstCeiling = 2.0
    static let highestCeiling = 60.0
    /// Seconds: the longest wait that an endpoint may ask for.
    static let longestWait = 600.0

    /// Seconds to wait after so many failed attempts, counted from 1: what the endpoint asks for, else a draw.
    func wait(afterAttempt attempt: Int, retryAfter: Double?) throws(EndpointFailure) -> Double {
        if let seconds = retryAfter {
            guard seconds <= Self.longestWait else { throw .wantsLongWait(seconds: seconds) }
            return seconds
        }
        let ceiling = min(Self.highestCeiling, Self.firstCeiling * pow(2, Double(attempt - 1)))
        return ceiling * fraction()
    }
}

/// Keeps parallel requests that meet the same outage from telling it several times over.
final class Announcements: Sendable {
    private let announced = Mutex(0)

    /// Whether no request has yet told of its n-th failure since the endpoint last answered.
    func isNew(attempt: Int) -> Bool {
        announced.withLock { announced in
            defer { announced = max(announced, attempt) }
            return attempt > announced
        }
    }

    /// The endpoint answers again.
    func reset() { announced.withLock { $0 = 0 } }
}
