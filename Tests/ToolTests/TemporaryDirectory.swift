import Foundation
import SystemPackage

/// A directory of a test's own, removed with what is in it when the test lets go of it.
final class TemporaryDirectory {
    let path: FilePath

    init() throws {
        self.path = FilePath(NSTemporaryDirectory()).appending("channelstream-log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: self.path.string, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path.string)
    }

    /// Where a test has its log.
    var log: FilePath { self.path.appending("hub") }
}
