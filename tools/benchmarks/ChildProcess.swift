import Foundation

/// A program that was started here, and is ended here.
///
/// Its output goes to files: a pipe that nobody empties would hold it up.
final class ChildProcess {
    struct Finished {
        /// As a shell has it: 128 and the signal's number if a signal ended it.
        var status: Int32
        var output: String
        /// The end of what it said on standard error.
        var talk: String
    }

    enum Failure: Error, CustomStringConvertible {
        case timeLimit(String, Duration)
        case status(String, Int32, talk: String)

        var description: String {
            switch self {
            case .timeLimit(let name, let limit): "\(name) was not done after \(limit), and was ended"
            case .status(let name, let status, let talk): "\(name) ended with status \(status): \(talk.suffix(600))"
            }
        }
    }

    let name: String
    private let process = Process()
    private let ended = DispatchSemaphore(value: 0)
    private let folder: URL

    /// Starts a program that is found in PATH, or by its path.
    ///
    /// - Parameters:
    ///   - words: The program and its arguments.
    ///   - environment: Added to our own, which is handed on without the server's settings.
    /// - Throws: Foundation's errors if it cannot be started.
    init(_ words: [String], environment: [String: String] = [:]) throws {
        self.name = words.first { !$0.hasPrefix("-") } ?? "program"
        self.folder = try Scratch.folder("process")
        self.process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        self.process.arguments = words
        // A server that is measured must not find settings of another one.
        self.process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("CHANNELSTREAM_") }
            .merging(environment) { $1 }
        self.process.standardInput = FileHandle.nullDevice
        self.process.standardOutput = try self.file("output")
        self.process.standardError = try self.file("talk")
        let ended = self.ended
        self.process.terminationHandler = { _ in ended.signal() }
        try self.process.run()
    }

    deinit {
        self.stop()
        try? FileManager.default.removeItem(at: self.folder)
    }

    var id: Int32 { self.process.processIdentifier }
    var isRunning: Bool { self.process.isRunning }
    var output: String { self.text("output") }
    var talk: String { self.text("talk") }

    /// Waits for its end; past the limit it is ended.
    func finish(timeLimit: Duration) throws -> Finished {
        guard self.ended.wait(timeout: .now() + (timeLimit / .seconds(1))) == .success else {
            self.stop()
            throw Failure.timeLimit(self.name, timeLimit)
        }
        self.ended.signal()
        let isSignal = self.process.terminationReason == .uncaughtSignal
        return Finished(
            status: isSignal ? 128 + self.process.terminationStatus : self.process.terminationStatus,
            output: self.output,
            talk: self.talk
        )
    }

    /// Asks it to end, and ends it if it has not after ten seconds.
    func stop() {
        guard self.process.isRunning else { return }
        kill(self.id, SIGTERM)
        if self.ended.wait(timeout: .now() + 10) != .success {
            kill(self.id, SIGKILL)
            self.ended.wait()
        }
        self.ended.signal()
    }

    static func run(
        _ words: [String],
        environment: [String: String] = [:],
        timeLimit: Duration
    ) throws -> Finished {
        try ChildProcess(words, environment: environment).finish(timeLimit: timeLimit)
    }

    /// - Throws: ``Failure/status(_:_:talk:)`` if it ends with another status than 0.
    static func require(
        _ words: [String],
        environment: [String: String] = [:],
        timeLimit: Duration
    ) throws -> Finished {
        let finished = try self.run(words, environment: environment, timeLimit: timeLimit)
        guard finished.status == 0 else {
            throw Failure.status(words.joined(separator: " "), finished.status, talk: finished.talk)
        }
        return finished
    }

    private func file(_ name: String) throws -> FileHandle {
        let path = self.folder.appendingPathComponent(name)
        try Data().write(to: path)
        return try FileHandle(forWritingTo: path)
    }

    private func text(_ name: String) -> String {
        (try? Data(contentsOf: self.folder.appendingPathComponent(name))).map { String(decoding: $0, as: UTF8.self) }
            ?? ""
    }
}

/// Folders that are gone when the work is done.
enum Scratch {
    /// Makes a folder that nobody else uses.
    static func folder(_ purpose: String) throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("channelstream-benchmarks-\(purpose)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Lends a folder, and removes it with what is in it.
    static func withFolder<R>(_ purpose: String, _ body: (URL) throws -> R) throws -> R {
        let folder = try self.folder(purpose)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }
}
