package import NIOCore

/// An address as 128 bits; IPv4 has its place at `::ffff:0:0/96`, so that a socket that serves both sees one address.
package struct IPAddress: Hashable, Sendable {
    package let bits: UInt128

    package static let loopback4 = IPAddress(bits: 0xFFFF_7F00_0001)
    package static let loopback6 = IPAddress(bits: 1)

    package var isVersion4: Bool { self.bits >> 32 == 0xFFFF }

    private init(bits: UInt128) {
        self.bits = bits
    }

    /// From dotted or colon-separated text.
    package init?(_ text: String) {
        guard let address = try? SocketAddress(ipAddress: text, port: 0) else { return nil }
        self.init(address)
    }

    /// The address of a peer; nil for a local socket.
    package init?(_ address: SocketAddress) {
        // By place, because the C structs belong to a module of NIO's: `sockaddr_in` has the address in bytes 4 to 7,
        // `sockaddr_in6` in bytes 8 to 23, on Linux as on macOS; both in network order.
        // NIO lends the struct, with its size, for the call.
        let bits: UInt128? = unsafe address.withSockAddr { pointer, size in
            let bytes = unsafe Array(unsafe UnsafeRawBufferPointer(start: pointer, count: size))
            switch address {
            case .v4: return size >= 8 ? 0xFFFF_0000_0000 | Self.number(bytes[4..<8]) : nil
            case .v6: return size >= 24 ? Self.number(bytes[8..<24]) : nil
            case .unixDomainSocket: return nil
            }
        }
        guard let bits else { return nil }
        self.init(bits: bits)
    }

    private static func number(_ networkOrder: ArraySlice<UInt8>) -> UInt128 {
        networkOrder.reduce(0) { $0 << 8 | UInt128($1) }
    }
}
