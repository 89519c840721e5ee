#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An IPv4 or IPv6 address as an operator writes it, brought into its canonical spelling.
///
/// An IPv4 address that came in over an IPv6 socket (`::ffff:10.0.0.1`) is the IPv4 address.
package struct HostAddress: Hashable, Sendable, CustomStringConvertible {
    private let bytes: [UInt8]

    /// - Parameter text: Dotted decimal, or an IPv6 address without brackets and zone.
    package init?(_ text: String) {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.bytes = withUnsafeBytes(of: &v4) { Array($0) }
            return
        }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: &v6) { Array($0) }
        let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        self.bytes = bytes.starts(with: mappedPrefix) ? Array(bytes.suffix(4)) : bytes
    }

    /// How many bits it has: 32 or 128.
    package var bitCount: Int { self.bytes.count * 8 }

    package var isLoopback: Bool {
        if self.bytes.count == 4 { return self.bytes[0] == 127 }
        return self.bytes.dropLast().allSatisfy { $0 == 0 } && self.bytes.last == 1
    }

    package var description: String {
        // 46 is INET6_ADDRSTRLEN: the longest text form with its terminating zero.
        var text = [CChar](repeating: 0, count: 46)
        let family = self.bytes.count == 4 ? AF_INET : AF_INET6
        let isWritten = self.bytes.withUnsafeBytes { address in
            inet_ntop(family, address.baseAddress, &text, socklen_t(text.count)) != nil
        }
        guard isWritten else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
