import NIOCore
import Projections

/// Uploads that come in parts, as far as they have come: a value that decides what is kept, and for how long.
///
/// Bounded in every direction, since whoever sends may stop at any byte: one upload a node, each of the size that its
/// first part names; together no more than ``sizeLimit``, but for one that is larger and alone; and what gets no further
/// part is dropped after ``patience``.
struct UnfinishedUploads: Sendable {
    /// The largest upload, in bytes; no proposal is larger.
    static let uploadSizeLimit = 64 << 20
    /// Bytes that several uploads may have announced, together.
    static let sizeLimit = 16 << 20
    /// How long the next part of an upload is waited for.
    static let patience = TimeAmount.seconds(20)

    private struct Upload {
        let size: Int
        var bytes: [UInt8]
        var lastPart: NIODeadline
    }

    /// The outcome of a part.
    enum Outcome: Equatable {
        /// The upload is whole.
        case whole([UInt8])
        /// More parts have to come.
        case part
        /// It is not the part that comes next, or is longer than what was announced.
        case outOfOrder
        case tooLarge
        /// Others fill the room; it may be free soon.
        case noRoom
    }

    private var uploads: [NodeName: Upload] = [:]

    /// Bytes that are announced and may come.
    private var announced: Int { self.uploads.values.reduce(0) { $0 + $1.size } }

    var isEmpty: Bool { self.uploads.isEmpty }

    /// Takes a part.
    ///
    /// - Parameters:
    ///   - part: Its bytes.
    ///   - node: Who sends it.
    ///   - offset: Where it stands in the upload; 0 begins a new one, whatever came of another.
    ///   - size: The size of the whole, in bytes.
    ///   - now: By the clock that never goes back.
    /// - Returns: What came of it.
    mutating func add(
        _ part: ByteBuffer,
        of node: NodeName,
        at offset: Int,
        size: Int,
        now: NIODeadline
    ) -> Outcome {
        guard size <= Self.uploadSizeLimit else { return .tooLarge }
        self.expire(now: now)
        var upload: Upload
        if offset == 0 {
            self.uploads[node] = nil
            // Most come in one part, which need not wait for room.
            if part.readableBytes == size { return .whole(Array(part.readableBytesView)) }
            guard self.uploads.isEmpty || self.announced + size <= Self.sizeLimit else { return .noRoom }
            upload = Upload(size: size, bytes: [], lastPart: now)
        } else {
            guard let begun = self.uploads.removeValue(forKey: node) else { return .outOfOrder }
            upload = begun
        }
        let end = offset.addingReportingOverflow(part.readableBytes).partialValue
        guard upload.bytes.count == offset, upload.size == size, end <= size, part.readableBytes > 0 || size == 0 else {
            return .outOfOrder
        }
        upload.bytes.reserveCapacity(size)
        upload.bytes.append(contentsOf: part.readableBytesView)
        upload.lastPart = now
        guard end < size else { return .whole(upload.bytes) }
        self.uploads[node] = upload
        return .part
    }

    /// Drops what was waited for long enough.
    ///
    /// Returns when to look again; nil if nothing is left.
    @discardableResult
    mutating func expire(now: NIODeadline) -> NIODeadline? {
        self.uploads = self.uploads.filter { now - $0.value.lastPart < Self.patience }
        return self.uploads.values.map { $0.lastPart + Self.patience }.min()
    }
}
