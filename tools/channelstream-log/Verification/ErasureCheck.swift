import EventLog
import LogValues
import SystemPackage

/// Whether contents that are missing were erased by an order, and whether contents that an order names are gone.
struct ErasureCheck {
    /// Lines in their redacted form that no erasure has named yet.
    private var unexplained: [UInt64: LogLine.Place] = [:]
    /// Lines in their redacted form that one has named.
    private var explained: Set<UInt64> = []
    /// Lines that an erasure names, but that were not redacted when they were read: the line, then the erasure's.
    private var named: [UInt64: UInt64] = [:]

    /// How many lines have lost their content.
    private(set) var erasedCount = 0

    /// Takes a line in its redacted form.
    mutating func takeRedacted(_ line: LogLine.Place) {
        self.erasedCount += 1
        self.unexplained[line.sequenceNumber.rawValue] = line
    }

    /// Takes a `content.erased`.
    ///
    /// - Parameters:
    ///   - order: Its own number: it can only be about lines before it.
    ///   - lines: The lines that it names.
    ///   - first: The first line that is kept; those before are gone, content and all.
    mutating func takeOrder(_ order: SequenceNumber, of lines: [UInt64], keptFrom first: SequenceNumber) {
        for line in lines where line < order.rawValue && line >= first.rawValue {
            if self.unexplained.removeValue(forKey: line) != nil {
                self.explained.insert(line)
            } else if !self.explained.contains(line) {
                self.named[line] = order.rawValue
            }
        }
    }

    /// That a content is missing which no erasure names; nil if none is.
    var missingContent: Finding? {
        self.unexplained.min { $0.key < $1.key }.map { _, place in
            Finding(.forgery, at: place, "the content is missing, and no content.erased names the line")
        }
    }

    /// That a content is still there which an erasure names; nil if none is.
    ///
    /// Looks at these lines again: a server may have carried out the erasure meanwhile.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read.
    func contentStillThere(in directory: FilePath) throws -> Finding? {
        guard let first = self.named.keys.min(), let last = self.named.keys.max() else { return nil }
        var found: LogLine.Place?
        var count = 0
        try LogReader(directory).forEachLine(from: SequenceNumber(first), through: SequenceNumber(last)) { line in
            guard self.named[line.sequenceNumber.rawValue] != nil, (try? Redaction.parts(of: line.bytes)) != nil else {
                return
            }
            count += 1
            found = found ?? line.place
        }
        guard let found, let order = self.named[found.sequenceNumber.rawValue] else { return nil }
        // Whether it is there is all that matters, so the log's id does not.
        let isPending = (try? LogErasure(directory, logID: "").isPending()) ?? false
        return Finding(
            .erasure,
            at: found,
            "the content is still there, though the erasure in line \(order) names it"
                + (count > 1 ? " (one of \(count) such lines)" : "")
                + (isPending
                    ? ": the erasure was interrupted, or is going on; start the server, or repeat `erase`, which finishes it"
                    : ": these files are older than the erasure, as from a backup; repeat `erase`")
        )
    }
}
