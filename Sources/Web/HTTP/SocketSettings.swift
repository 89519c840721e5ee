package import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#endif

/// Options of an accepted TCP connection.
package struct SocketSettings: Sendable {
    /// The kernel's buffer for what the client has not taken yet, in bytes.
    ///
    /// Left alone, Linux grows it to 4 MiB. It doubles the figure for its own bookkeeping: a client that reads nothing
    /// holds about 100 KiB of the kernel's memory at 48 KiB, 140 KiB at 64 KiB, 264 KiB at 128 KiB.
    package var sendBufferSize = 48 * 1024
    /// A peer that acknowledges nothing for so long is dead.
    package var userTimeout = TimeAmount.seconds(45)
    /// Unwritten bytes in the process at which a connection counts as not writable, and as writable again.
    package var highWatermark = 32 * 1024
    package var lowWatermark = 16 * 1024

    /// The bytes that the kernel takes for a listener beyond what it can send (`TCP_NOTSENT_LOWAT`).
    ///
    /// A client that reads takes what is sent to it, and for one that does not each frame costs as much as for the others
    /// until its buffer is full: so that is soon. Half of it has to be gone before more is written.
    private static let unsentSize = 16 * 1024
    /// The size of a connection's first read, in bytes.
    private static let firstReadSize = 256

    package init() {}

    func apply(to channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.writeBufferWaterMark, value: .init(low: self.lowWatermark, high: self.highWatermark))
        // Small reads to begin with: what a channel keeps for its next read counts 10,000 times over. A longer request
        // takes a second read, the next ones of its connection do not.
        let size = Self.firstReadSize
        try options.setOption(
            .recvAllocator,
            value: AdaptiveRecvByteBufferAllocator(minimum: size, initial: size, maximum: 65536)
        )
        guard channel is any SocketOptionProvider else { return }
        if case .some(.unixDomainSocket) = channel.localAddress { return }
        try options.setOption(.socketOption(.so_sndbuf), value: .init(self.sendBufferSize))
        try options.setOption(.tcpOption(.tcp_nodelay), value: 1)
        #if os(Linux)
            let timeout = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: TCP_USER_TIMEOUT))
            try options.setOption(timeout, value: .init(self.userTimeout.nanoseconds / 1_000_000))
        #endif
    }

    /// Gives back what a channel keeps for reading, when from now on it only listens, and bounds what it is sent ahead.
    ///
    /// One buffer stays, of the size of the first read; one size for all reads needs no memory of how large the last ones
    /// were.
    package static func shrink(_ channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.firstReadSize))
        // The channel keeps no more buffers than it reads at a time.
        try options.setOption(.maxMessagesPerRead, value: 1)
        #if os(Linux)
            guard channel is any SocketOptionProvider else { return }
            if case .some(.unixDomainSocket) = channel.localAddress { return }
            let unsent = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: TCP_NOTSENT_LOWAT))
            try options.setOption(unsent, value: .init(Self.unsentSize))
        #endif
    }
}
