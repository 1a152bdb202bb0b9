// Waiting for an endpoint on a thread that has other things to attend to meanwhile. Knows nothing of what is waited for.

import Foundation
import Synchronization

/// Waits for asynchronous work. Models are synchronous, since grad mode and threads belong to a thread; an endpoint is the
/// one thing that is not.
/// - Parameter checkIn: called a few times a second; what it throws cancels the work.
package func waiting<Value: Sendable>(
    _ checkIn: () throws -> Void, _ work: @escaping @Sendable () async throws -> Value
) throws -> Value {
    let outcome = Outcome<Value>()
    let done = DispatchSemaphore(value: 0)
    let task = Task {
        do {
            let value = try await work()
            outcome.result.withLock { $0 = .success(value) }
        } catch {
            outcome.result.withLock { $0 = .failure(error) }
        }
        done.signal()
    }
    while done.wait(timeout: .now() + .milliseconds(200)) == .timedOut {
        do {
            try checkIn()
        } catch {
            task.cancel()
            done.wait()
            throw error
        }
    }
    guard let result = outcome.result.withLock({ $0 }) else { throw CancellationError() }
    return try result.get()
}

private final class Outcome<Value: Sendable>: Sendable {
    let result = Mutex<Result<Value, any Error>?>(nil)
}
