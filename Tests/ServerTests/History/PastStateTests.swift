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

@Suite("The state as of then")
struct PastStateTests {
    @Test(
        "the state as of an event, or as of a moment, is what the live hub answered then",
        arguments: [4 << 10, 1 << 20]
    )
    func asOfEqualsLive(segmentSizeBytes: Int) async throws {
        let hub = try await LookBackHub(segmentSizeBytes: segmentSizeBytes)
        let options = #"{"info":{"channels":["room-1","room-0","none"],"include_users":false}}"#
        var recorded: [(end: UInt64, time: Timestamp, all: String, some: String)] = []
        for step in 0..<60 {
            switch step % 7 {
            case 0:
                let settings = #"{"room-\#(step % 3)":{"store_history":true,"history_size":4,"notify_presence":true}}"#
                await hub.call(.post, "/channel_config", settings)
            case 1:
                let body = #"{"username":"user-\#(step)","channels":["room-\#(step % 3)"],"user_state":{"n":\#(step)}}"#
                await hub.call(.post, "/connect", body)
            case 2, 4: await hub.post(step, to: "room-\(step % 3)", "text \(step)")
            case 3: await hub.edit(step - 1, in: "room-\((step - 1) % 3)", "edited at \(step)")
            case 5 where step > 10: await hub.delete(step - 8, in: "room-\((step - 8) % 3)")
            default: await hub.call(.post, "/user_state", #"{"user":"user-1","user_state":{"step":\#(step)}}"#)
            }
            let all = await hub.call(.get, "/info").text
            let some = await hub.call(.post, "/info", options).text
            recorded.append((hub.end, hub.clock.now, all, some))
        }
        #expect(Set(recorded.map(\.all)).count > 40, "the state did change")
        for moment in recorded {
            #expect(await hub.get("/info?as_of=\(moment.end)").text == moment.all)
            #expect(await hub.get("/info?as_of=\(moment.time)").text == moment.all)
            #expect(await hub.call(.post, "/info?as_of=\(moment.end)", options).text == moment.some)
        }
        // The same after a restart, from the log alone.
        let last = recorded[30]
        try await hub.stop()
        let again = try await LookBackHub(on: hub.fileSystem.disk)
        again.clock.advance(microseconds: 3_600_000_000)
        #expect(await again.get("/info?as_of=\(last.end)").text == last.all)
        try await again.stop()
    }

    @Test("what is being erased is shown as erased, while its segment still holds it")
    func pendingErasure() async throws {
        let hub = try await LookBackHub()
        await hub.call(.post, "/channel_config", #"{"room":{"store_history":true}}"#)
        await hub.post(1, to: "room", "a regrettable word")
        let line = hub.end
        await hub.edit(1, in: "room", "a regrettable edit")
        await hub.post(2, to: "room", "a harmless word")
        let pages = [
            "/channels/room/history", "/message/\(HistoryLog.uuid(1))/lineage", "/info?as_of=\(hub.end)",
            "/info?as_of=\(line)",
        ]
        for page in pages { #expect(await hub.get(page).text.contains("regrettable"), "\(page)") }
        let log = try #require(hub.gate.log)
        log.erasures.add([SequenceNumber(line), SequenceNumber(line + 1)])
        for page in pages {
            let answer = await hub.get(page)
            #expect(answer.status == .ok && !answer.text.contains("regrettable"), "\(page)")
        }
        #expect(await hub.get(pages[0]).text.contains("harmless"))
        log.erasures.remove([SequenceNumber(line)])
        #expect(await hub.get(pages[3]).text.contains("regrettable word"))
        try await hub.stop()
    }

    @Test("a snapshot is what a rebuilding begins with, and the answer is the same")
    func fromSnapshot() async throws {
        let hub = try await LookBackHub()
        await hub.call(.post, "/channel_config", #"{"room":{"store_history":true}}"#)
        for number in 0..<20 { await hub.post(number, to: "room", "text \(number)") }
        let (end, answer) = (hub.end, await hub.get("/info").text)
        try await hub.stop()
        let reader = LogReader(TestLog.directory, fileSystem: hub.fileSystem)
        var state = HubState()
        var decoder = EventDecoder()
        var changes: [Change] = []
        try reader.forEachLine(through: SequenceNumber(10)) { line in
            let decoded = try decoder.decode(line.bytes)
            _ = state.apply(decoded.event, at: decoded.position, into: &changes)
        }
        let snapshot = state
        let again = try await LookBackHub(on: hub.fileSystem.disk) { $1 >= snapshot.position ? snapshot : nil }
        #expect(await again.get("/info?as_of=\(end)").text == answer)
        #expect(await again.get("/info?as_of=3").status == .ok)
        try await again.stop()
    }

    @Test("places that the log does not hold, and what is no place, are refused with a reason")
    func badPlaces() async throws {
        let hub = try await LookBackHub()
        await hub.call(.post, "/channel_config", #"{"room":{}}"#)
        let end = hub.end
        for path in ["/info", "/channels/room/history"] {
            let behind = await hub.get("\(path)?as_of=\(end + 1)")
            #expect(behind.status == .unprocessableContent)
            #expect(behind.text == #"{"as_of":["The log ends at \#(end)."]}"#)
            #expect(await hub.get("\(path)?as_of=2036-01-01T00:00:00").status == .unprocessableContent)
            for text in ["", "-1", "1.5", "yesterday", "2026-13-01T00:00:00", "99999999999999999999", "%00"] {
                let answer = await hub.get("\(path)?as_of=\(text)")
                #expect(answer.status == .unprocessableContent && answer.text.hasPrefix(#"{"as_of":["#), "\(text)")
            }
        }
        #expect(await hub.get("/info?as_of=0").text == #"{"channels":{},"users":[]}"#)
        #expect(await hub.get("/info?as_of=2020-01-01T00:00:00Z").text == #"{"channels":{},"users":[]}"#)
        #expect(await hub.get("/info?as_of=2020-01-01T00:00:00%2B01:00").status == .ok)
        #expect(await hub.get("/info?as_of=2020-01-01T00:00:00+01:00").status == .ok)
        #expect(await hub.call(.post, "/info?as_of=1", #"{"info":{"channels":1}}"#).status == .unprocessableContent)
        try await hub.stop()
    }

    /// Twenty years, in microseconds.
    private static let clockSteps: [Int64] = [20 * 31_536_000_000_000, -20 * 31_536_000_000_000]

    @Test(
        "as of now, all is seen that came after the clock had been years off for a while; as of before, nothing of it",
        arguments: Self.clockSteps,
        [4 << 10, 1 << 20]
    )
    func clockStep(step: Int64, segmentSizeBytes: Int) async throws {
        let hub = try await LookBackHub(segmentSizeBytes: segmentSizeBytes)
        await hub.call(.post, "/channel_config", #"{"room":{"store_history":true,"history_size":50}}"#)
        for number in 0..<25 { await hub.post(number, to: "room", "before \(number)") }
        let (before, place) = (hub.clock.now, hub.end)
        for number in 25..<30 { await hub.post(number, to: "room", "before \(number)") }
        hub.clock.advance(microseconds: step)
        for number in 30..<33 { await hub.post(number, to: "room", "meanwhile \(number)") }
        hub.clock.advance(microseconds: -step)
        for number in 33..<63 { await hub.post(number, to: "room", "after \(number)") }
        let now = hub.clock.now
        let live = await hub.get("/info").text
        #expect(await hub.get("/info?as_of=\(now)").text == live)
        let page = await hub.get("/channels/room/history?as_of=\(now)&limit=1").text
        #expect(page.contains("after 62"))
        #expect(await hub.get("/info?as_of=\(before)").text == hub.get("/info?as_of=\(place)").text)
        // When some of those had been written that came then: each call is a second.
        let later = Timestamp(microseconds: before.microseconds + 13_000_000)
        let answer = await hub.get("/channels/room/history?as_of=\(later)&limit=1").text
        #expect(answer.contains("after 3"), "\(answer)")
        try await hub.stop()
    }
}
