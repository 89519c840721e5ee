import EventLog
import Foundation
import LogValues
import Logging
import NIOCore
import NIOPosix
import Synchronization
import SystemPackage
import Testing

@testable import Server

@Suite("What keeps a server from starting")
struct StartOrderTests {
    /// Calls `body` with a configuration whose data directory is removed afterwards.
    private func withConfiguration(_ body: (Configuration) async throws -> Void) async throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "start-order-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: url) }
        var configuration = Configuration()
        configuration.dataDirectory = url.path
        configuration.port = 0
        configuration.eventLoopThreads = 1
        try await body(configuration)
    }

    @Test("a directory that another process has locked is said before the address is taken, and nothing is written")
    func lockedDirectory() async throws {
        try await self.withConfiguration { configuration in
            let directory = FilePath(configuration.dataDirectory)
            try DataDirectory.create(directory)
            let lock = try LogLock.take(in: directory)
            defer { lock.release() }
            let messages = Messages()
            await #expect(throws: EventLogError.locked(directory.appending("lock"))) {
                try await ServerApplication.run(configuration, logger: messages.logger)
            }
            #expect(!messages.all.contains { $0.contains("listening") }, "\(messages.all)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.string) == ["lock"])
        }
    }

    @Test("an address that is taken is said before the log is opened, and the directory is let go of")
    func takenPort() async throws {
        try await self.withConfiguration { configuration in
            let other = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(host: "127.0.0.1", port: 0).get()
            var configuration = configuration
            configuration.port = try #require(other.localAddress?.port)
            let messages = Messages()
            let error = try #require(
                await #expect(throws: CannotListen.self) {
                    try await ServerApplication.run(configuration, logger: messages.logger)
                }
            )
            #expect(error.code.map { $0 == .addressInUse } == true)
            #expect(error.address == "127.0.0.1:\(configuration.port)")
            #expect("\(error)".contains("cannot listen on 127.0.0.1:\(configuration.port): Address already in use"))
            #expect(!messages.all.contains("log opened"), "\(messages.all)")
            let directory = FilePath(configuration.dataDirectory)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.string) == ["lock"])
            try LogLock.take(in: directory).release()
            try await other.close()
        }
    }

    @Test("a data directory that is a file, or lies below one, is said so", arguments: ["", "/below", "/below/deeper"])
    func file(below: String) async throws {
        try await self.withConfiguration { configuration in
            var configuration = configuration
            let path = configuration.dataDirectory
            #expect(FileManager.default.createFile(atPath: path, contents: nil))
            configuration.dataDirectory += below
            let error = await #expect(throws: DataDirectory.Failure.self) {
                try await ServerApplication.run(configuration, logger: Messages().logger)
            }
            let text = try #require(error).description
            #expect(text.hasPrefix("data_dir \(configuration.dataDirectory): \(path)"), "\(text)")
            #expect(text.contains("is a file, no directory"))
        }
    }

    @Test("segments in the data directory itself, or its folder `log` as the data directory, are said before all else")
    func misplacedSegments() async throws {
        try await self.withConfiguration { configuration in
            let directory = FilePath(configuration.dataDirectory)
            try DataDirectory.create(directory)
            let name = SegmentName(base: .first)
            let path = directory.appending(name.fileName).string
            #expect(FileManager.default.createFile(atPath: path, contents: Data([1])))
            let messages = Messages()
            await #expect(throws: EventLogError.misplacedSegments(directory: directory, first: name)) {
                try await ServerApplication.run(configuration, logger: messages.logger)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.string) == [name.fileName])
        }
    }

    @Test("a directory that others may enter is said, and the server starts; one of its own is closed to them")
    func modes() async throws {
        try await self.withConfiguration { configuration in
            let directory = FilePath(configuration.dataDirectory)
            try DataDirectory.create(directory)
            let messages = Messages()
            DataDirectory.warnOfMode(directory, messages.logger)
            #expect(messages.all.isEmpty)
            try FileManager.default.setAttributes([.posixPermissions: 0o770], ofItemAtPath: directory.string)
            DataDirectory.warnOfMode(directory, messages.logger)
            #expect(messages.all.count == 1)
        }
    }
}

/// Keeps what is logged.
private final class Messages: Sendable {
    private let kept = Mutex<[String]>([])

    var all: [String] { self.kept.withLock { $0 } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(messages: self) }
    }

    private struct Handler: LogHandler {
        let messages: Messages
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            self.messages.kept.withLock { $0.append("\(event.message)") }
        }
    }
}
