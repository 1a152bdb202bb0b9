// The way to an endpoint: proxies and certificates as the environment has them, and what a person reads where they will not do.

import Foundation
import Lineage
import NIOHTTP1
import TestSupport
import Testing

@testable import Generation

@Suite(.timeLimit(.minutes(10)))
struct ProxyTests {
    /// What ends a request for a host that is not there, and at which wait.
    private func failure(_ url: String, _ environment: [String: String]) async throws -> String {
        let waits = Recorder<Double>()
        let error = await #expect(throws: RemoteExpertError.self) {
            let settings = EndpointSettings(baseURL: url, model: "m")
            return try await hurriedExpert(settings, environment: environment, waits: waits).replies(to: [ask("?")])
        }
        #expect(waits.all.isEmpty)
        return "\(try #require(error))"
    }

    @Test(arguments: ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
    func theEnvironmentsProxyIsAsked(variable: String) async throws {
        let seen = Recorder<String>()
        let replies = try await withServer { request in
            seen.add(request.uri)
            return try .reply("yes")
        } _: { url in
            let proxy = url.replacing("/v1", with: "")
            // Without http:// it is the same.
            let environment = [variable: variable == "ALL_PROXY" ? proxy.replacing("http://", with: "") : proxy]
            let settings = EndpointSettings(baseURL: "http://models.invalid/v1", model: "m")
            return try await hurriedExpert(settings, environment: environment).replies(to: [ask("?")])
        }
        #expect(replies.map(\.text) == ["yes"])
        #expect(seen.all == ["http://models.invalid/v1/chat/completions"])
    }

    @Test(arguments: [
        ["http_proxy": "http://proxy.invalid:1", "no_proxy": "example.org,127.0.0.1"],
        ["HTTP_PROXY": "http://proxy.invalid:1", "NO_PROXY": "*"], ["https_proxy": "http://proxy.invalid:1"],
        ["http_proxy": ""],
    ])
    func hostsThatNeedNoProxyAreAskedDirectly(environment: [String: String]) async throws {
        let replies = try await withServer { _ in
            try .reply("yes")
        } _: { url in
            try await hurriedExpert(EndpointSettings(baseURL: url, model: "m"), environment: environment)
                .replies(to: [ask("?")])
        }
        #expect(replies.map(\.text) == ["yes"])
    }

    @Test func aProxyThatIsNotThereIsNamedAtOnce() async throws {
        let text = try await failure("http://models.invalid/v1", ["http_proxy": "http://me:secret@proxy.invalid:3128"])
        #expect(
            text.contains("there is no host of the proxy's name in http_proxy") && !text.contains("secret"), "\(text)")
    }

    @Test func aProxyThatWantsAPasswordIsNamedAtOnce() async throws {
        for address in ["http://models.invalid/v1", "https://models.invalid/v1"] {
            let text = try await withServer { _ in
                .answer(status: 407, headers: ["Proxy-Authenticate": "Basic"], body: "")
            } _: { url in
                try await failure(
                    address, ["ALL_PROXY": url.replacing("/v1", with: "").replacing("//", with: "//me:secret@")])
            }
            #expect(text.contains("the proxy in ALL_PROXY wants a name and a password"), "\(text)")
            #expect(text.contains("NAME:PASSWORD@HOST") && !text.contains("secret"))
        }
    }

    @Test func aProxyThatRefusesATunnelIsNamedAtOnce() async throws {
        let text = try await withServer { request in
            request.uri == "models.invalid:443" ? .answer(status: 403, body: "") : .hangUp
        } _: { url in
            try await failure("https://models.invalid/v1", ["HTTPS_PROXY": url.replacing("/v1", with: "")])
        }
        #expect(text.contains("the proxy in HTTPS_PROXY refuses to connect") && text.contains("no_proxy"), "\(text)")
    }

    @Test func aProxyThatDoesNotListenIsSpokenOf() async throws {
        let proxy = try await withServer { _ in
            .hangUp
        } _: {
            $0.replacing("/v1", with: "")
        }
        let error = await #expect(throws: RemoteExpertError.self) {
            let settings = EndpointSettings(baseURL: "http://models.invalid/v1", model: "m", maximumAttempts: 1)
            return try await hurriedExpert(settings, environment: ["http_proxy": proxy]).replies(to: [ask("?")])
        }
        #expect("\(try #require(error))".contains("(connection refused, by way of the proxy in http_proxy)"))
    }

    @Test func aProxyIsNamedAlsoWhereItIsOnTheEndpointsHost() async throws {
        let error = await #expect(throws: RemoteExpertError.self) {
            try await withServer { _ in
                try .reply("yes")
            } _: { url in
                let settings = EndpointSettings(baseURL: url, model: "m", maximumAttempts: 1)
                // Nothing listens at a port that no server is given.
                return try await hurriedExpert(settings, environment: ["http_proxy": "http://127.0.0.1:1"])
                    .replies(to: [ask("?")])
            }
        }
        #expect("\(try #require(error))".contains("(connection refused, by way of the proxy in http_proxy)"))
    }

    @Test func aServerWithoutTLSIsNamedAtOnce() async throws {
        let (endpoint, proxy, behind) = try await withServer { _ in
            try .reply("yes")
        } _: { url in
            let address = url.replacing("http:", with: "https:")
            let proxy = address.replacing("/v1", with: "")
            return try await (
                failure(address, [:]), failure("https://models.invalid/v1", ["HTTPS_PROXY": proxy]),
                failure("http://models.invalid/v1", ["http_proxy": proxy])
            )
        }
        #expect(endpoint.contains("/v1 speaks no TLS: write http:// in the base URL"), "\(endpoint)")
        #expect(proxy.contains("the proxy speaks no TLS: write http:// in HTTPS_PROXY"), "\(proxy)")
        #expect(behind.contains("the proxy speaks no TLS: write http:// in http_proxy"), "\(behind)")
    }

    @Test(arguments: ["ftp", "htp", "socks6"])
    func aKindOfProxyThatThereIsNotIsNamedAtOnce(scheme: String) async throws {
        let text = try await failure("http://models.invalid/v1", ["http_proxy": "\(scheme)://me:secret@x:1"])
        #expect(text.contains("the proxy in http_proxy starts with \(scheme)://"), "\(text)")
        #expect(!text.contains("secret"))
    }

    @Test(arguments: [
        ("127.0.0.1:8871", "127.0.0.1", 8871, true), ("127.0.0.1:8871", "127.0.0.1", 8872, false),
        ("*.a.b", "x.a.b", 443, true), ("*.a.b:443", "x.a.b", 443, true), ("*.a.b", "xa.b", 443, false),
        (".a.b", "x.a.b", 443, true), ("a.b", "x.A.b.", 443, true), ("A.B.", "a.b", 443, true),
        ("a.b", "a.b.c", 443, false), ("x y, *", "q", 80, true), ("", "q", 80, false), (",.,*.", "q", 80, false),
        ("10.0.0.0/8", "10.1.2.3", 80, true), ("10.0.0.0/8", "11.1.2.3", 80, false),
        ("0.0.1", "127.0.0.1", 80, false), ("[::1]:80", "::1", 80, true), ("::1", "[::1]", 80, true),
        ("fe80::/10", "fe81::2", 80, true), ("[::1]:81", "::1", 80, false), ("10.0.0.0/99", "10.0.0.0", 80, false),
    ])
    func exceptionsAreReadAsOtherProgramsReadThem(list: String, host: String, port: Int, isExcepted: Bool) {
        #expect(ProxyExceptions(list).include(host: host, port: port) == isExcepted)
    }

    @Test func anExceptionWithThePortIsAskedDirectly() async throws {
        let replies = try await withServer { _ in
            try .reply("yes")
        } _: { url in
            let place = url.replacing("http://", with: "").replacing("/v1", with: "")
            let environment = ["http_proxy": "http://proxy.invalid:1", "no_proxy": "example.org,\(place)"]
            return try await hurriedExpert(EndpointSettings(baseURL: url, model: "m"), environment: environment)
                .replies(to: [ask("?")])
        }
        #expect(replies.map(\.text) == ["yes"])
    }

    @Test func theVersionOfAnAPIFollowsThePath() async throws {
        let seen = Recorder<ServedRequest>()
        _ = try await withServer { request in
            seen.add(request)
            return try .reply("yes")
        } _: { url in
            var settings = EndpointSettings(baseURL: url + "/?api-version=2024-10-21", model: "m")
            settings.apiKeyHeader = "api-key"
            return try await hurriedExpert(settings, environment: ["OPENAI_API_KEY": "sk-1"]).replies(to: [ask("?")])
        }
        #expect(seen.all.map(\.uri) == ["/v1/chat/completions?api-version=2024-10-21"])
        #expect(seen.all.first?.headers["api-key"] == ["sk-1"] && seen.all.first?.headers["Authorization"] == [])
    }
}

/// A server with a certificate of its own, made for the test.
private final class TLSServer {
    static let canRun = ["openssl", "python3"].allSatisfy { name in
        (try? run("/usr/bin/env", ["sh", "-c", "command -v \(name)"])) != nil
    }

    let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
    private let process = Process()
    let port: Int
    var certificate: String { folder.appending(path: "cert.pem").path }

    /// - Parameters:
    ///   - name: the host that the certificate is for.
    ///   - days: how long it is good for, counted from now; below 0 it has run out.
    init(name: String = "localhost", days: Int = 2) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let key = folder.appending(path: "key.pem").path
        let certificate = folder.appending(path: "cert.pem").path
        let request = folder.appending(path: "request.pem").path
        let extensions = folder.appending(path: "extensions").path
        try Data("subjectAltName=DNS:\(name)\n".utf8).write(to: URL(fileURLWithPath: extensions))
        try Self.run(
            "/usr/bin/env",
            [
                "openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(name)", "-keyout", key, "-out",
                request,
            ])
        try Self.run(
            "/usr/bin/env",
            [
                "openssl", "x509", "-req", "-in", request, "-signkey", key, "-out", certificate, "-days", "\(days)",
                "-extfile", extensions,
            ])
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.script, certificate, key]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while line.last != 10 {
            let byte = output.fileHandleForReading.readData(ofLength: 1)
            if byte.isEmpty { break }
            line += byte
        }
        let said = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        port = try #require(Int(said), "the server said \(said)")
    }

    deinit {
        // Not waited for: Foundation may wait for ever on another thread than the one that began the process.
        process.terminate()
        try? FileManager.default.removeItem(at: folder)
    }

    @discardableResult private static func run(_ path: String, _ arguments: [String]) throws -> Int32 {
        let process = Process()
        (process.executableURL, process.arguments) = (URL(fileURLWithPath: path), arguments)
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
        return 0
    }

    private static let script = """
        import http.server, json, ssl, sys

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_): pass
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                body = json.dumps({"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_): pass

        server = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_port, flush=True)
        server.serve_forever()
        """
}

@Suite(
    .timeLimit(.minutes(10)),
    .enabled(if: TLSServer.canRun, "the server needs the commands openssl and python3, and one of them is missing"))
struct CertificateTests {
    private func ask(_ server: TLSServer, _ environment: [String: String], waits: Recorder<Double> = Recorder())
        async throws -> [String]
    {
        let settings = EndpointSettings(baseURL: "https://localhost:\(server.port)/v1", model: "m")
        return try await hurriedExpert(settings, environment: environment, waits: waits)
            .replies(to: [Generation.ChatRequest.question]).map(\.text)
    }

    private func failure(_ server: TLSServer, _ environment: [String: String]) async throws -> String {
        let waits = Recorder<Double>()
        let error = await #expect(throws: RemoteExpertError.self) { try await ask(server, environment, waits: waits) }
        #expect(waits.all.isEmpty)
        return "\(try #require(error))"
    }

    @Test func aCertificateThatNobodyTrustsEndsTheWorkAtOnce() async throws {
        let text = try await failure(TLSServer(), [:])
        #expect(text.hasPrefix("The certificate of https://localhost:"), "\(text)")
        #expect(text.contains("self") && text.contains("SSL_CERT_FILE=/path/to/certificate.pem"), "\(text)")
    }

    @Test(arguments: ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
    func aCertificateThatTheEnvironmentNamesIsTrusted(variable: String) async throws {
        let server = try TLSServer()
        #expect(try await ask(server, [variable: server.certificate]) == ["yes"])
    }

    @Test func anExpiredCertificateIsNotAcceptedThoughItIsTrusted() async throws {
        let server = try TLSServer(days: -1)
        let text = try await failure(server, ["SSL_CERT_FILE": server.certificate])
        #expect(text.contains("expired") && text.contains("Have it renewed"), "\(text)")
    }

    @Test func anotherHostsCertificateIsNotAcceptedThoughItIsTrusted() async throws {
        let server = try TLSServer(name: "models.example")
        let text = try await failure(server, ["SSL_CERT_FILE": server.certificate])
        #expect(text.contains("Put the host that it was made for into the base URL"), "\(text)")
    }

    @Test func certificatesThatCannotBeReadAreNamedByTheirVariable() async throws {
        let server = try TLSServer()
        let text = try await failure(server, ["SSL_CERT_FILE": server.folder.appending(path: "none.pem").path])
        #expect(text.hasPrefix("The certificates that SSL_CERT_FILE names cannot be read"), "\(text)")
    }
}

extension ChatRequest {
    fileprivate static var question: ChatRequest {
        ChatRequest(messages: [.init(role: "user", content: "?")], temperature: 0, maximumTokens: 16)
    }
}
