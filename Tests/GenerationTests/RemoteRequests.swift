// What the tests of remote experts ask, and experts that do not wait.

import Foundation
import Lineage
import TestSupport

@testable import Generation

/// A request of one user turn.
func ask(_ question: String) -> ChatRequest {
    ChatRequest(messages: [.init(role: "user", content: question)], temperature: 0, maximumTokens: 16)
}

/// `count` requests that ask for the numbers from 0.
func askNumbers(_ count: Int) -> [ChatRequest] { (0..<count).map { ask("\($0)") } }

/// An expert that notes its waits instead of waiting, each the longest that back-off allows.
func hurriedExpert(
    _ settings: EndpointSettings, environment: [String: String] = [:], waits: Recorder<Double> = Recorder(),
    notices: Recorder<String> = Recorder()
) throws -> RemoteExpert {
    let backOff = BackOff(
        sleep: { seconds in
            try Task.checkCancellation()
            waits.add(seconds)
        }, fraction: { 1 })
    return try RemoteExpert(settings, environment: environment, backOff: backOff, onNotice: { notices.add($0) })
}
