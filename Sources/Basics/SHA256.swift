// SHA-256 of bytes that come in pieces, as libmd computes it. Knows nothing of what is hashed.

import CMessageDigest

/// A SHA-256 digest in the making.
public struct SHA256 {
    private var context = SHA2_CTX()

    /// The digest of no bytes, until some are added.
    public init() { SHA256Init(&context) }

    /// Adds bytes behind those before: where one piece ends and the next begins makes no difference.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        bytes.withMemoryRebound(to: UInt8.self) { bytes in
            // Of no bytes there may be no address, which the C function takes for one.
            if let address = bytes.baseAddress { SHA256Update(&context, address, bytes.count) }
        }
    }

    /// Adds the UTF-8 of a text.
    public mutating func update(_ text: String) {
        var text = text
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }

    /// The 32 bytes of the digest.
    public consuming func finalize() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
            SHA256Final(digest.baseAddress, &context)
            count = digest.count
        }
    }
}
