package import EventLog
package import Projections
package import SystemPackage

/// Knows which lines of the log are about a message.
package protocol MessageLines: Sendable {
    /// The lines of a message: its post, edits, deletion and erasure, in the order of the log.
    ///
    /// - Parameters:
    ///   - uuid: The message.
    ///   - end: How far the log may be read.
    /// - Returns: None if the log does not name the message.
    /// - Throws: What reading the log throws.
    func lines(ofMessage uuid: UUID128, through end: SequenceNumber) throws -> [SequenceNumber]
}

/// Finds a message's lines by reading the whole log; blocks while it does.
package struct ScannedMessageLines: MessageLines {
    private let directory: FilePath
    private let fileSystem: any FileSystem

    package init(directory: FilePath, fileSystem: any FileSystem = PosixFileSystem()) {
        self.directory = directory
        self.fileSystem = fileSystem
    }

    package func lines(ofMessage uuid: UUID128, through end: SequenceNumber) throws -> [SequenceNumber] {
        var canonical: [UInt8] = []
        uuid.append(to: &canonical)
        var decoder = EventDecoder()
        var found: [SequenceNumber] = []
        guard let first = try SegmentCatalog(self.directory, fileSystem: self.fileSystem).segments.first else {
            return []
        }
        try LogReader(self.directory, fileSystem: self.fileSystem).forEachLine(from: first.base, through: end) { line in
            // Bytes first: most lines are about other messages, and an erasure names lines.
            guard
                canonical.withUnsafeBytes({ line.bytes.contains($0) })
                    || (!found.isEmpty && line.bytes.contains(Self.erasure))
            else { return }
            let payload = try decoder.decode(line.bytes).event.payload
            if payload.message == uuid || payload.erases(oneOf: found) { found.append(line.sequenceNumber) }
        }
        return found
    }

    private static let erasure: StaticString = "\"type\":\"content.erased\""
}

extension Event.Payload {
    /// The message that it is about.
    fileprivate var message: UUID128? {
        switch self {
        case .messagePosted(let message): message.uuid
        case .messageEdited(let edit): edit.uuid
        case .messageDeleted(let deletion): deletion.uuid
        case .nodeStarted, .nodeStopped, .userConnected, .connectionSubscribed, .connectionUnsubscribed,
            .connectionAttached, .connectionDetached, .connectionClosed, .userStateChanged, .userForgotten,
            .channelConfigured, .channelForgotten, .contentErased, .logCheckpointed, .unknown:
            nil
        }
    }

    fileprivate func erases(oneOf lines: [SequenceNumber]) -> Bool {
        guard case .contentErased(let erasure) = self else { return false }
        return lines.contains { line in erasure.lines.contains { $0.rawValue == line.rawValue } }
    }
}
