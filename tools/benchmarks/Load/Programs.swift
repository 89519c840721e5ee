import Foundation

/// The programs that are measured, and those that measure.
struct Programs {
    /// The repository.
    let root: URL
    /// Release builds.
    let channelstream: URL
    let channelstreamLog: URL
    let fanload: URL
    let limit: URL

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameters:
    ///   - root: The repository.
    ///   - loadFolder: Sources of `fanload` and `limit`, which are no part of the repository; nil if they are not needed.
    /// - Throws: ``Missing`` if something is not there, with what to do.
    init(root: URL, loadFolder: URL?) throws {
        self.root = root
        let release = root.appendingPathComponent(".build/release")
        self.channelstream = release.appendingPathComponent("channelstream")
        self.channelstreamLog = release.appendingPathComponent("channelstream-log")
        for program in [self.channelstream, self.channelstreamLog]
        where !FileManager.default.isExecutableFile(atPath: program.path) {
            throw Missing(description: "\(program.path) is missing: run tools/run --build-only")
        }
        let built = root.appendingPathComponent(".build/load")
        self.fanload = built.appendingPathComponent("fanload")
        self.limit = built.appendingPathComponent("limit")
        if let loadFolder { try self.buildLoad(loadFolder, into: built) }
    }

    /// Builds with the folder's own Makefile, into a folder of ours: the sources may be read-only.
    private func buildLoad(_ folder: URL, into built: URL) throws {
        guard FileManager.default.fileExists(atPath: folder.appendingPathComponent("fanload.cpp").path) else {
            throw Missing(
                description: """
                    no load generator: \(folder.path) holds no fanload.cpp. fanload and limit are no part of this \
                    repository; say where their sources are with --load-dir or CHANNELSTREAM_LOAD_DIR
                    """
            )
        }
        try FileManager.default.createDirectory(at: built, withIntermediateDirectories: true)
        _ = try ChildProcess.require(
            ["make", "-s", "-C", folder.path, "OUT=\(built.path)"],
            timeLimit: .seconds(180)
        )
    }

    static func isInstalled(_ name: String) -> Bool {
        let folders: [Substring] = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }
}
