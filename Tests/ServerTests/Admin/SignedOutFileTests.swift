import HTTPTypes
import Logging
import SystemPackage
import TestSupport
import Testing

@testable import EventLog
@testable import Server
@testable import Web

@Suite("Sign-outs over a restart")
struct SignedOutFileTests {
    private let disk = FaultyFileSystem()
    private static let directory: FilePath = "/data"

    init() throws {
        _ = try self.disk.createDirectory(Self.directory)
    }

    private var file: SignedOutFile {
        SignedOutFile(
            in: Self.directory,
            fileSystem: self.disk,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Sessions as after a start; the secret of the cookies is the same each time.
    private var sessions: AdminSessions {
        let file = self.file
        return AdminSessions(
            user: "admin",
            password: "right",
            cookieSecret: "key",
            now: { 1000 },
            revoked: file.read(now: 1000),
            keep: { await file.write($0) }
        )
    }

    private func cookie(of sessions: AdminSessions) async throws -> String {
        guard case .granted(let cookie) = await sessions.signIn(user: "admin", password: "right", from: nil) else {
            throw NotSignedIn()
        }
        return "channelstream_admin=\(cookie)"
    }

    private struct NotSignedIn: Error {}

    @Test("a cookie that was signed out stays void, and the others good")
    func signedOut() async throws {
        let first = self.sessions
        let gone = try await self.cookie(of: first)
        let kept = try await self.cookie(of: first)
        await first.signOut([.cookie: gone])
        let second = self.sessions
        #expect(!second.isSignedIn([.cookie: gone]))
        #expect(second.isSignedIn([.cookie: kept]))
    }

    @Test("it is on the disk when the sign-out is answered")
    func powerFailure() async throws {
        let first = self.sessions
        let gone = try await self.cookie(of: first)
        await first.signOut([.cookie: gone])
        var generator = SeededGenerator(seed: 1)
        let disk = FaultyFileSystem(self.disk.disk.afterPowerFailure(.everything, using: &generator))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let revoked = SignedOutFile(in: Self.directory, fileSystem: disk, logger: logger).read(now: 1000)
        #expect(revoked.text.split(separator: "\n").count == 3)
    }

    @Test("sign-outs of strangers write nothing")
    func strangers() async {
        await self.sessions.signOut([.cookie: "channelstream_admin=x"])
        #expect(self.disk.disk[Self.directory.appending(SignedOutFile.fileName)] == nil)
    }

    @Test("a disk that takes nothing keeps nobody from signing out")
    func fullDisk() async throws {
        let sessions = self.sessions
        let cookie = try await self.cookie(of: sessions)
        self.disk.fail(.every(.write), .error(.noSpace))
        await sessions.signOut([.cookie: cookie])
        #expect(!sessions.isSignedIn([.cookie: cookie]))
    }

    @Test("where the file cannot be understood, every cookie from before is void, and later ones are not")
    func damaged() async throws {
        let path = Self.directory.appending(SignedOutFile.fileName)
        let first = self.sessions
        let cookie = try await self.cookie(of: first)
        let file = try self.disk.open(path, .replace)
        _ = try self.disk.write(file, Array("what?".utf8).span, at: 0)
        self.disk.close(file)
        #expect(!self.sessions.isSignedIn([.cookie: cookie]))
        let revoked = self.file.read(now: 999)
        #expect(!revoked.contains(AdminCookie(issued: 1000, expires: 2000, session: AdminSessionID(high: 1, low: 1))))
    }
}
