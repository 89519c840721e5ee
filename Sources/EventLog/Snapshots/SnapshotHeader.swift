import LogValues
import RawJSON

/// The first line of a snapshot's file, which says of which log it is and how far it reaches.
///
///     {"log":"<log id>","format":1,"through":1200,"made":"…Z","root":"<root hash>","frontier":["…"],"context":{…}}
///
/// Members that a later version adds stand at the end and are passed over.
package struct SnapshotHeader: Equatable, Sendable {
    package static let format: UInt64 = 1

    package let logID: String
    /// When it was made, as written: `2026-11-23T23:10:11.123456Z`.
    package let made: String
    /// The tree of all lines that the snapshot stands for; its root stands in the line as `root`.
    package let frontier: Frontier
    /// A JSON value in which whoever made the snapshot keeps what else it needs; this target gives it no meaning.
    package let context: [UInt8]

    /// The header of a snapshot that is about to be made.
    ///
    /// - Parameters:
    ///   - logID: Of the log.
    ///   - microseconds: When, since 1970.
    ///   - frontier: The tree of all lines that it stands for, at least one.
    ///   - context: A JSON value of one line.
    package init(logID: String, madeAt microseconds: Int64, frontier: Frontier, context: [UInt8]) {
        self.init(logID: logID, made: UTCText.format(microseconds: microseconds), frontier: frontier, context: context)
    }

    private init(logID: String, made: String, frontier: Frontier, context: [UInt8]) {
        precondition(frontier.size > 0, "a snapshot stands for at least one line")
        self.logID = logID
        self.made = made
        self.frontier = frontier
        self.context = context
    }

    package var name: SnapshotName { SnapshotName(through: SequenceNumber(self.frontier.size)) }

    /// Without a newline.
    var line: [UInt8] {
        let hashes = self.frontier.hashes.map { "\"\($0)\"" }.joined(separator: ",")
        let members = """
            {"log":"\(self.logID)","format":\(Self.format),"through":\(self.frontier.size),"made":"\(self.made)",\
            "root":"\(self.frontier.root)","frontier":[\(hashes)],"context":
            """
        return Array(members.utf8) + self.context + [UInt8(ascii: "}")]
    }

    /// A snapshot's first line, as far as this program understands it.
    enum Parsed: Equatable {
        case header(SnapshotHeader)
        case unknownFormat(UInt64)
        case damaged
    }

    /// Reads a header line, without its newline, and checks that its members fit each other.
    ///
    /// The context is everything up to the last brace; whoever wrote it reads it.
    static func parse(_ line: Bytes) -> Parsed {
        var text = FixedText(line)
        guard text.literal("{\"log\":\""), let logID = text.untilQuote(), text.literal(",\"format\":"),
            let format = text.integer()
        else { return .damaged }
        guard format == Self.format else { return .unknownFormat(format) }
        guard text.literal(",\"through\":"), let through = text.integer(), through > 0,
            text.literal(",\"made\":\""), let made = text.untilQuote(),
            text.literal(",\"root\":\""), let root = text.hash(),
            text.literal(",\"frontier\":["), let hashes = text.hashes(),
            let frontier = Frontier(size: through, hashes: hashes), frontier.root == root,
            text.literal(",\"context\":"), case let context = text.rest, context.last == UInt8(ascii: "}")
        else { return .damaged }
        return .header(
            SnapshotHeader(
                logID: String(decoding: logID, as: UTF8.self),
                made: String(decoding: made, as: UTF8.self),
                frontier: frontier,
                context: Array(context.extracting(droppingLast: 1))
            )
        )
    }
}
