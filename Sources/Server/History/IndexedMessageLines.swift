package import EventLog
package import Projections

/// Finds a message's lines by the index; while that is being made after a start, by reading the whole log.
package struct IndexedMessageLines: MessageLines {
    private let log: OpenLog

    package init(_ log: OpenLog) {
        self.log = log
    }

    package func lines(ofMessage uuid: UUID128, through end: SequenceNumber) throws -> [SequenceNumber] {
        do {
            return try self.log.index.lines(ofMessage: uuid).filter { $0 <= end }
        } catch IndexError.building {
            return try ScannedMessageLines(directory: self.log.directory, fileSystem: self.log.fileSystem)
                .lines(ofMessage: uuid, through: end)
        }
    }
}
