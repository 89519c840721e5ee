import SystemPackage
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A directory of a test's own, removed with what is in it when the test lets go of it.
final class TemporaryDirectory {
    let path: FilePath

    init() throws {
        var template = Array("/tmp/channelstream-log-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        self.path = FilePath(try #require(made))
    }

    deinit {
        _ = self.path.withPlatformString {
            nftw($0, { name, _, _, _ in name.map { remove($0) } ?? 0 }, 8, FTW_DEPTH | FTW_PHYS)
        }
    }

    /// A log of a hub in it.
    var log: FilePath { self.path.appending("hub") }
}
