package import LogValues

/// A log's statement about itself at one size: the text that a checkpoint's signatures cover.
///
///     hub.example/log                                 origin
///     1000                                            size
///     NHUcNyXCG0FgTuaX2/xHC5zpALwWdMtDJGbzjP4st68=    root, base64
///     …                                               extension lines, if any
///
/// - SeeAlso: C2SP tlog-checkpoint v1.0.0.
package struct CheckpointBody: Hashable, Sendable {
    /// The log's name, the same for all of its life.
    package let origin: String
    /// Count of lines.
    package let size: UInt64
    package let root: Hash256
    /// Lines that this program gives no meaning to; it writes none.
    package let extensionLines: [String]

    package init(origin: String, size: UInt64, root: Hash256) {
        self.origin = origin
        self.size = size
        self.root = root
        self.extensionLines = []
    }

    /// Reads the text of a note strictly.
    ///
    /// A note's signature says nothing about this: `01000`, `+1000` or a root in hexadecimal may be signed as well.
    ///
    /// - Throws: ``CheckpointError/malformedCheckpoint(line:)``.
    package init(parsing text: [UInt8]) throws(CheckpointError) {
        var lines = NoteLines(text[...])
        guard let origin = lines.next(), !origin.isEmpty, NoteLines.isAcceptable(text),
            let size = lines.next().flatMap({ NoteLines.integer($0) }),
            let root = lines.next().flatMap({ Hash256(base64: $0) })
        else { throw .malformedCheckpoint(line: lines.number) }
        var extensionLines: [String] = []
        while !lines.isAtEnd {
            guard let line = lines.next(), !line.isEmpty else { throw .malformedCheckpoint(line: lines.number) }
            extensionLines.append(String(decoding: line, as: UTF8.self))
        }
        self.origin = String(decoding: origin, as: UTF8.self)
        self.size = size
        self.root = root
        self.extensionLines = extensionLines
    }

    /// The text to sign, every line with its newline.
    package var text: [UInt8] {
        let lines = [self.origin, String(self.size), self.root.base64] + self.extensionLines
        return Array(lines.map { $0 + "\n" }.joined().utf8)
    }
}
