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

    /// nil where none is set for the scheme. Its value may hold a password and is not to be shown.
    let proxy: Named?
    /// Hosts that are asked without it, a list as no_proxy has it.
    let withoutProxy: String
    /// A file of trusted certificates; nil where the system's are.
    let certificateFile: Named?
    /// A folder of them, by their hashes.
    let certificateFolder: Named?

    /// - Parameter scheme: the endpoint's, in lower case.
    init(scheme: String, environment: [String: String]) {
        func first(_ variables: [String]) -> Named? {
            variables.lazy.compactMap { variable in
                let value = environment[variable]?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
                return value.isEmpty ? nil : Named(variable: variable, value: value)
            }.first
        }
        // HTTP_PROXY too: a server that lets its visitors set it, which is why curl passes it over, does not run this program.
        proxy = first(["\(scheme)_proxy", "\(scheme.uppercased())_PROXY", "all_proxy", "ALL_PROXY"])
        withoutProxy = first(["no_proxy", "NO_PROXY"])?.value ?? ""
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
}
