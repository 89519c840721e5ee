import LogValues
import RawJSON

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Talk for people, on standard error.
enum Diagnostics {
    /// Writes one line; an error of standard error has nowhere to go.
    static func say(_ message: String) {
        var line = Array("channelstream-log: ".utf8)
        // File names and names of users come from outside, and a terminal obeys control characters.
        TerminalText.append(message.utf8, to: &line)
        line.append(UInt8(ascii: "\n"))
        self.write(line)
    }

    /// Writes a text of several lines, such as how a command is used.
    static func say(lines text: String) {
        var bytes: [UInt8] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            TerminalText.append(line.utf8, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        self.write(bytes)
    }

    /// Writes bytes as they are.
    static func write(_ bytes: [UInt8]) {
        var written = 0
        while written < bytes.count {
            let count = systemWrite(STDERR_FILENO, bytes.span.extracting(written...))
            guard count > 0 else { return }
            written += count
        }
    }

    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}

/// `write(2)`, repeated when a signal interrupted it.
///
/// - Returns: What `write` returns: the count of bytes written, or -1 with `errno` set.
func systemWrite(_ descriptor: Int32, _ bytes: Bytes) -> Int {
    while true {
        let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        guard count < 0, errno == EINTR else { return count }
    }
}
