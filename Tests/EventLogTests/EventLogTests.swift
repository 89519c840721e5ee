import EventLog
import SystemPackage
import TestSupport
import Testing

@Suite("EventLog")
struct EventLogTests {
    @Test("lines get numbers, salt and content, and are read back as they were written")
    func readsBack() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        log.commit(TestLog.batch("a", "b"))
        log.commit(TestLog.batch("c", isPlain: true))
        log.close()
        #expect(
            try TestLog.lines(disk) == [
                #"{"seq":1,"more":true,"type":"message.posted","data":{"channel":"room"},"salt":"AAAAAAAAAAEAAAAAAAAAAA","content":{"text":"a"}}"#,
                #"{"seq":2,"type":"message.posted","data":{"channel":"room"},"salt":"AAAAAAAAAAEAAAAAAAAAAQ","content":{"text":"b"}}"#,
                #"{"seq":3,"type":"message.posted","data":{"channel":"room","text":"c"}}"#,
            ])
        #expect(log.log.end == SequenceNumber(3))
        #expect(disk.openCount == 0)
    }
}
