import EventLog
import Hub
import Logging
import SystemPackage

/// The file `signed-out` in the data directory: the sessions that were signed out before their cookies expired, so that
/// they stay void after a restart with the same `cookie_secret`.
///
/// It is replaced as a whole (written aside, synced, renamed). Without that setting a restart voids every cookie, and
/// there is no such file.
actor SignedOutFile {
    static let fileName = "signed-out"
    /// More than ``RevokedSessions`` ever holds.
    private static let sizeLimit = 4 << 20

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Whoever asks holds the actor, which holds its executor.
        unsafe self.executor.asUnownedSerialExecutor()
    }

    private nonisolated let executor = BlockingExecutor()
    private let directory: FilePath
    private let fileSystem: any FileSystem
    private let logger: Logger

    init(in directory: FilePath, fileSystem: any FileSystem = PosixFileSystem(), logger: Logger) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.logger = logger
    }

    /// Reads the file.
    ///
    /// If it cannot be read, every cookie issued before `now` (milliseconds since 1970) is void: one of them may be in it.
    nonisolated func read(now: Int64) -> RevokedSessions {
        let path = self.directory.appending(Self.fileName)
        do {
            guard let bytes = try self.fileSystem.contents(of: path, limit: Self.sizeLimit) else {
                return RevokedSessions()
            }
            if let revoked = RevokedSessions(text: String(decoding: bytes, as: UTF8.self)) { return revoked }
            self.logger.warning(
                "sessions that were signed out cannot be told, so all are void",
                metadata: ["file": "\(path)"]
            )
        } catch {
            self.logger.warning(
                "sessions that were signed out cannot be told, so all are void",
                metadata: ["file": "\(path)", "error": "\(error)"]
            )
        }
        return RevokedSessions(voidUpTo: now)
    }

    /// Writes what holds when it is this call's turn.
    func write(_ current: @Sendable () -> RevokedSessions) {
        do {
            let path = self.directory.appending(Self.fileName)
            try self.fileSystem.replaceFile(at: path, with: Array(current().text.utf8))
        } catch {
            self.logger.error(
                "sign-out holds until a restart only",
                metadata: ["file": "\(self.directory.appending(Self.fileName))", "error": "\(error)"]
            )
        }
    }
}
