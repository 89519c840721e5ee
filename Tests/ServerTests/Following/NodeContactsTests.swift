import LogValues
import Projections
import Testing

@testable import Hub

@Suite("Other nodes and their silence")
struct NodeContactsTests {
    @Test("a node that is silent for too long is named once; this one never")
    func lost() {
        var contacts = NodeContacts(own: NodeName("one"), timeout: .seconds(30))
        contacts.seen(NodeName("one"), now: .zero)
        contacts.seen(NodeName("two"), now: .zero)
        contacts.seen(NodeName("three"), now: .seconds(10))
        var lost = contacts.lost(now: .seconds(29))
        #expect(lost.isEmpty)
        lost = contacts.lost(now: .seconds(30))
        #expect(lost == [NodeName("two")])
        lost = contacts.lost(now: .seconds(40))
        #expect(lost == [NodeName("three")])
        lost = contacts.lost(now: .seconds(400))
        #expect(lost.isEmpty)
    }

    @Test("after a restart every node that holds listeners has its full time again")
    func resumes() {
        var state = HubState()
        var changes: [Change] = []
        let connection = UUID128(random: 1, 2)
        let payloads: [Event.Payload] = [
            .userConnected(
                UserConnected(
                    seed: connection,
                    connection: connection,
                    user: UserName("ada"),
                    channels: [],
                    publicKeys: [],
                    content: nil
                )
            ),
            .connectionAttached(ConnectionAttached(connection: connection, transport: .webSocket)),
        ]
        for (index, payload) in payloads.enumerated() {
            let event = Event(time: Timestamp(microseconds: 1), source: NodeName("two"), payload: payload)
            _ = state.apply(event, at: SequenceNumber(UInt64(index + 1)), into: &changes)
        }
        var contacts = NodeContacts(own: NodeName("one"), timeout: .seconds(30))
        contacts.resume(state, now: .seconds(100))
        var lost = contacts.lost(now: .seconds(129))
        #expect(lost.isEmpty)
        lost = contacts.lost(now: .seconds(130))
        #expect(lost == [NodeName("two")])
    }
}
