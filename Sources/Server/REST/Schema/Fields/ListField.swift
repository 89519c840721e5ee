import RawJSON
import Web

/// A list of values of one kind; what is wrong with an item stands under its position.
struct ListField<Item: FieldReader>: FieldReader {
    let item: Item
    var minimumCount = 0

    init(item: Item, minimumCount: Int = 0) {
        self.item = item
        self.minimumCount = minimumCount
    }

    func readValue(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<[Item.Value]> {
        guard try scanner.peek() == .array else { return try Self.refuse(.notAList, in: &scanner) }
        var values: [Item.Value] = []
        var errors = ValidationErrors()
        var index = 0
        try scanner.beginArray()
        while try scanner.nextElement() {
            switch try self.item.read(from: &scanner) {
            case .absent: break
            case .valid(let value): values.append(value)
            case .invalid(let node): errors.add(node, at: index)
            }
            index += 1
        }
        guard errors.isEmpty else { return .invalid(.fields(errors)) }
        guard index >= self.minimumCount else { return .invalid(.message(.tooFew(minimum: self.minimumCount))) }
        return .valid(values)
    }
}

extension Array where Element: Hashable {
    /// The elements in order, each where it first stands.
    func uniqued() -> [Element] {
        guard self.count > 1 else { return self }
        var seen = Set<Element>(minimumCapacity: self.count)
        return self.filter { seen.insert($0).inserted }
    }
}
