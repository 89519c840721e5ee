import LogValues
import RawJSON
import Web

/// A whole number from 0 to 4,294,967,295, or its decimal text; the fraction of a number is cut off.
struct CountField: FieldReader {
    func readValue(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<UInt32> {
        let number: Int64?
        switch try scanner.peek() {
        case .number:
            number = NumberText.wholePart(of: try scanner.readValue().bytes)?.value
        case .string:
            number = try scanner.readString().withUTF8 { NumberText.integer($0) }
        case .object, .array, .true, .false, .null:
            return try Self.refuse(.notAnInteger, in: &scanner)
        }
        guard let number else { return .invalid(.message(.notAnInteger)) }
        guard number >= 0 else { return .invalid(.message(.negative)) }
        guard let count = UInt32(exactly: number) else { return .invalid(.message(.tooLarge(maximum: .max))) }
        return .valid(count)
    }
}

/// Numbers as JSON and people write them.
enum NumberText {
    /// The whole part of a JSON number, and whether that is all of it.
    ///
    /// Beyond 64 bits it is the greatest or least that fits: whoever asks refuses both.
    static func wholePart(of number: Bytes) -> (value: Int64, isWhole: Bool)? {
        if let value = self.integer(number) { return (value, true) }
        // Past 15 digits a Double is no longer exact; none of the ranges that are asked for reaches there.
        guard let value = Double(String(decoding: number, as: UTF8.self)), !value.isNaN else { return nil }
        let whole = value.rounded(.towardZero)
        let clamped = Int64(exactly: whole) ?? (whole < 0 ? .min : .max)
        return (clamped, whole == value)
    }

    /// A decimal number with white space around it; like ``wholePart(of:)`` beyond 64 bits.
    static func integer(_ text: Bytes) -> Int64? {
        let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        var (start, end) = (0, text.count)
        while start < end, isBlank(text[start]) { start += 1 }
        while start < end, isBlank(text[end - 1]) { end -= 1 }
        var isNegative = false
        if start < end, text[start] == UInt8(ascii: "-") || text[start] == UInt8(ascii: "+") {
            isNegative = text[start] == UInt8(ascii: "-")
            start += 1
        }
        guard start < end else { return nil }
        var value: Int64 = 0
        for index in start..<end {
            let byte = text[index]
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            value = overflow || carry ? .max : sum
        }
        return isNegative ? -value : value
    }
}
