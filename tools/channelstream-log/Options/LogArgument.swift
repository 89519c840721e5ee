import ArgumentParser
import EventLog
import SystemPackage

/// The log that a command reads.
struct LogArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("A hub's data directory.", valueName: "dir"), completion: .directory)
    var directory: String

    /// The data directory.
    ///
    /// - Throws: ``ToolFailure`` if there is no log.
    func resolve() throws -> FilePath {
        try Self.resolve(self.directory)
    }

    /// The data directory that `text` names: itself, or the folder that holds the segments.
    ///
    /// - Throws: ``ToolFailure`` if there is no log.
    static func resolve(_ text: String) throws -> FilePath {
        let path = FilePath(text)
        let catalog = try Self.catalog(path)
        guard catalog.segments.isEmpty else { return path }
        // `DIR/log` itself, where the files are that people see.
        if path.lastComponent?.string == "log" {
            let parent = path.removingLastComponent()
            let data = parent.isEmpty && path.isRelative ? FilePath(".") : parent
            if try !Self.catalog(data).segments.isEmpty { return data }
        }
        try withToolFailures { try SegmentCatalog.refuseMisplaced(in: path) }
        throw ToolFailure(.unreadable, "no log in \(text): there are no segments in \(catalog.folder)")
    }

    private static func catalog(_ directory: FilePath) throws -> SegmentCatalog {
        do {
            return try SegmentCatalog(directory)
        } catch {
            throw ToolFailure(error)
        }
    }
}
