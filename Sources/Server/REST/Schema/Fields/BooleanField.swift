import RawJSON
import Web

/// `true`, `false`, 1, 0, or one of the words for them.
struct BooleanField: FieldReader {
    private static let words: [(text: StaticString, value: Bool)] = [
        ("t", true), ("T", true), ("true", true), ("True", true), ("TRUE", true), ("1", true),
        ("on", true), ("On", true), ("ON", true),
        ("y", true), ("Y", true), ("yes", true), ("Yes", true), ("YES", true),
        ("f", false), ("F", false), ("false", false), ("False", false), ("FALSE", false), ("0", false),
        ("off", false), ("Off", false), ("OFF", false),
        ("n", false), ("N", false), ("no", false), ("No", false), ("NO", false),
    ]

    func readValue(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<Bool> {
        switch try scanner.peek() {
        case .true, .false:
            return .valid(try scanner.readBoolean())
        case .number:
            let number = NumberText.wholePart(of: try scanner.readValue().bytes)
            guard let number, number.isWhole, number.value == 0 || number.value == 1 else { break }
            return .valid(number.value == 1)
        case .string:
            let text = try scanner.readString()
            guard let word = Self.words.first(where: { text == $0.text }) else { break }
            return .valid(word.value)
        case .object, .array, .null:
            try scanner.skipValue()
        }
        return .invalid(.message(.notABoolean))
    }
}
