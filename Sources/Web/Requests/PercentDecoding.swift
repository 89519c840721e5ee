/// Percent-encoding, in paths and in queries alike.
///
/// As in upstream's framework, what is no valid escape stands for itself: `%zz` and `%-0` are three characters.
package enum PercentDecoding {
    /// - Parameters:
    ///   - text: It may be any.
    ///   - plusIsBlank: Whether `+` means a blank, as it does in queries and forms.
    /// - Returns: The bytes that it stands for.
    package static func decode(_ text: some Collection<UInt8>, plusIsBlank: Bool = false) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var index = text.startIndex
        while index != text.endIndex {
            let byte = text[index]
            text.formIndex(after: &index)
            switch byte {
            case UInt8(ascii: "+") where plusIsBlank:
                decoded.append(0x20)
            case UInt8(ascii: "%"):
                if let escape = self.escape(text[index...]) {
                    decoded.append(escape.byte)
                    index = escape.end
                } else {
                    decoded.append(byte)
                }
            default:
                decoded.append(byte)
            }
        }
        return decoded
    }

    /// Two digits at the beginning, and where they end; nil if there are none.
    private static func escape<Text: Collection<UInt8>>(_ text: Text) -> (byte: UInt8, end: Text.Index)? {
        guard let high = text.first.flatMap(self.digit) else { return nil }
        let second = text.index(after: text.startIndex)
        guard second != text.endIndex, let low = self.digit(text[second]) else { return nil }
        return (high << 4 | low, text.index(after: second))
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
