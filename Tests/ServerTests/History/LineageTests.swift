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
@testable import Server

@Suite("A message's lineage")
struct LineageTests {
    @Test("a message's lineage has its post, edits, deletion and erasure, with who, when and why")
    func lineage() async throws {
        let log = try HistoryLog(segmentSizeBytes: 1000)
        log.post(1, to: "room", "one")
        log.post(2, to: "room", "two")
        log.edit(1, in: "room", "edited")
        log.delete(1, in: "room")
        log.erase([1, 2])
        log.log.close()
        let hub = try await LookBackHub(on: log.fileSystem.disk)
        let uuid = HistoryLog.uuid(1)
        let expected = """
            {"uuid":"\(uuid)","lines":[
            {"seq":1,"time":"2026-11-18T11:06:50","type":"message.posted","source":"node-1","user":"alice","channel":"room",
             "pm_users":[],"exclude_users":[],"no_history":false,"timestamp":null,"erased":false,
             "content":{"message":{"text":"one"}}},
            {"seq":3,"time":"2026-11-18T11:07:10","type":"message.edited","source":"node-1","user":null,"channel":"room",
             "pm_users":[],"exclude_users":[],"no_history":false,"timestamp":null,"edited":null,"erased":false,
             "content":{"message":{"text":"edited"}}},
            {"seq":4,"time":"2026-11-18T11:07:20","type":"message.deleted","source":"node-1","channel":"room",
             "pm_users":[],"exclude_users":[],"no_history":false},
            {"seq":5,"time":"2026-11-18T11:07:30","type":"content.erased","source":"node-1","ordered_by":"dpo",
             "reason":"asked for","lines":[1]}],"next":null}
            """
        #expect(await hub.get("/message/\(uuid)/lineage").json == (try JSONValue(expected)))
        let spelled = uuid.description.uppercased().replacing("-", with: "")
        #expect(await hub.get("/message/\(spelled)/lineage").json == (try JSONValue(expected)))
        let then = await hub.get("/message/\(uuid)/lineage?as_of=3").text
        #expect(then.contains(#""seq":3"#) && !then.contains(#""seq":4"#))
        let rest = await hub.get("/message/\(uuid)/lineage?after=3").text
        #expect(!rest.contains(#""seq":3"#) && rest.contains(#""seq":4"#) && rest.contains(#""lines":[1]"#))
        #expect(await hub.get("/message/\(HistoryLog.uuid(9))/lineage").status == .notFound)
        #expect(await hub.get("/message/\(uuid)/lineage?as_of=0").status == .notFound)
        let wrong = await hub.get("/message/nonsense/lineage")
        #expect(wrong.status == .unprocessableContent && wrong.text == #"{"uuid":["Not a valid UUID."]}"#)
        #expect(await hub.get("/message/\(uuid)/proof").text == #""another part""#)
        #expect(await hub.get("/message/\(uuid)/other").status == .notFound)
        try await hub.stop()
    }

    @Test("erased content is marked as such, in history and in the lineage")
    func erased() async throws {
        let log = try HistoryLog()
        log.configure("room")
        log.post(1, to: "room", "one")
        log.erase([2])
        log.log.close()
        guard case .messagePosted(let posted) = log.events[1].payload else { return }
        var record = try #require(MessageRecord(log.events[1], at: SequenceNumber(2)))
        #expect(!record.isErased)
        record.apply(log.events[2], at: SequenceNumber(3))
        #expect(!record.isErased && record.deletion == nil, "an erasure is seen from the content that is gone")
        let gone = Event(
            time: log.events[1].time,
            source: log.events[1].source,
            payload: .messagePosted(
                MessagePosted(
                    uuid: posted.uuid,
                    user: posted.user,
                    addressing: posted.addressing,
                    keepsOutOfHistory: false,
                    timestamp: nil,
                    content: posted.content?.erased
                )
            )
        )
        let erasedRecord = try #require(MessageRecord(gone, at: SequenceNumber(2)))
        #expect(erasedRecord.isErased)
        let page = HistoryPage(messages: [erasedRecord], isNewestFirst: true, hasMore: false, asOf: SequenceNumber(3))
        let text = written { LookBackWriter.write(page, of: ChannelName("room"), into: &$0) }
        #expect(text.contains(#""erased":true"#) && !text.contains("one"))
    }
}
