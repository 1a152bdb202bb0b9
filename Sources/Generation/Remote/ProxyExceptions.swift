// Hosts that are asked without a proxy, as no_proxy lists them. libcurl reads such lists too, but passes over entries that other
// programs take: with a port, and with *. before a domain. Which networks it knows depends on its age.

import Foundation

struct ProxyExceptions: Sendable {
    private let entries: [String]

    /// - Parameter list: names, addresses and networks between commas or spaces; `*` is every host.
    init(_ list: String) {
        entries = list.lowercased().split { $0 == "," || $0.isWhitespace }.map(String.init)
    }

    /// - Parameters:
    ///   - host: a name or an address, which has brackets or not.
    ///   - port: the one that is asked.
    func include(host: String, port: Int) -> Bool {
        let host = Self.plain(host.lowercased())
        return entries.contains { entry in
            if entry == "*" { return true }
            var name = entry
            if let match = entry.wholeMatch(of: /(\[.*\]|[^:]*):([0-9]+)/) {
                guard Int(match.2) == port else { return false }
                name = String(match.1)
            }
            name = Self.plain(name)
            if let bytes = Self.bytes(of: host) { return Self.covers(name, bytes) }
            let domain = Self.plain(String(name.trimmingPrefix(/\*?\./)))
            return !domain.isEmpty && (host == domain || host.hasSuffix("." + domain))
        }
    }

    /// Without brackets, and without the dot that ends a full name.
    private static func plain(_ name: String) -> String {
        if name.hasPrefix("["), name.hasSuffix("]") { return String(name.dropFirst().dropLast()) }
        return name.count > 1 && name.hasSuffix(".") ? String(name.dropLast()) : name
    }

    /// Whether an address, or a network as 10.0.0.0/8, has these bytes.
    private static func covers(_ entry: String, _ address: [UInt8]) -> Bool {
        let parts = entry.split(separator: "/", maxSplits: 1)
        guard let first = parts.first, let network = bytes(of: plain(String(first))), network.count == address.count
        else { return false }
        guard parts.count == 2 else { return network == address }
        guard let length = Int(parts[1]), (0...8 * network.count).contains(length) else { return false }
        return (0..<length).allSatisfy { bit in
            (network[bit / 8] ^ address[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }

    /// An IPv4 or IPv6 address; nil for a name.
    private static func bytes(of address: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, address, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
