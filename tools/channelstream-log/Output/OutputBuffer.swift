import LogValues
import RawJSON

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Bytes on their way to standard output (or another descriptor), written in large pieces.
///
/// One owner; whoever makes it calls ``flush()`` at the end, also where it ends with an error: what was put in before an
/// error counts. One thread.
final class OutputBuffer {
    private static let capacity = 256 << 10

    private let descriptor: Int32
    private var bytes: [UInt8] = []

    init(descriptor: Int32 = STDOUT_FILENO) {
        self.descriptor = descriptor
        self.bytes.reserveCapacity(Self.capacity)
    }

    /// - Throws: ``OutputClosed`` if nobody reads any more; ``ToolFailure`` if writing fails otherwise.
    func append(_ text: Bytes) throws {
        if self.bytes.count + text.count > Self.capacity { try self.flush() }
        self.bytes.append(contentsOf: text)
    }

    /// Appends text and a newline.
    ///
    /// - Throws: As ``append(_:)``.
    func append(line: Bytes) throws {
        try self.append(line)
        self.bytes.append(UInt8(ascii: "\n"))
    }

    /// - Throws: As ``append(_:)``.
    func append(_ text: [UInt8]) throws {
        try self.append(text.span)
    }

    /// - Throws: As ``append(_:)``.
    func append(_ text: String) throws {
        try self.append(text.utf8Span.span)
    }

    /// Writes one text, and that is all.
    ///
    /// - Throws: As ``append(_:)``.
    static func print(_ text: [UInt8]) throws {
        let output = OutputBuffer()
        try output.append(text)
        try output.flush()
    }

    /// Writes out what was appended.
    ///
    /// - Throws: As ``append(_:)``.
    func flush() throws {
        defer { self.bytes.removeAll(keepingCapacity: true) }
        var written = 0
        while written < self.bytes.count {
            let count = systemWrite(self.descriptor, self.bytes.span.extracting(written...))
            guard count > 0 else { throw self.failure(errno) }
            written += count
        }
    }

    private func failure(_ code: Int32) -> any Error {
        guard code != EPIPE else { return OutputClosed() }
        return ToolFailure(.unreadable, unsafe "writing the output failed: \(String(cString: strerror(code)))")
    }
}

/// Nobody reads the output any more: the command is done, successfully.
struct OutputClosed: Error {}
