// Ctrl-C and SIGTERM: the first asks the work to stop where nothing is lost, the second ends the process. The handler
// does only what a signal handler may: atomics, write and _exit.

import Foundation
import Synchronization

enum Interruption {
    private static let lastSignal = Atomic<Int32>(0)
    private static let waitsForUser = Atomic<Bool>(false)
    private static let isQuiet = Atomic<Bool>(false)

    private static let message: StaticString =
        "\nStopping after the piece at hand; press Ctrl-C again to stop at once (nothing finished is lost).\n"

    /// Takes over the two signals; a reader that closes its pipe is no longer one.
    static func install() {
        // The statics are initialised here and not in the handler.
        _ = (lastSignal.load(ordering: .relaxed), waitsForUser.load(ordering: .relaxed), message.utf8CodeUnitCount)
        _ = isQuiet.load(ordering: .relaxed)
        signal(SIGPIPE, SIG_IGN)
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] {
            signal(number) { Interruption.handle($0) }
            sigaddset(&signals, number)
        }
        // Whoever started this process may have done so from a thread that lets no signal in, and that is inherited.
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// Whether the user wants the work to end.
    static var isRequested: Bool { lastSignal.load(ordering: .relaxed) != 0 }

    /// The exit code of a process that was asked to stop: 130 for Ctrl-C, 143 for SIGTERM.
    static var exitCode: Int32 {
        let number = lastSignal.load(ordering: .relaxed)
        return 128 + (number == 0 ? SIGINT : number)
    }

    /// Says nothing when the first signal comes.
    static func beQuiet() { isQuiet.store(true, ordering: .relaxed) }

    /// Makes the next signal the first again.
    static func reset() { lastSignal.store(0, ordering: .relaxed) }

    /// Waits for the user's next line; a signal meanwhile ends the process, since nothing is at work.
    static func readLine() -> String? {
        waitsForUser.store(true, ordering: .relaxed)
        defer { waitsForUser.store(false, ordering: .relaxed) }
        return Swift.readLine()
    }

    private static func handle(_ number: Int32) {
        let earlier = lastSignal.exchange(number, ordering: .relaxed)
        if earlier != 0 || waitsForUser.load(ordering: .relaxed) { _exit(128 + number) }
        guard !isQuiet.load(ordering: .relaxed) else { return }
        let code = errno
        _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
        errno = code
    }
}
