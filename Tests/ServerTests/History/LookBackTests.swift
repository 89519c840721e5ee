import EventLog
import Foundation
import HTTPTypes
import LogValues
import NIOPosix
import Projections
import SystemPackage
import TestSupport
import Testing

@testable import Archive
@testable import Hub
@testable import Server

@Suite("Looking back over HTTP")
struct LookBackTests {
    // MARK: History

    /// The entries of a page, as (text, flags).
    private func page(_ answer: LookBackHub.Answer) throws -> Page {
        try JSONDecoder().decode(Page.self, from: Data(answer.text.utf8))
    }

    private struct Page: Decodable {
        struct Entry: Decodable {
            struct Mark: Decodable {
                let seq: UInt64
                let time: String
            }
            struct Message: Decodable {
                struct Body: Decodable {
                    let text: String
                }
                let uuid: String
                let user: String
                let message: Body?
                let edited: String?
            }
            let seq: UInt64
            let edited: Bool
            let deleted: Bool
            let erased: Bool
            let lastEdit: Mark?
            let deletion: Mark?
            let message: Message

            enum CodingKeys: String, CodingKey {
                case seq, edited, deleted, erased, deletion, message
                case lastEdit = "last_edit"
            }
        }
        let channel: String
        let asOf: UInt64
        let messages: [Entry]
        let next: [String: UInt64]?

        enum CodingKeys: String, CodingKey {
            case channel, messages, next
            case asOf = "as_of"
        }

        var texts: [String] { self.messages.map { $0.message.message?.text ?? "-" } }
    }

    @Test("history goes back over all of time, page by page, in both directions", arguments: [1, 3, 7, 500])
    func pages(limit: Int) async throws {
        let hub = try await LookBackHub(segmentSizeBytes: 4 << 10)
        await hub.call(.post, "/channel_config", #"{"room":{"store_history":true,"history_size":2}}"#)
        for number in 0..<40 { await hub.post(number, to: number % 4 == 3 ? "other" : "room", "text \(number)") }
        let expected = (0..<40).filter { $0 % 4 != 3 }.map { "text \($0)" }
        var backward: [String] = []
        var cursor: UInt64?
        repeat {
            let before = cursor.map { "&before=\($0)" } ?? ""
            let page = try self.page(await hub.get("/channels/room/history?limit=\(limit)\(before)"))
            #expect(page.messages.count <= limit)
            backward += page.texts
            cursor = page.next?["before"]
        } while cursor != nil
        #expect(backward == expected.reversed())
        var forward: [String] = []
        cursor = 0
        while let after = cursor {
            let page = try self.page(await hub.get("/channels/room/history?limit=\(limit)&after=\(after)"))
            forward += page.texts
            cursor = page.next?["after"]
        }
        #expect(forward == expected)
        let window = try self.page(await hub.get("/channels/room/history?after=10&before=20"))
        // Message n is in the line n + 3; every fourth is in the other channel.
        let between: [UInt64] = [19, 17, 16, 15, 13, 12, 11]
        #expect(window.messages.map(\.seq) == between)
        try await hub.stop()
    }

    @Test("each message is as of then: edits and deletions that came later are not there yet")
    func editsAndDeletions() async throws {
        let hub = try await LookBackHub()
        await hub.call(.post, "/channel_config", #"{"room":{"store_history":true,"history_size":1}}"#)
        await hub.post(1, to: "room", "one")
        let posted = hub.end
        await hub.edit(1, in: "elsewhere", "an edit in another channel")
        await hub.edit(1, in: "room", "one, edited")
        let edited = hub.end
        await hub.post(2, to: "room", "two")
        await hub.delete(1, in: "room")
        let deleted = hub.end
        await hub.edit(1, in: "room", "after its deletion")
        await hub.edit(2, in: "room", "two, edited")

        let then = try self.page(await hub.get("/channels/room/history?as_of=\(posted)"))
        #expect(then.texts == ["one"] && !then.messages[0].edited && then.asOf == posted)
        let later = try self.page(await hub.get("/channels/room/history?as_of=\(edited)"))
        #expect(later.texts == ["one, edited"] && later.messages[0].edited && !later.messages[0].deleted)
        #expect(later.messages[0].lastEdit?.seq == edited && later.messages[0].message.edited != nil)
        let now = try self.page(await hub.get("/channels/room/history"))
        #expect(now.texts == ["two, edited", "-"], "what was deleted shows no content")
        #expect(now.messages[1].deleted && now.messages[1].deletion?.seq == deleted)
        #expect(now.messages[1].lastEdit?.seq == edited)
        try await hub.stop()
    }

    @Test("what a channels_info shows of a message, history shows too, word for word")
    func sameAsInfo() async throws {
        let hub = try await LookBackHub()
        await hub.call(.post, "/channel_config", #"{"room":{"store_history":true,"history_size":50}}"#)
        for number in 0..<12 {
            await hub.post(number, to: "room", "text \(number)")
            if number % 3 == 0 { await hub.edit(number, in: "room", "edit of \(number)") }
        }
        await hub.delete(4, in: "room")
        let info = await hub.call(.post, "/info", #"{"info":{"channels":["room"]}}"#).text
        let history = await hub.get("/channels/room/history?after=0").text
        let shown = try #require(
            (try JSONSerialization.jsonObject(with: Data(info.utf8)) as? [String: Any])?["channels"] as? [String: Any]
        )
        let messages = try #require((shown["room"] as? [String: Any])?["history"] as? [NSDictionary])
        let found = try JSONSerialization.jsonObject(with: Data(history.utf8)) as? [String: Any]
        let page = try #require(found?["messages"] as? [[String: Any]])
        let kept = page.filter { $0["deleted"] as? Bool == false }.compactMap { $0["message"] as? NSDictionary }
        #expect(kept == messages && kept.count == 11)
        try await hub.stop()
    }

    @Test("names are percent-decoded, and a channel that the log never named is not found")
    func names() async throws {
        let hub = try await LookBackHub()
        await hub.post(1, to: "a/b c", "slash and blank")
        await hub.post(2, to: "ü+%41", "more")
        await hub.call(.post, "/channel_config", #"{"empty":{}}"#)
        await hub.call(.post, "/connect", #"{"username":"u","channels":["joined"]}"#)
        #expect(try self.page(await hub.get("/channels/a%2Fb%20c/history")).texts == ["slash and blank"])
        #expect(try self.page(await hub.get("/channels/a/b%20c/history")).texts == ["slash and blank"])
        #expect(try self.page(await hub.get("/channels/%C3%BC+%2541/history")).texts == ["more"])
        #expect(try self.page(await hub.get("/channels/empty/history")).texts == [])
        #expect(try self.page(await hub.get("/channels/joined/history")).texts == [])
        #expect(await hub.get("/channels/never/history").status == .notFound)
        #expect(await hub.get("/channels/empty/history?as_of=1").status == .notFound, "it was not there yet")
        #expect(await hub.get("/channels//history").status == .notFound)
        #expect(await hub.get("/channels/empty/future").status == .notFound)
        #expect(await hub.get("/channels/%FF%00/history").status == .notFound)
        try await hub.stop()
    }

    @Test("wrong parameters are told all together")
    func badParameters() async throws {
        let hub = try await LookBackHub()
        let answer = await hub.get("/channels/room/history?before=x&after=-1&limit=0&as_of=y")
        #expect(answer.status == .unprocessableContent)
        let expected = """
            {"before":["Not a valid integer."],"after":["Not a valid integer."],"limit":["Must be between 1 and 500."],
            "as_of":["Not the number of an event, and not a valid datetime."]}
            """
        #expect(answer.json == (try JSONValue(expected)))
        #expect(await hub.get("/channels/room/history?limit=501").status == .unprocessableContent)
        try await hub.stop()
    }

    @Test("a page ends early where its messages are large, and goes on in the next one")
    func largePages() {
        let events = (1...5).map { number in
            Event(
                time: Timestamp(microseconds: 0),
                source: NodeName("n"),
                payload: .messagePosted(
                    MessagePosted(
                        uuid: HistoryLog.uuid(number),
                        user: UserName("u"),
                        addressing: Addressing(channel: ChannelName("room"), only: [], except: []),
                        keepsOutOfHistory: false,
                        timestamp: nil,
                        content: nil
                    )
                )
            )
        }
        let records = events.enumerated().compactMap { MessageRecord($1, at: SequenceNumber(UInt64($0 + 1))) }
        let page = HistoryPage(messages: records, isNewestFirst: false, hasMore: false, asOf: SequenceNumber(9))
        let all = written { LookBackWriter.write(page, of: ChannelName("room"), into: &$0) }
        #expect(all.hasSuffix(#""next":null}"#) && all.contains(#""seq":5"#))
        let cut = written { LookBackWriter.write(page, of: ChannelName("room"), pageSizeBytes: 600, into: &$0) }
        #expect(cut.contains(#""seq":2"#) && !cut.contains(#""seq":3"#) && cut.hasSuffix(#""next":{"after":2}}"#))
        let one = written { LookBackWriter.write(page, of: ChannelName("room"), pageSizeBytes: 60, into: &$0) }
        #expect(one.hasSuffix(#""next":{"after":1}}"#), "at least one, or there would be no end")
    }

    // MARK: Access, limits, retention

    @Test("only a signed GET is answered")
    func access() async throws {
        let hub = try await LookBackHub()
        for path in ["/channels/room/history", "/message/\(HistoryLog.uuid(1))/lineage", "/info?as_of=1"] {
            #expect(await hub.call(.get, path, isSigned: false).status == .forbidden)
            #expect(await hub.call(.delete, path).status == .methodNotAllowed)
        }
        try await hub.stop()
    }

    @Test("until the log is replayed and indexed, the answer is to come back later")
    func notReady() async throws {
        let hub = try await LookBackHub(isOpen: false)
        let closed = await hub.get("/channels/room/history")
        #expect(closed.status == .serviceUnavailable && closed.headers[.retryAfter] != nil)
        try hub.openGate()
        let unindexed = await hub.get("/info?as_of=1")
        #expect(unindexed.status == .serviceUnavailable && unindexed.headers[.retryAfter] != nil)
        try hub.gate.log?.index.catchUp()
        #expect(await hub.get("/info?as_of=1").status == .ok)
        try await hub.stop()
    }

    @Test("a third state that is asked for while two are being rebuilt is refused for now")
    func rebuildLimit() async throws {
        let past = PastStateThreads()
        let refused = try await past.withThread { "first" }
        #expect(refused == "first")
        let (started, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<2 {
                tasks.addTask {
                    try await past.withThread {
                        started.signal()
                        mayEnd.wait()
                    }
                }
            }
            try await NIOThreadPool.singleton.runIfActive {
                started.wait()
                started.wait()
            }
            await #expect(throws: PastStateError.busy) { try await past.withThread {} }
            mayEnd.signal()
            mayEnd.signal()
            try await tasks.waitForAll()
        }
        try await past.withThread {}
    }

    @Test("a state from before what is kept cannot be rebuilt without a snapshot, and a stop breaks off")
    func noBeginning() throws {
        let log = try HistoryLog.busy()
        log.log.close()
        let reader = LogReader(TestLog.directory, fileSystem: log.fileSystem)
        func source(from first: UInt64, isStopped: Bool = false, _ snapshot: HubState? = nil) -> PastState.Source {
            PastState.Source(
                reader: reader,
                first: SequenceNumber(first),
                place: { _ in nil },
                isStopped: { isStopped },
                snapshot: { position in snapshot.flatMap { $0.position <= position ? $0 : nil } }
            )
        }
        #expect(try PastState.state(at: SequenceNumber(5), in: source(from: 1)).position == SequenceNumber(5))
        #expect(throws: PastStateError.beforeFirst(SequenceNumber(4))) {
            try PastState.state(at: SequenceNumber(5), in: source(from: 4))
        }
        let snapshot = try PastState.state(at: SequenceNumber(6), in: source(from: 1))
        #expect(try PastState.state(at: SequenceNumber(9), in: source(from: 4, snapshot)).position == SequenceNumber(9))
        #expect(throws: PastStateError.stopped) {
            try PastState.state(at: SequenceNumber(5), in: source(from: 1, isStopped: true))
        }
    }
}
