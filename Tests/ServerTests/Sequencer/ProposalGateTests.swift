import LogValues
import Projections
import Testing

@testable import Hub

@Suite("The proposal gate")
struct ProposalGateTests {
    /// A gate that can be asked inside of an expectation.
    private final class Gate {
        private var value = ProposalGate()

        func accepts(_ proposal: Proposal) -> Bool { self.value.accepts(proposal) }
    }

    private static func proposal(_ node: String, epoch: UInt64, _ number: UInt64) -> Proposal {
        let payload: Event.Payload =
            number == 1
            ? .nodeStarted(NodeStarted(epoch: epoch, version: "1", afterCrash: false))
            : .channelForgotten(ChannelForgotten(channel: ChannelName("c")))
        let event = Event(time: Timestamp(microseconds: 0), source: NodeName(node), payload: payload)
        return Proposal(id: ProposalID(node: NodeName(node), epoch: epoch, number: number), events: [event])
    }

    @Test("accepts what follows, and ignores what was sent again")
    func ignoresRepetition() {
        let gate = Gate()
        #expect(gate.accepts(Self.proposal("a", epoch: 1, 1)))
        #expect(gate.accepts(Self.proposal("a", epoch: 1, 2)))
        #expect(!gate.accepts(Self.proposal("a", epoch: 1, 2)))
        #expect(!gate.accepts(Self.proposal("a", epoch: 1, 1)))
        #expect(gate.accepts(Self.proposal("a", epoch: 1, 3)))
    }

    @Test("refuses a gap")
    func refusesGap() {
        let gate = Gate()
        #expect(gate.accepts(Self.proposal("a", epoch: 1, 1)))
        #expect(!gate.accepts(Self.proposal("a", epoch: 1, 3)))
    }

    @Test("a newer epoch shuts out the older one, whose proposals may still be on their way")
    func shutsOutOlderEpoch() {
        let gate = Gate()
        #expect(gate.accepts(Self.proposal("a", epoch: 1, 1)))
        #expect(gate.accepts(Self.proposal("a", epoch: 2, 1)))
        #expect(!gate.accepts(Self.proposal("a", epoch: 1, 2)))
        #expect(gate.accepts(Self.proposal("a", epoch: 2, 2)))
    }

    @Test("an epoch opens with node.started and nothing else")
    func opensWithNodeStarted() {
        let gate = Gate()
        #expect(!gate.accepts(Self.proposal("a", epoch: 1, 2)))
    }

    @Test("nodes do not disturb each other")
    func nodesAreIndependent() {
        let gate = Gate()
        #expect(gate.accepts(Self.proposal("a", epoch: 1, 1)))
        #expect(gate.accepts(Self.proposal("b", epoch: 7, 1)))
        #expect(gate.accepts(Self.proposal("a", epoch: 1, 2)))
        #expect(gate.accepts(Self.proposal("b", epoch: 7, 2)))
    }
}
