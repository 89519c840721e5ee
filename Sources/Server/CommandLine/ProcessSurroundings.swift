#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ChannelstreamProgram.Surroundings {
    /// Those of the running process, with the environment that it got.
    package static func process(environment: [String: String]) -> Self {
        Self(
            environment: environment,
            readFile: { path throws(TextFileError) in try TextFile.read(path) },
            writeFile: { path, text, replacing throws(TextFileError) in
                try TextFile.write(text, to: path, replacing: replacing)
            },
            printOut: { TextFile.print($0, to: STDOUT_FILENO) },
            printError: { TextFile.print($0, to: STDERR_FILENO) }
        )
    }
}

/// A system call on a text file that went wrong.
package struct TextFileError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    fileprivate init(_ path: String, errno number: Int32) {
        self.path = path
        self.reason = unsafe String(cString: strerror(number))
    }

    fileprivate init(_ path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    package var description: String { "\(self.path): \(self.reason)" }
}

// `TextFile` has a `read` and a `write` of its own, which would hide the system's.
private let systemRead = unsafe read
private let systemWrite = unsafe write

/// Small text files, whole.
///
/// The system is lent what lives for the call, with its size, and keeps no pointer.
private enum TextFile {
    /// No configuration is larger; what is has been named by mistake.
    private static let maximumSize = 1 << 20

    static func read(_ path: String) throws(TextFileError) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TextFileError(path, errno: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe systemRead(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw TextFileError(path, errno: errno)
            }
            bytes += chunk[..<count]
            guard bytes.count <= Self.maximumSize else {
                throw TextFileError(path, reason: "is larger than 1 MiB, so it is no configuration")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TextFileError(path, reason: "is not UTF-8 text")
        }
        return text
    }

    /// Writes a file; without `replacing`, one that exists or appears meanwhile is an error.
    static func write(_ text: String, to path: String, replacing: Bool) throws(TextFileError) {
        let mode = O_WRONLY | O_CREAT | O_CLOEXEC | (replacing ? O_TRUNC : O_EXCL)
        // The file holds secrets, so only its owner may read it.
        let descriptor = unsafe open(path, mode, 0o600)
        guard descriptor >= 0 else { throw TextFileError(path, errno: errno) }
        let failure = Self.writeAll(text, descriptor)
        guard close(descriptor) == 0, failure == 0 else { throw TextFileError(path, errno: failure) }
    }

    static func print(_ text: String, to descriptor: Int32) {
        // Nobody is left to tell when standard error is closed.
        _ = Self.writeAll(text.hasSuffix("\n") ? text : text + "\n", descriptor)
    }

    /// - Returns: 0, or the number of the error.
    private static func writeAll(_ text: String, _ descriptor: Int32) -> Int32 {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes[done...].withUnsafeBytes {
                unsafe systemWrite(descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}
