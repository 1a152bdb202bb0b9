// The settings of a remote expert: what is refused before any request, and what a file may leave out.

import Foundation
import Lineage
import Testing

@testable import Generation

struct RemoteSettingsTests {
    private func refusal(_ settings: EndpointSettings, environment: [String: String] = [:]) throws -> String {
        let error = #expect(throws: RemoteExpertError.self) { try RemoteExpert(settings, environment: environment) }
        return "\(try #require(error))"
    }

    @Test(arguments: [
        ("", "an address such as https://api.openai.com/v1"),
        ("api.openai.com/v1", "an address such as"),
        ("localhost:8080/v1", "starts with http:// or https://"),
        ("ftp://host/v1", "starts with http:// or https://"),
        ("file:///v1", "starts with http:// or https://"),
        ("http://", "with a host"),
        ("http:///v1", "with a host"),
        ("http://host:0/v1", "a port from 1 to 65535"),
        ("http://host:99999/v1", "a port from 1 to 65535"),
        ("http://a b/v1", "an address"),
        ("https://host/v1?version=1", "without # or ?"),
        ("https://host/v1?api-version=1#part", "without # or ?"),
    ])
    func anAddressThatCannotBeIsRefused(address: String, need: String) throws {
        let text = try refusal(EndpointSettings(baseURL: address, model: "m"))
        #expect(text.hasPrefix("The expert's baseURL is ") && text.contains(need), "\(text)")
    }

    @Test(arguments: [
        "https://user:secret@host/v1", "https://secret@host/v1", "https://host/v1?key=secret",
        "https://host/v1?api-version=1&key=secret",
    ])
    func aSecretInAnAddressIsRefusedAndNotRepeated(address: String) throws {
        let text = try refusal(EndpointSettings(baseURL: address, model: "m"))
        #expect(text.contains("host") && !text.contains("secret"), "\(text)")
    }

    @Test(arguments: ["http://localhost:8080/v1", "HTTPS://host", "http://[::1]:8080/v1", "https://bücher.example/v1/"])
    func anOrdinaryAddressIsTaken(address: String) throws {
        _ = try RemoteExpert(EndpointSettings(baseURL: address, model: "m"), environment: [:])
    }

    @Test func limitsThatCannotBeAreRefused() throws {
        func settings(_ change: (inout EndpointSettings) -> Void) -> EndpointSettings {
            var settings = EndpointSettings(baseURL: "http://host/v1", model: "m")
            change(&settings)
            return settings
        }
        #expect(try refusal(settings { $0.model = "" }).contains("model is \"\"; it must be the name of a model"))
        #expect(try refusal(settings { $0.parallelism = 0 }).contains("parallelism is 0; it must be 1 or more"))
        #expect(try refusal(settings { $0.maximumAttempts = 0 }).contains("maximumAttempts is 0; it must be 1 or more"))
        for seconds in [0, -1, .nan, .infinity, 1e300] {
            #expect(try refusal(settings { $0.timeoutSeconds = seconds }).contains("above 0 and at most 86400"))
        }
    }

    @Test(arguments: ["sk-1\nX-Evil: 1", "sk 1", "clé", "sk-\u{1B}"])
    func aKeyThatIsNoHeaderIsRefusedAndNotRepeated(key: String) throws {
        let settings = EndpointSettings(baseURL: "http://host/v1", model: "m", apiKeyVariable: "MY_KEY")
        #expect(
            try refusal(settings, environment: ["MY_KEY": key]) == """
                The key in MY_KEY holds spaces, control characters or letters outside ASCII; set it again.
                """)
    }

    @Test func whatAFileLeavesOutHasDefaults() throws {
        let decoder = JSONDecoder()
        let short = try decoder.decode(
            EndpointSettings.self, from: Data(#"{"baseURL": "http://host/v1", "model": "m"}"#.utf8))
        #expect(short == EndpointSettings(baseURL: "http://host/v1", model: "m"))
        let full = EndpointSettings(
            baseURL: "http://host/v1", model: "m", apiKeyVariable: "K", parallelism: 2, timeoutSeconds: 3.5,
            maximumAttempts: 4)
        #expect(try decoder.decode(EndpointSettings.self, from: JSONEncoder().encode(full)) == full)
    }
}
