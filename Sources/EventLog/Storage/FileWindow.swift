import LogValues
import RawJSON

/// A part of a file in memory, which moves on through it.
struct FileWindow: ~Copyable {
    private static let chunkSizeBytes = 128 << 10
    /// Bytes of the first read at a place: who reads on takes more each time, who wanted one line has not read a frame too
    /// many.
    private static let firstReadSizeBytes = 16 << 10

    private let file: OpenFile
    private let fileSystem: any FileSystem
    private var memory = OwnedBytes()
    /// Where the memory's first byte stands in the file.
    private var start: UInt64 = 0
    /// Bytes that were read.
    private var count = 0
    /// Bytes that the next read takes, at least.
    private var readSizeBytes = FileWindow.firstReadSizeBytes

    init(_ file: OpenFile, _ fileSystem: any FileSystem) {
        self.file = file
        self.fileSystem = fileSystem
        self.memory.resize(to: Self.chunkSizeBytes)
    }

    /// Has bytes read that stand at `offset`, behind those that were asked for before.
    ///
    /// - Returns: How many there are; fewer than `count` only where the file ends.
    mutating func prepare(_ count: Int, at offset: UInt64) throws(EventLogError) -> Int {
        if Int(clamping: offset - self.start) + count > self.count { try self.fill(count, from: offset) }
        return min(count, self.count - Int(clamping: offset - self.start))
    }

    /// Bytes at `offset`, which were prepared.
    @_lifetime(borrow self)
    func bytes(_ count: Int, at offset: UInt64) -> Bytes {
        let first = Int(clamping: offset - self.start)
        return self.memory.bytes(first..<first + count)
    }

    /// The little-endian word at `offset`, which was prepared.
    func word(at offset: UInt64) -> UInt32 { UInt32(littleEndian: self.bytes(4, at: offset).halfWord(at: 0)) }

    /// Forgets what was read of the file from `offset` on, so that it is read as it is then.
    mutating func refresh(from offset: UInt64) {
        self.start = offset
        self.count = 0
    }

    /// Goes to another place; what was read of the file near there is kept.
    mutating func seek(to offset: UInt64) {
        guard offset < self.start || offset > self.start + UInt64(self.count) else { return }
        self.refresh(from: offset)
        self.readSizeBytes = Self.firstReadSizeBytes
    }

    /// Moves the start to `offset`, and reads on until `count` bytes are there, or more in the same call.
    private mutating func fill(_ count: Int, from offset: UInt64) throws(EventLogError) {
        let kept = min(Int(clamping: offset - self.start), self.count)..<self.count
        if count > self.memory.count {
            self.memory.resize(to: max(count, 2 * self.memory.count), keeping: kept)
        } else {
            self.memory.move(kept, to: 0)
        }
        self.start = offset
        self.count = kept.count
        let end = min(max(count, self.readSizeBytes), self.memory.count)
        self.readSizeBytes = min(2 * self.readSizeBytes, Self.chunkSizeBytes)
        let (file, fileSystem) = (self.file, self.fileSystem)
        while self.count < count {
            let place = offset + UInt64(self.count)
            let got: Int
            do throws(FileSystemError) {
                var rest = self.memory.mutableBytes(self.count..<end)
                got = try fileSystem.read(file, into: &rest, at: place)
            } catch {
                throw .fileSystem(error)
            }
            guard got > 0 else { return }
            self.count += got
        }
    }
}
