import EventLog
import LogValues
import Projections

/// How far the signatures in a log reach, and what is wrong with them.
///
/// A signature of the log at one size covers every line up to there, whoever signed earlier ones, or nobody did: so the
/// newest one counts that is by a key which is known. What lies behind it rests on the log's own word, which nobody may
/// leave larger than the hub's schedule does. See `docs/decisions/0030-what-is-signed.md`.
struct SignatureCheck {
    /// Commands that a checkpoint may stand for at most, and those that may have been in flight before it: as many as wait in a
    /// hub's mailbox.
    static let proposalLimit: UInt64 = 10_000 + 65_536
    /// The first of a kind; of the others only their count is told, or a log with a million would say a million lines.
    private struct Found {
        let place: LogLine.Place
        var count = 1
        let message: String
    }

    /// A `log.key_changed`.
    struct KeyChange {
        let place: LogLine.Place
        let change: LogKeyChanged

        var line: UInt64 { self.place.sequenceNumber.rawValue }
    }

    private let notes: NoteChecker
    /// The largest size that a known key has signed; nil: none.
    private(set) var signedThrough: UInt64?
    /// The largest size that a note is about, whoever signed it.
    private(set) var notedThrough: UInt64?
    /// Notes whose signature is right, that are by keys that are not known, and checkpoints without one.
    private(set) var signedCount = 0
    private(set) var unknownCount = 0
    private(set) var unsignedCount = 0
    private(set) var changes: [KeyChange] = []
    /// The node that wrote the last checkpoint, and so decides what is in the log.
    private(set) var decider: NodeName?
    private var wrong: Found?
    /// Checkpoints without a note behind one that has one.
    private var stripped: Found?
    /// Behind the newest size that a known key has signed.
    private var unknown: Found?
    private var unsigned: Found?

    init(_ notes: NoteChecker) {
        self.notes = notes
    }

    /// Whether signatures can be checked at all.
    var knowsKeys: Bool { self.notes.knowsKeys }

    // MARK: Taking lines

    /// Takes a `log.key_changed`.
    mutating func take(_ change: LogKeyChanged, in line: LogLine.Place) {
        self.changes.append(KeyChange(place: line, change: change))
    }

    /// Takes a checkpoint, whose root is that of the log.
    mutating func take(_ checkpoint: LogCheckpointed, from source: NodeName, in line: LogLine.Place) {
        self.decider = source
        guard let text = checkpoint.note else {
            self.unsignedCount += 1
            Self.count(&self.unsigned, line, "the checkpoint is not signed")
            if self.notedThrough != nil {
                Self.count(&self.stripped, line, "the checkpoint is not signed, though earlier ones are")
            }
            return
        }
        self.notedThrough = max(self.notedThrough ?? 0, checkpoint.size)
        switch self.notes.check(text, size: checkpoint.size, root: checkpoint.root) {
        case .signed(let signers):
            if let current = self.changes.last, let key = try? VerifierKey(current.change.key),
                !signers.contains(key.identity)
            {
                let names = signers.map(\.description).joined(separator: ", ")
                return Self.count(
                    &self.wrong,
                    line,
                    "the checkpoint is signed by \(names), which \(key.identity) has replaced in line \(current.line)"
                )
            }
            self.signedCount += 1
            self.signedThrough = max(self.signedThrough ?? 0, checkpoint.size)
            // It covers the lines that these stand for.
            self.unknown = nil
            self.unsigned = nil
        case .unknownKey(let signers):
            self.unknownCount += 1
            let names = signers.map(\.description).joined(separator: ", ")
            Self.count(&self.unknown, line, "the checkpoint is signed by \(names), which is not among the keys known")
        case .wrong(let trouble):
            Self.count(&self.wrong, line, "the checkpoint's note: \(trouble)")
        }
    }

    private static func count(_ found: inout Found?, _ line: LogLine.Place, _ message: String) {
        guard found == nil else {
            found?.count += 1
            return
        }
        found = Found(place: line, message: message)
    }

    // MARK: Findings

    /// What is wrong with what was taken, of a log that was read to its end; one of a kind.
    ///
    /// - Parameters:
    ///   - end: The last line.
    ///   - lag: Says why the newest signed line lies further back than it should; asked for only where nothing else does.
    /// - Returns: Findings of status `signature`.
    func findings(end: UInt64, lag: () throws -> String?) rethrows -> [Finding] {
        var found = [self.wrong, self.stripped].compactMap { $0.map(Self.finding) }
        guard self.knowsKeys else { return found }
        let signed = "signed through \(self.signedThrough.map { "line \($0)" } ?? "no line")"
        if let change = self.changes.first(where: { $0.line > self.signedThrough ?? 0 }) {
            found.append(
                Finding(
                    .signature,
                    at: change.place,
                    through: end,
                    "another key takes over: \(change.change.key) in place of "
                        + "\(change.change.earlier.joined(separator: ", ")); only the log itself says so. By the keys that are "
                        + "known it is \(signed); if the new one is right, by its owner's word on another way, give it too (--key)"
                )
            )
        } else if let unknown = self.unknown {
            found.append(Self.finding(unknown, "; by the keys that are known it is \(signed)"))
        } else if let unsigned = self.unsigned, self.stripped == nil {
            found.append(Self.finding(unsigned, "; the log is \(signed)"))
        }
        if found.isEmpty, let reason = try lag() {
            let first = (self.signedThrough ?? 0) + 1
            found.append(
                Finding(.signature, lines: first...max(first, end), "the log is \(signed), though \(reason)")
            )
        }
        return found
    }

    private static func finding(_ found: Found) -> Finding { self.finding(found, "") }

    private static func finding(_ found: Found, _ more: String) -> Finding {
        Finding(
            .signature,
            at: found.place,
            found.message + (found.count > 1 ? " (the first of \(found.count) such checkpoints)" : "") + more
        )
    }

    /// How far the log is signed, as it is shown.
    var summary: String {
        if let signedThrough { return "\(signedThrough)" }
        if !self.knowsKeys {
            guard let notedThrough else { return "nothing: there is no signature" }
            return "not checked, no key is known (see --key): the newest note is about line \(notedThrough)"
        }
        if self.unknownCount > 0 { return "nothing by a key that is known" }
        return self.unsignedCount > 0 ? "nothing: no checkpoint is signed" : "nothing: there is no checkpoint yet"
    }
}
