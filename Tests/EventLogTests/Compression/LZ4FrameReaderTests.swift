import LogValues
import RawJSON
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("LZ4FrameReader")
struct LZ4FrameReaderTests {
    struct Vectors: Decodable {
        struct File: Decodable, CustomStringConvertible {
            let file: String
            let what: String
            let state: String
            let firstBadOffset: UInt64?
            let intactEnd: UInt64
            let linesSha256: String

            var description: String { "\(self.file): \(self.what)" }
        }
        let files: [File]
    }

    /// What a walk to the end or to the first fault finds.
    struct Walk: Equatable {
        var text: [UInt8] = []
        var offset: UInt64 = 0
        var fault: Damage?
        var isInFrame = false
    }

    static func walk(_ bytes: [UInt8], isStrict: Bool, _ configure: (FaultyFileSystem) -> Void = { _ in }) throws
        -> Walk
    {
        var disk = Disk()
        disk["/file"] = bytes
        let fileSystem = FaultyFileSystem(disk)
        configure(fileSystem)
        var reader = LZ4FrameReader(try fileSystem.open("/file", .read), fileSystem, isStrict: isStrict)
        var walk = Walk()
        while true {
            switch try reader.next() {
            case .frameStart, .frameEnd: break
            case .block: walk.text.append(contentsOf: reader.text)
            case .endOfFile:
                walk.offset = reader.offset
                walk.isInFrame = reader.frame != nil
                return walk
            case .fault(let damage):
                walk.offset = reader.offset
                walk.isInFrame = reader.frame != nil
                walk.fault = damage
                return walk
            }
        }
    }

    @Test(
        "finds in each vector what a separate decoder found",
        arguments: try Fixtures.decode(Vectors.self, from: "lz4/manifest.json").files
    )
    func vectors(file: Vectors.File) throws {
        let walk = try Self.walk(Fixtures.bytes("lz4/\(file.file)"), isStrict: false)
        #expect(walk.offset == file.intactEnd)
        let textToLineEnd = walk.text.prefix((walk.text.lastIndex(of: 0x0A) ?? -1) + 1)
        #expect(Hash256(hashing: textToLineEnd.span) == Hash256(hex: file.linesSha256))
        switch file.state {
        case "clean", "empty":
            #expect(walk.fault == nil && !walk.isInFrame)
        case "open-frame":
            #expect(walk.fault == nil && walk.isInFrame)
        default:
            #expect(walk.fault != nil)
            #expect(walk.offset == file.firstBadOffset)
        }
    }

    @Test("of all frames only those with the segments' header pass a strict reader")
    func strict() throws {
        #expect(try Self.walk(Fixtures.bytes("lz4/good.lz4"), isStrict: true).fault == .frameHeader)
        #expect(try Self.walk(Fixtures.bytes("lz4/good-skippable-last.lz4"), isStrict: true).fault == .frameHeader)
        #expect(try Self.walk(Fixtures.bytes("lz4/skippable-first.lz4"), isStrict: true).fault == .frameMagic)
        var writer = try LZ4FrameWriter()
        let bytes = try writer.block(Array("a line\n".utf8)) + writer.ending()
        #expect(try Self.walk(bytes, isStrict: true) == Walk(text: Array("a line\n".utf8), offset: UInt64(bytes.count)))
    }

    @Test("a file that cannot be read is an error, not its end")
    func readError() {
        #expect(throws: EventLogError.fileSystem(FileSystemError(.read, "/file", .ioError))) {
            try Self.walk([1, 2, 3], isStrict: true) { $0.fail(.every(.read)) }
        }
    }
}

@Suite("LZ4FrameWriter")
struct LZ4FrameWriterTests {
    /// Text of this size that compresses somewhat.
    static func text(_ size: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: UInt64(size))
        return (0..<size).map { _ in UInt8.random(in: 0x61...0x68, using: &generator) }
    }

    @Test(
        "what goes in comes out, over many blocks and frames",
        arguments: [1, 13, 300, 65_537, LZ4FrameWriter.blockSizeBytes]
    )
    func roundTrip(size: Int) throws {
        var writer = try LZ4FrameWriter()
        var bytes: [UInt8] = []
        var text: [UInt8] = []
        for frame in 0..<2 {
            for block in 0..<3 {
                let part = Self.text(size - block % size)
                bytes += try writer.block(part)
                text += part
                let isOpen = writer.isFrameOpen
                #expect(isOpen)
            }
            bytes += try writer.ending()
            let isOpen = writer.isFrameOpen
            #expect(!isOpen, "frame \(frame)")
        }
        let walk = try LZ4FrameReaderTests.walk(bytes, isStrict: true)
        #expect(walk == .init(text: text, offset: UInt64(bytes.count)))
    }

    @Test("a frame that is not open is not ended")
    func endsOnce() throws {
        var writer = try LZ4FrameWriter()
        let sizes = try [
            writer.ending().count, writer.block([1, 2, 3]).count, writer.ending().count, writer.ending().count,
        ]
        #expect(sizes == [0, sizes[1], 8, 0])
    }

    @Test("each block ends a whole structure: the text so far can be read without what follows")
    func flushes() throws {
        var writer = try LZ4FrameWriter()
        var bytes: [UInt8] = []
        for count in 1...5 {
            bytes += try writer.block(Array("line\n".utf8))
            let walk = try LZ4FrameReaderTests.walk(bytes, isStrict: true)
            #expect(walk.fault == nil && walk.isInFrame)
            #expect(walk.text.count == 5 * count)
        }
    }
}
