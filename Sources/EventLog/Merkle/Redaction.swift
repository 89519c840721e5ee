package import LogValues
import RawJSON

/// The redacted form of a line, which is what the Merkle tree covers.
///
///     live      …,"salt":"<22 base64url>","content":<JSON value>}
///     redacted  …,"commit":"<43 base64url>"}          commit = SHA-256(16 salt bytes || content bytes)
///
/// A line without content is its own redacted form, and so is a line that has been redacted already. So erasing content
/// changes no leaf, no root and no proof.
///
/// The cut is at the first `,"salt":"`. That is safe: inside a JSON string every quote is escaped, and before the salt
/// stands nothing that came from outside as it was.
package enum Redaction {
    static let saltOpening: StaticString = ",\"salt\":\""
    static let contentOpening: StaticString = "\",\"content\":"
    static let commitOpening: StaticString = ",\"commit\":\""
    static let commitClosing: StaticString = "\"}"

    /// Whether a line ends as the redacted form does: its content was erased.
    package static func isRedacted(_ line: Bytes) -> Bool {
        let commit = self.commitOpening.utf8CodeUnitCount + Hash256.textLength + self.commitClosing.utf8CodeUnitCount
        return line.count > commit && line.holds(self.commitOpening, at: line.count - commit)
    }

    /// Finds the end of a live line's head; nil if it has no salt.
    static func saltOffset(in line: Bytes) -> Int? {
        // Boyer-Moore-Horspool, with the shifts spelled out: a third of a plain search's time.
        let last = self.saltOpening.utf8CodeUnitCount - 1
        var at = 0
        while at + last < line.count {
            let shift: Int
            switch line[at + last] {
            case UInt8(ascii: "\""):
                if line[at] == UInt8(ascii: ","), line.holds(self.saltOpening, at: at) { return at }
                shift = 2
            case UInt8(ascii: ","): shift = 8
            case UInt8(ascii: "s"): shift = 6
            case UInt8(ascii: "a"): shift = 5
            case UInt8(ascii: "l"): shift = 4
            case UInt8(ascii: "t"): shift = 3
            case UInt8(ascii: ":"): shift = 1
            default: shift = last + 1
            }
            at += shift
        }
        return nil
    }

    /// The parts of a live line.
    package struct Parts: ~Escapable {
        package let head: Bytes
        /// 22 characters.
        package let salt: Bytes
        package let content: Bytes
        package let commit: Hash256

        @_lifetime(copy head, copy salt, copy content)
        init(head: Bytes, salt: Bytes, content: Bytes, commit: Hash256) {
            self.head = head
            self.salt = salt
            self.content = content
            self.commit = commit
        }
    }

    /// Takes a line apart, and computes the commitment to its content.
    ///
    /// - Parameter line: The line without its newline.
    /// - Returns: Nil if it has no content.
    /// - Throws: ``RedactionError`` if the salt or what follows is not as the format has it.
    @_lifetime(copy line)
    package static func parts(of line: Bytes) throws(RedactionError) -> Parts? {
        guard let headEnd = self.saltOffset(in: line) else { return nil }
        let saltStart = headEnd + self.saltOpening.utf8CodeUnitCount
        let saltEnd = saltStart + Salt.textLength
        let contentStart = saltEnd + self.contentOpening.utf8CodeUnitCount
        guard line.count > contentStart + 1, line[line.count - 1] == UInt8(ascii: "}"),
            line.holds(self.contentOpening, at: saltEnd)
        else { throw RedactionError() }
        let salt = line.extracting(saltStart..<saltEnd)
        let content = line.extracting(contentStart..<line.count - 1)
        guard let commit = Salt(base64URL: salt)?.commitment(to: content) else { throw RedactionError() }
        return Parts(head: line.extracting(..<headEnd), salt: salt, content: content, commit: commit)
    }

    /// Computes the leaf hash of a line, live or redacted.
    ///
    /// - Parameters:
    ///   - line: The line without its newline.
    ///   - scratch: Room for the redacted form, kept between calls so that none allocates; holds that form afterwards.
    /// - Returns: The hash of the redacted form.
    /// - Throws: ``RedactionError`` if the salt or what follows is not as the format has it.
    package static func leafHash(
        of line: Bytes,
        scratch: inout [UInt8]
    ) throws(RedactionError) -> Hash256 {
        try self.redact(line, into: &scratch)
        return Hash256.leaf(scratch.span)
    }

    /// Writes the redacted form of a line, live or redacted, in place of what `redacted` held.
    ///
    /// - Throws: ``RedactionError`` if the salt or what follows is not as the format has it.
    package static func redact(
        _ line: Bytes,
        into redacted: inout [UInt8]
    ) throws(RedactionError) {
        redacted.removeAll(keepingCapacity: true)
        if let parts = try self.parts(of: line) {
            redacted.append(contentsOf: parts.head)
            self.appendCommit(parts.commit, to: &redacted)
        } else {
            redacted.append(contentsOf: line)
        }
    }

    /// Appends what stands in a redacted line instead of salt and content, closing brace included.
    static func appendCommit(_ commit: Hash256, to line: inout [UInt8]) {
        line.append(self.commitOpening)
        commit.appendBase64URL(to: &line)
        line.append(self.commitClosing)
    }
}

/// A line has a salt, but not as the format prescribes.
package struct RedactionError: Error, Hashable {}
