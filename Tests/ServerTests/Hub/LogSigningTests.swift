import EventLog
import LogValues
import Projections
import Testing

@testable import Archive

@Suite("Who signs a log")
struct LogSigningTests {
    private let old: NodeKey
    private let new: NodeKey

    init() throws {
        self.old = try NodeKey(origin: "channelstream/log", seed: Array(1...32))
        self.new = try NodeKey(origin: "channelstream/log", seed: Array(2...33))
    }

    private static func checkpoint(_ key: NodeKey?, size: UInt64 = 7) -> LogCheckpointed {
        let zero = Hash256(words: (0, 0, 0, 0))
        let note = key?.sign(size: size, root: .ofNothing)
        return LogCheckpointed(
            size: size,
            root: zero,
            stateDigest: zero,
            note: note.map { String(decoding: $0.bytes, as: UTF8.self) }
        )
    }

    @Test("where the node's own key signed last, or nobody did, there is nothing to say")
    func nothing() {
        var signing = LogSigning()
        #expect(signing.change(to: self.new.verifierKey, knowing: []) == nil)
        signing.take(Self.checkpoint(nil))
        #expect(signing.change(to: self.new.verifierKey, knowing: []) == nil)
        signing.take(Self.checkpoint(self.old))
        signing.take(Self.checkpoint(self.new, size: 9))
        #expect(signing.change(to: self.new.verifierKey, knowing: []) == nil)
        #expect(signing.lastCheckpointSize == 9)
    }

    @Test("where another key did, that is said, with the key if it is known, else with its name and id")
    func another() throws {
        var signing = LogSigning()
        signing.take(Self.checkpoint(self.old))
        let known = try #require(signing.change(to: self.new.verifierKey, knowing: [self.old.verifierKey]))
        #expect(known == LogKeyChanged(key: self.new.verifierKey.text, earlier: [self.old.verifierKey.text]))
        let unknown = try #require(signing.change(to: self.new.verifierKey, knowing: []))
        #expect(unknown.earlier == ["\(self.old.verifierKey.identity)"])
    }

    @Test("it is said once, also where no checkpoint followed; and again where it changes back")
    func once() {
        var signing = LogSigning()
        signing.take(Self.checkpoint(self.old))
        signing.take(LogKeyChanged(key: self.new.verifierKey.text, earlier: [self.old.verifierKey.text]))
        #expect(signing.change(to: self.new.verifierKey, knowing: []) == nil)
        #expect(signing.change(to: self.old.verifierKey, knowing: []) != nil)
    }
}
