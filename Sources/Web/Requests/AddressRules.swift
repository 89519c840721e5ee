/// A set of network addresses: of those who may call the backend endpoints, or of proxies that are believed.
///
/// An entry is an address or a network (`10.0.0.0/8`, `fd00::/8`). As upstream has it, `0.0.0.0` means everybody.
/// `127.0.0.1` also means `::1`, and a local socket without any address counts as `127.0.0.1`.
package struct AddressRules: Sendable, Equatable {
    private struct Network: Equatable {
        let address: IPAddress
        /// Leading bits that count, of 128.
        let prefix: Int

        func contains(_ other: IPAddress) -> Bool {
            (self.address.bits ^ other.bits) & Self.mask(self.prefix) == 0
        }

        static func mask(_ prefix: Int) -> UInt128 {
            prefix == 0 ? 0 : UInt128.max << UInt128(128 - prefix)
        }
    }

    private var networks: [Network] = []

    /// Only this machine: the default.
    package static let loopback: AddressRules = {
        var rules = AddressRules()
        rules.add(Network(address: .loopback4, prefix: 128))
        return rules
    }()

    private init() {}

    /// - Throws: ``AddressRuleError`` for an entry that is neither an address nor a network.
    package init(_ entries: [String]) throws(AddressRuleError) {
        for entry in entries {
            self.add(try Self.network(entry))
        }
    }

    /// Whether a peer is one of them; nil stands for a local socket.
    package func allows(_ peer: IPAddress?) -> Bool {
        let peer = peer ?? .loopback4
        return self.networks.contains { $0.contains(peer) }
    }

    private mutating func add(_ network: Network) {
        self.networks.append(network)
        if network == Network(address: .loopback4, prefix: 128) {
            self.networks.append(Network(address: .loopback6, prefix: 128))
        }
    }

    private static func network(_ entry: String) throws(AddressRuleError) -> Network {
        if entry == "0.0.0.0" { return Network(address: .loopback6, prefix: 0) }
        let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else {
            throw AddressRuleError(entry: entry)
        }
        guard parts.count == 2 else { return Network(address: address, prefix: 128) }
        let skipped = address.isVersion4 ? 96 : 0
        guard let prefix = Int(parts[1]), (0...128 - skipped).contains(prefix) else {
            throw AddressRuleError(entry: entry)
        }
        return Network(address: address, prefix: skipped + prefix)
    }
}

/// An entry that is no address.
package struct AddressRuleError: Error, Equatable, CustomStringConvertible {
    package let entry: String

    package var description: String {
        "\"\(self.entry)\" is neither an address nor a network; write 10.0.0.7, 10.0.0.0/8 or fd00::/8"
    }
}
