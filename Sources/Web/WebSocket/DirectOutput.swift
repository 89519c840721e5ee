import NIOCore

#if canImport(Glibc)
    package import Glibc
#elseif canImport(Darwin)
    package import Darwin
#endif

/// Writes to a socket's descriptor past SwiftNIO's channel (see `docs/decisions`, "Frames go straight to the kernel").
///
/// Never waits, and never raises SIGPIPE.
package enum DirectOutput {
    /// The other side is gone, or the socket is broken.
    package static let failure = -1
    /// Parts that one call may take.
    package static let partCount = 64

    #if canImport(Glibc)
        private static let flags = CInt(truncatingIfNeeded: MSG_DONTWAIT | MSG_NOSIGNAL)
    #else
        // NIO sets SO_NOSIGPIPE there.
        private static let flags = CInt(MSG_DONTWAIT)
    #endif

    /// - Returns: How many bytes the kernel took, 0 where it has no room; ``failure``.
    @inline(__always)
    package static func send(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> Int {
        while true {
            let count = systemSend(descriptor, bytes.baseAddress, bytes.count, Self.flags)
            if count >= 0 { return count }
            if let count = Self.count(of: errno) { return count }
        }
    }

    /// - Parameters:
    ///   - parts: At most ``partCount``, sent in order.
    ///   - descriptor: A socket's.
    /// - Returns: As for one part.
    package static func send(_ parts: UnsafeMutableBufferPointer<iovec>, to descriptor: CInt) -> Int {
        var message = msghdr()
        message.msg_iov = parts.baseAddress
        message.msg_iovlen = .init(parts.count)
        while true {
            let count = sendmsg(descriptor, &message, Self.flags)
            if count >= 0 { return count }
            if let count = Self.count(of: errno) { return count }
        }
    }

    /// Whether the other side's kernel has all bytes that were sent; nil where the system does not tell.
    package static func isAcknowledged(_ descriptor: CInt) -> Bool? {
        var count: CInt = 0
        #if canImport(Glibc)
            // As SIOCOUTQ, which is the same number: bytes that are not acknowledged.
            guard ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 else { return nil }
        #else
            var size = socklen_t(MemoryLayout<CInt>.size)
            guard getsockopt(descriptor, SOL_SOCKET, SO_NWRITE, &count, &size) == 0 else { return nil }
        #endif
        return count == 0
    }

    /// Whether the kernel holds bytes that it has not sent; false where the system does not tell.
    package static func hasUnsent(_ descriptor: CInt) -> Bool {
        #if canImport(Glibc)
            // SIOCOUTQNSD of `linux/sockios.h`, which the module does not have.
            let request: UInt = 0x894B
            var count: CInt = 0
            return ioctl(descriptor, request, &count) == 0 && count > 0
        #else
            return false
        #endif
    }

    /// - Returns: Nil for a call that was interrupted and has to be made again.
    private static func count(of error: CInt) -> Int? {
        switch error {
        case EINTR: nil
        // ENOBUFS passes as EAGAIN does.
        case EAGAIN, EWOULDBLOCK, ENOBUFS: 0
        default: Self.failure
        }
    }
}

#if canImport(Glibc)
    private let systemSend = Glibc.send
#elseif canImport(Darwin)
    private let systemSend = Darwin.send
#endif
