import LogValues
import SystemPackage

/// The last segment, read to its end: what is whole in it, and the tree of all lines up to there.
struct SegmentSurvey {
    private static let progressStepBytes: UInt64 = 1 << 20

    let name: SegmentName
    let fileSize: UInt64
    /// The segment's header; nil if the file ends, or is faulty, before its first line's end.
    let header: SegmentHeader?
    let ending: SegmentReader.Ending
    let commitPoint: SegmentReader.CommitPoint
    /// The tree up to `commitPoint`.
    let frontier: Frontier
    /// The tree's root where the `synced` file says that it knows it; nil if that place is not in this segment.
    let rootAtNote: Hash256?
    /// The first line whose recorded hash is not there, or another one; nil if there is none, or they were not compared.
    let firstUnrecordedLeaf: SequenceNumber?

    /// Reads the segment.
    ///
    /// - Throws: ``EventLogError/damaged(file:offset:_:)`` if an intact block holds what does not belong there.
    init(
        _ name: SegmentName,
        at path: FilePath,
        synced note: SyncedNote?,
        leaves: RecordedLeaves? = nil,
        _ fileSystem: any FileSystem,
        _ onProgress: (RecoveryProgress) -> Void
    ) throws(EventLogError) {
        var reader = try SegmentReader(name, at: path, fileSystem)
        let fileSize = try reader.fileSize()
        var frontier = try reader.readHeader()?.frontier ?? Frontier()
        var rootAtNote = frontier.size == note?.end.rawValue ? frontier.root : nil
        var redacted: [UInt8] = []
        var reported: UInt64 = 0
        var firstUnrecorded: SequenceNumber?
        var ending = try reader.advance()
        while ending == nil {
            let line = reader.current.sequenceNumber
            let leaf = try reader.leaf(&redacted)
            frontier.append(leaf: leaf)
            if firstUnrecorded == nil, let leaves, leaves.leaf(of: line) != leaf { firstUnrecorded = line }
            if frontier.size == note?.end.rawValue { rootAtNote = frontier.root }
            if reader.offset - reported >= Self.progressStepBytes {
                reported = reader.offset
                onProgress(
                    RecoveryProgress(
                        segment: name,
                        readBytes: reported,
                        sizeBytes: fileSize,
                        lineCount: frontier.size - name.base.rawValue + 1
                    )
                )
            }
            ending = try reader.advance()
        }
        self.name = name
        self.fileSize = fileSize
        self.header = reader.header
        self.ending = ending ?? .frameEnd
        self.commitPoint = reader.commitPoint
        self.frontier = frontier
        self.rootAtNote = rootAtNote
        self.firstUnrecordedLeaf = firstUnrecorded
    }
}
