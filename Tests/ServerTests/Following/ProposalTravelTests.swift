import EventLog
import LogValues
import Projections
import RawJSON
import Testing

@testable import Following
@testable import Hub

/// Proposals for tests: the first opens an epoch, the others forget a channel.
enum Proposals {
    static let node = NodeName("two")

    static func make(_ number: UInt64, epoch: UInt64 = 1, node: NodeName = Self.node) -> Proposal {
        Proposal(id: ProposalID(node: node, epoch: epoch, number: number), events: self.events(number, epoch, node))
    }

    static func events(_ number: UInt64, _ epoch: UInt64 = 1, _ node: NodeName = Self.node) -> [Event] {
        let payload: Event.Payload =
            number == 1
            ? .nodeStarted(NodeStarted(epoch: epoch, version: "1", afterCrash: false))
            : .channelConfigured(
                ChannelConfigured(
                    seed: UUID128(random: number, epoch),
                    channel: ChannelName("c\(number)"),
                    settings: ChannelSettings()
                )
            )
        return [Event(time: Timestamp(microseconds: 5), source: node, payload: payload)]
    }
}

@Suite("Proposals on their way to the node that decides")
struct ProposalTravelTests {
    @Test("an upload reads back as it was, contents verbatim")
    func roundTrip() throws {
        let json = RawJSON(trusted: Array(#"{"message":{"text":"\u00fc\n","n":1.50}}"#.utf8))
        let posts = (1...2).map { number in
            Event(
                time: Timestamp(microseconds: 7),
                source: Proposals.node,
                payload: .messagePosted(
                    MessagePosted(
                        uuid: UUID128(random: UInt64(number), 3),
                        user: UserName("ada"),
                        addressing: Addressing(channel: ChannelName("lobby"), only: [], except: []),
                        keepsOutOfHistory: false,
                        timestamp: nil,
                        content: Content(salt: Salt(high: 1, low: UInt64(number)), json: json)
                    )
                )
            )
        }
        let posting = Proposal(id: ProposalID(node: Proposals.node, epoch: 3, number: 8), events: posts)
        let upload = ProposalUpload(
            node: Proposals.node,
            epoch: 3,
            committed: 6,
            position: SequenceNumber(40),
            alive: [UUID128(random: 1, 2)],
            proposals: [Proposals.make(7, epoch: 3), posting]
        )
        let read = try ProposalUpload(reading: upload.text)
        #expect(read.node == upload.node && read.epoch == 3 && read.committed == 6 && read.position == upload.position)
        #expect(read.alive == upload.alive)
        #expect(read.proposals.map(\.id) == upload.proposals.map(\.id))
        #expect(read.proposals.map(\.events) == upload.proposals.map(\.events))
    }

    @Test(
        "what is no upload is refused with its line",
        arguments: [
            "", "x\n", "{}\n", #"{"node":"two","epoch":1,"committed":0}"#,
            #"{"node":"two","epoch":1,"committed":0,"position":0}"# + "\n{}\n",
            #"{"node":"two","epoch":-1,"committed":0,"position":0}"#,
        ]
    )
    func refusesOthers(text: String) {
        #expect(throws: ProposalUpload.ReadError.self) { try ProposalUpload(reading: Array(text.utf8)) }
    }

    @Test("a node cannot propose in another's name, nor half a proposal")
    func refusesForeign() {
        let own = ProposalUpload(
            node: Proposals.node,
            epoch: 1,
            committed: 0,
            position: SequenceNumber(0),
            alive: [],
            proposals: [Proposals.make(1)]
        )
        let text = String(decoding: own.text, as: UTF8.self)
        let foreign = text.replacing(#""source":"two""#, with: #""source":"one""#)
        let half = text.replacing(#"{"seq":1,"#, with: #"{"seq":1,"more":true,"#)
        for text in [foreign, half] {
            #expect(throws: ProposalUpload.ReadError.self) { try ProposalUpload(reading: Array(text.utf8)) }
        }
    }

    @Test("a receipt reads back as it was", arguments: [nil, ProposalGate.Accepted(epoch: 4, number: 17)])
    func receipts(accepted: ProposalGate.Accepted?) {
        let receipt = ProposalReceipt(accepted: accepted, end: SequenceNumber(99))
        #expect(ProposalReceipt(reading: receipt.json) == receipt)
        #expect(ProposalReceipt(reading: Array("[]".utf8)) == nil)
    }

    @Test("a proposal is sent until it is accepted, and kept until it stands in the log")
    func outbox() {
        var outbox = ProposalOutbox()
        for number in UInt64(1)...4 { outbox.append(Proposals.make(number)) }
        #expect(outbox.next(limit: 3).map(\.id.number) == [1, 2, 3])
        var verdict = outbox.accepted(ProposalGate.Accepted(epoch: 1, number: 3))
        #expect(verdict == .fine)
        #expect(outbox.next(limit: 3).map(\.id.number) == [4])
        outbox.committed(ProposalID(node: Proposals.node, epoch: 1, number: 1))
        // The primary was started again and has lost what was not in its log.
        verdict = outbox.accepted(nil)
        #expect(verdict == .fine)
        #expect(outbox.next(limit: 9).map(\.id.number) == [2, 3, 4])
        outbox.committed(ProposalID(node: Proposals.node, epoch: 1, number: 4))
        #expect(outbox.isEmpty && !outbox.hasUnsent)
    }

    @Test("a primary that has accepted what was never proposed hears of another node of this name")
    func nameTaken() {
        var outbox = ProposalOutbox()
        outbox.append(Proposals.make(1, epoch: 2))
        var verdict = outbox.accepted(ProposalGate.Accepted(epoch: 1, number: 50))
        #expect(verdict == .fine)
        verdict = outbox.accepted(ProposalGate.Accepted(epoch: 2, number: 2))
        #expect(verdict == .nameTaken)
        verdict = outbox.accepted(ProposalGate.Accepted(epoch: 3, number: 1))
        #expect(verdict == .nameTaken)
    }

    @Test("own proposals are told by counting from node.started on; others, and those of unseen epochs, have no number")
    func ownProposals() {
        var own = OwnProposals(of: Proposals.node)
        var numbers: [UInt64] = []
        for (number, epoch, node) in [
            (5, 1, "two"), (1, 2, "two"), (2, 9, "one"), (2, 2, "two"), (1, 1, "three"), (3, 2, "two"), (1, 3, "two"),
        ] as [(UInt64, UInt64, String)] {
            numbers.append(own.identify(Proposals.events(number, epoch, NodeName(node))).number)
        }
        #expect(numbers == [0, 1, 0, 2, 0, 3, 1])
        #expect(own.epoch == 3 && own.count == 1)
    }

    @Test("a gate that was started anew takes an epoch up where the log has it, and lets nobody turn it back")
    func gateResumes() {
        var gate = ProposalGate()
        gate.resume(Proposals.node, at: ProposalGate.Accepted(epoch: 2, number: 5))
        var accepted = gate.accepts(Proposals.make(5, epoch: 2))
        #expect(!accepted)
        accepted = gate.accepts(Proposals.make(6, epoch: 2))
        #expect(accepted)
        gate.resume(Proposals.node, at: ProposalGate.Accepted(epoch: 2, number: 5))
        accepted = gate.accepts(Proposals.make(6, epoch: 2))
        #expect(!accepted)
    }
}
