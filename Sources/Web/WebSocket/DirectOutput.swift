import Glibc
package import LogValues
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes to a socket's descriptor past SwiftNIO's channel (see `docs/decisions`, "Frames go straight to the kernel").
///
/// Never waits, and never raises SIGPIPE. The kernel copies what it is shown, and keeps no pointer.
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
    package static func send(_ bytes: Bytes, to descriptor: CInt) -> Int {
        while true {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe systemSend(descriptor, $0.baseAddress, $0.count, Self.flags)
            }
            if count >= 0 { return count }
            if let count = Self.count(of: errno) { return count }
        }
    }

    /// - Parameters:
    ///   - parts: Places in `bytes`, at most ``partCount``, sent in order.
    ///   - bytes: What they are of.
    ///   - descriptor: A socket's.
    /// - Returns: As for one part.
    package static func send(_ parts: ArraySlice<Range<Int>>, of bytes: Bytes, to descriptor: CInt) -> Int {
        precondition(parts.count <= Self.partCount, "a call takes as many parts as it may")
        return unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: Self.partCount) { vectors in
            for (index, part) in zip(0..., parts) {
                let start = unsafe bytes.extracting(part).withUnsafeBytes { $0.baseAddress }
                // The kernel reads what it is shown, though the type lets it write; the bytes are borrowed until it has.
                let vector = unsafe iovec(iov_base: UnsafeMutableRawPointer(mutating: start), iov_len: part.count)
                unsafe vectors.initializeElement(at: index, to: vector)
            }
            var message = unsafe msghdr()
            unsafe message.msg_iov = vectors.baseAddress
            unsafe message.msg_iovlen = .init(parts.count)
            while true {
                let count = unsafe sendmsg(descriptor, &message, Self.flags)
                if count >= 0 { return count }
                if let count = Self.count(of: errno) { return count }
            }
        }
    }

    /// Whether the other side's kernel has all bytes that were sent; nil where the system does not tell.
    package static func isAcknowledged(_ descriptor: CInt) -> Bool? {
        var count: CInt = 0
        #if canImport(Glibc)
            // As SIOCOUTQ, which is the same number: bytes that are not acknowledged.
            guard unsafe ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 else { return nil }
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
            return unsafe ioctl(descriptor, request, &count) == 0 && count > 0
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
    private let systemSend = unsafe Glibc.send
#elseif canImport(Darwin)
    private let systemSend = Darwin.send
#endif
