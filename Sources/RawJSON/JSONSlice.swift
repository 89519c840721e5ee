package import LogValues

/// A value as the slice that came in: validated, and borrowed as the scanned bytes are.
package struct JSONSlice: ~Escapable {
    package let kind: JSONScanner.Kind
    /// From the value's first byte to its last.
    package let bytes: Bytes
    /// Whether no white space stands outside strings.
    package let isCompact: Bool

    @_lifetime(copy bytes)
    init(kind: JSONScanner.Kind, bytes: Bytes, isCompact: Bool) {
        self.kind = kind
        self.bytes = bytes
        self.isCompact = isCompact
    }

    /// An owned copy on one line: white space outside strings is dropped, everything else is kept byte for byte.
    package func rawJSON() -> RawJSON {
        RawJSON(copying: self)
    }

    /// A scanner that stands before the value; its offsets count from the value's first byte.
    @_lifetime(copy self)
    package func scanner() -> JSONScanner {
        // The depth was checked when the slice was cut.
        JSONScanner(self.bytes, maximumDepth: JSONScanner.deepestLimit)
    }
}

extension JSONSlice {
    /// Appends the value without the white space outside its strings.
    func appendCompacted(to output: inout [UInt8]) {
        guard !self.isCompact else {
            output.append(contentsOf: self.bytes)
            return
        }
        var start = 0
        var index = 0
        while index < self.bytes.count {
            let byte = self.bytes[index]
            if byte == ASCII.quote {
                index = self.endOfString(at: index)
            } else if ASCII.isSpace(byte) {
                output.append(contentsOf: self.bytes.extracting(start..<index))
                repeat { index += 1 } while index < self.bytes.count && ASCII.isSpace(self.bytes[index])
                start = index
            } else {
                index += 1
            }
        }
        output.append(contentsOf: self.bytes.extracting(start...))
    }

    /// The index behind the string that starts at `index`, in bytes that were validated.
    private func endOfString(at start: Int) -> Int {
        var index = start + 1
        while self.bytes[index] != ASCII.quote {
            index += self.bytes[index] == ASCII.backslash ? 2 : 1
        }
        return index + 1
    }
}
