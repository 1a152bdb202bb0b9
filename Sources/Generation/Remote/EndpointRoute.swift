// The way to an endpoint, as the environment has it for all programs: through which proxy, and whose certificates are trusted.
// Knows the variables, not the requests.

import Foundation

/// What libcurl is told of proxies and certificates; it looks at no variable itself.
struct EndpointRoute: Sendable {
    /// A value of the environment, with the variable that it comes from.
    struct Named: Sendable {
        let variable: String
        let value: String
    }

    /// nil where none is set for the scheme, or the host needs none. Its value may hold a password and is not to be shown.
    let proxy: Named?
    /// A file of trusted certificates; nil where the system's are.
    let certificateFile: Named?
    /// A folder of them, by their hashes.
    let certificateFolder: Named?

    /// - Parameter address: the endpoint's base URL, which has been checked.
    init(to address: String, environment: [String: String]) {
        let parts = URLComponents(string: address)
        let scheme = parts?.scheme?.lowercased() ?? "https"
        func first(_ variables: [String]) -> Named? {
            variables.lazy.compactMap { variable in
                let value = environment[variable]?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
                return value.isEmpty ? nil : Named(variable: variable, value: value)
            }.first
        }
        // HTTP_PROXY too: a server that lets its visitors set it, which is why curl passes it over, does not run this program.
        let all = first(["\(scheme)_proxy", "\(scheme.uppercased())_PROXY", "all_proxy", "ALL_PROXY"])
        let exceptions = ProxyExceptions(first(["no_proxy", "NO_PROXY"])?.value ?? "")
        let port = parts?.port ?? (scheme == "http" ? 80 : 443)
        proxy = exceptions.include(host: parts?.host ?? "", port: port) ? nil : all
        // What OpenSSL, curl and Python's requests read. The last one may be a folder.
        let bundle = first(["SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
        var isFolder: ObjCBool = false
        let bundleIsFolder =
            bundle.map {
                FileManager.default.fileExists(atPath: $0.value, isDirectory: &isFolder) && isFolder.boolValue
            }
            ?? false
        certificateFile = bundleIsFolder ? nil : bundle
        certificateFolder = bundleIsFolder ? bundle : first(["SSL_CERT_DIR"])
    }

    /// What stands before :// in a proxy's address where libcurl has no such proxies; nil where it has, or where nothing does.
    static func unknownScheme(ofProxy address: String) -> String? {
        guard let range = address.range(of: "://") else { return nil }
        let scheme = String(address[..<range.lowerBound])
        let known: Set = ["http", "https", "socks", "socks4", "socks4a", "socks5", "socks5h"]
        return known.contains(scheme.lowercased()) ? nil : scheme
    }
}
