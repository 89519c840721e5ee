import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A connection in the kernel with small buffers: one end is for a channel, the other one is the test's.
final class SocketPair: Sendable {
    /// It belongs to whoever makes a channel of it.
    let channelEnd: CInt
    private let end: CInt

    init() throws {
        var ends: [CInt] = [-1, -1]
        #if canImport(Glibc)
            let type = CInt(SOCK_STREAM.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        unsafe try #require(socketpair(AF_UNIX, type, 0, &ends) == 0)
        var size: CInt = 8192
        unsafe setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<CInt>.size))
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        (self.channelEnd, self.end) = (ends[0], ends[1])
    }

    deinit {
        #if canImport(Glibc)
            _ = Glibc.close(self.end)
        #else
            _ = Darwin.close(self.end)
        #endif
    }

    /// Breaks the connection, as a client does that is gone.
    func goAway() {
        shutdown(self.end, CInt(SHUT_RDWR))
    }

    func send(_ bytes: [UInt8]) throws {
        unsafe try #require(write(self.end, bytes, bytes.count) == bytes.count)
    }

    /// Waits for bytes, of which it takes at most so many.
    func receive(_ size: Int) throws -> ArraySlice<UInt8> {
        var bytes = [UInt8](repeating: 0, count: size)
        let count = unsafe recv(self.end, &bytes, size, 0)
        try #require(count > 0, "nothing came, or the end")
        return bytes.prefix(count)
    }
}
