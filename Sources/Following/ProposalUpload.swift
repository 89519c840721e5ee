import EventLog
import Hub
import LogValues
import Projections
import RawJSON

/// A follower's word to its primary: proposals, signs of life, and how far it has come.
///
/// It travels as lines: an object with what is said about the follower, then the events of the proposals as the log would
/// have them, with the proposal's number as `seq` and `more` where the next line belongs to the same proposal.
struct ProposalUpload: Sendable {
    let node: NodeName
    /// The follower's epoch; 0 while it has opened none.
    let epoch: UInt64
    /// Proposals of that epoch that stand in the log up to `position`.
    let committed: UInt64
    /// How far the follower's log reaches.
    let position: SequenceNumber
    /// Connections whose clients have shown themselves.
    let alive: [ConnectionID]
    /// With numbers that follow each other.
    let proposals: [Proposal]

    /// The follower's own account of how far it has come.
    var standing: LocalSequencer.NodeStanding {
        LocalSequencer.NodeStanding(
            node: self.node,
            epoch: self.epoch,
            committed: self.committed,
            position: self.position
        )
    }

    /// Bytes of one upload beyond which it holds no further proposal.
    static let textSize = 1 << 20
    /// Connections that one upload may say are alive.
    static let aliveLimit = 50_000
    /// Events of one proposal: as many as one command can become (`max_batch`).
    private static let eventLimit = 100_000
    /// Bytes of one proposal, below the largest commit of a log.
    private static let proposalSizeLimit = 56 << 20
    /// Bytes of one line, below the largest of a log.
    private static let lineSizeLimit = 28 << 20
    private static let newline = UInt8(ascii: "\n")

    /// The text that travels, without those last proposals that would make it long, which stay for the next upload.
    var text: [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.key("node")
        writer.string(utf8: self.node.utf8)
        let numbers = [("epoch", self.epoch), ("committed", self.committed), ("position", self.position.rawValue)]
        for (key, number) in numbers {
            writer.key(key)
            writer.integer(number)
        }
        writer.key("alive")
        writer.beginArray()
        for connection in self.alive { writer.uuid(connection) }
        writer.endArray()
        writer.endObject()
        var text = writer.bytes
        text.append(Self.newline)
        if let first = self.proposals.first {
            var batch = LineBatch()
            for proposal in self.proposals {
                batch.append(proposal)
                if batch.size >= Self.textSize { break }
            }
            text += batch.text(numberingProposalsFrom: first.id.number)
        }
        return text
    }

    /// Why a text is no upload.
    enum ReadError: Error, CustomStringConvertible {
        case head(String)
        case line(number: Int, String)
        /// It is well written, and asks for what no node may ask.
        case forbidden(line: Int, ProposalRules.Refusal)

        var description: String {
            switch self {
            case .head(let reason): "line 1: \(reason)"
            case .line(let number, let reason): "line \(number): \(reason)"
            case .forbidden(let number, let refusal): "line \(number): \(refusal)"
            }
        }
    }
}

extension ProposalUpload {
    /// Reads an upload.
    ///
    /// - Throws: ``ReadError`` for anything that ``text`` would not give, and for what ``ProposalRules`` refuse.
    init(reading text: [UInt8]) throws(ReadError) {
        var lines = text.split(separator: Self.newline, omittingEmptySubsequences: true)[...]
        guard let head = lines.popFirst() else { throw .head("there is none") }
        let fields: Head
        do {
            fields = try Head(reading: head.span)
        } catch {
            throw .head("\(error)")
        }
        guard let node = fields.node, let epoch = fields.epoch, let committed = fields.committed,
            let position = fields.position
        else { throw .head("node, epoch, committed and position are needed, as a node has them") }
        guard fields.alive.count <= Self.aliveLimit else { throw .head("too many connections") }
        self.node = node
        self.epoch = epoch
        self.committed = committed
        self.position = SequenceNumber(position)
        self.alive = fields.alive
        self.proposals = try Self.proposals(lines, node: node, epoch: epoch)
    }

    private static func proposals(
        _ lines: ArraySlice<[UInt8].SubSequence>,
        node: NodeName,
        epoch: UInt64
    ) throws(ReadError) -> [Proposal] {
        var decoder = EventDecoder()
        var proposals: [Proposal] = []
        var events: [Event] = []
        var size = 0
        var lineNumber = 1
        for bytes in lines {
            lineNumber += 1
            let line: EventLine
            do throws(EventCodingError) {
                line = try decoder.decode(Array(bytes))
            } catch {
                throw .line(number: lineNumber, "\(error)")
            }
            guard line.event.source == node else { throw .line(number: lineNumber, "another node's event") }
            do throws(ProposalRules.Refusal) {
                let isFirst = events.isEmpty && line.position.rawValue == 1
                try ProposalRules.check(line.event, epoch: epoch, isFirst: isFirst)
            } catch {
                throw .forbidden(line: lineNumber, error)
            }
            events.append(line.event)
            size += bytes.count
            guard bytes.count <= Self.lineSizeLimit, size <= Self.proposalSizeLimit, events.count <= Self.eventLimit
            else { throw .line(number: lineNumber, "too long for one proposal") }
            guard !line.hasMore else { continue }
            let id = ProposalID(node: node, epoch: epoch, number: line.position.rawValue)
            proposals.append(Proposal(id: id, events: exchange(&events, with: [])))
            size = 0
        }
        guard events.isEmpty else { throw .line(number: lineNumber, "the last proposal is not whole") }
        return proposals
    }

    private struct Head {
        var node: NodeName?
        var epoch: UInt64?
        var committed: UInt64?
        var position: UInt64?
        var alive: [ConnectionID] = []

        init(reading text: Bytes) throws(RawJSONError) {
            var scanner = JSONScanner(text)
            try scanner.beginObject()
            while let key = try scanner.nextMember() {
                if key == "node" {
                    self.node = NodeName(allowed: try scanner.readString().decodedUTF8())
                } else if key == "epoch" {
                    self.epoch = try Self.number(&scanner)
                } else if key == "committed" {
                    self.committed = try Self.number(&scanner)
                } else if key == "position" {
                    self.position = try Self.number(&scanner)
                } else if key == "alive" {
                    try scanner.beginArray()
                    while try scanner.nextElement() {
                        if let id = UUID128(canonical: try scanner.readString().decoded()) { self.alive.append(id) }
                    }
                } else {
                    try scanner.skipValue()
                }
            }
            try scanner.finish()
        }

        private static func number(_ scanner: inout JSONScanner) throws(RawJSONError) -> UInt64? {
            let number = UInt64(exactly: try scanner.readInteger())
            return number.flatMap { $0 <= ProposalRules.largestNumber ? $0 : nil }
        }
    }
}

/// The primary's answer: how far it has accepted the follower's proposals.
struct ProposalReceipt: Sendable, Equatable {
    /// The node's epoch and the number of its last accepted proposal; nil while the primary knows neither, because it
    /// was started after them.
    let accepted: ProposalGate.Accepted?
    /// The end of the primary's log.
    let end: SequenceNumber

    var json: [UInt8] {
        var writer = JSONWriter(capacity: 96)
        writer.beginObject()
        if let accepted = self.accepted {
            writer.key("epoch")
            writer.integer(accepted.epoch)
            writer.key("number")
            writer.integer(accepted.number)
        }
        writer.key("end")
        writer.integer(self.end.rawValue)
        writer.endObject()
        return writer.bytes
    }

    init(accepted: ProposalGate.Accepted?, end: SequenceNumber) {
        self.accepted = accepted
        self.end = end
    }

    /// Reads a receipt; nil for anything that ``json`` would not give.
    init?(reading text: [UInt8]) {
        guard let fields = try? NumberFields(reading: text.span), let end = fields["end"] else {
            return nil
        }
        self.end = SequenceNumber(end)
        if let epoch = fields["epoch"], let number = fields["number"] {
            self.accepted = ProposalGate.Accepted(epoch: epoch, number: number)
        } else {
            self.accepted = nil
        }
    }
}

/// The members of an object that are numbers.
private struct NumberFields {
    private var values: [String: UInt64] = [:]

    init(reading text: Bytes) throws(RawJSONError) {
        var scanner = JSONScanner(text)
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            self.values[key.decoded()] = UInt64(exactly: try scanner.readInteger())
        }
        try scanner.finish()
    }

    subscript(name: String) -> UInt64? { self.values[name] }
}
