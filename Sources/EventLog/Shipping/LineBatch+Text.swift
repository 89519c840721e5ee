extension LineBatch {
    /// The lines as text, each with the number of its proposal in place of a sequence number: how proposals travel to
    /// the node that orders them.
    ///
    /// - Parameter first: The number of the first proposal; the others follow without gaps.
    /// - Returns: Whole lines, which an event's decoder reads.
    package func text(numberingProposalsFrom first: UInt64) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(self.size)
        var number = first
        var start = 0
        for entry in self.entries {
            text.append(LineFormat.opening)
            text.append(contentsOf: String(number).utf8)
            text.append(UInt8(ascii: ","))
            if !entry.isLastOfProposal { text.append(LineFormat.more) }
            text.append(contentsOf: self.bytes[start..<entry.end])
            text.append(UInt8(ascii: "}"))
            text.append(LineFormat.newline)
            start = entry.end
            if entry.isLastOfProposal { number += 1 }
        }
        return text
    }
}
