import RawJSON
import Web

/// A body that is a list of messages, edits or deletions; what is wrong with one stands under its position.
enum MessageList<Item: ObjectBody> {
    /// Reads the next value; a list longer than `maximumCount` is refused as a whole, and only broken JSON throws.
    static func read(
        from scanner: inout JSONScanner,
        maximumCount: Int
    ) throws(RawJSONError) -> Result<[Item.Value], ValidationFailure> {
        guard try scanner.peek() == .array else {
            try scanner.skipValue()
            return .failure(ValidationFailure(errors: .invalidInput))
        }
        var values: [Item.Value] = []
        var errors = ValidationErrors()
        var count = 0
        try scanner.beginArray()
        while try scanner.nextElement() {
            if count < maximumCount {
                switch try Item.read(from: &scanner) {
                case .success(let value): values.append(value)
                case .failure(let failure): errors.add(.fields(failure.errors), at: count)
                }
            } else {
                try scanner.skipValue()
            }
            count += 1
        }
        guard count <= maximumCount else {
            let tooMany = ValidationErrors("_schema", .tooMany(maximum: maximumCount))
            return .failure(ValidationFailure(errors: tooMany))
        }
        return errors.isEmpty ? .success(values) : .failure(ValidationFailure(errors: errors))
    }
}
