import LogValues
import RawJSON

/// The faults of a body, in the shape in which they are answered: field -> messages, or fields again.
///
///     {"username": ["Not a valid string."], "channels": {"1": ["Length must be between 1 and 256."]}}
package struct ValidationErrors: Equatable, Sendable {
    /// The faults under one name.
    package enum Node: Equatable, Sendable {
        case messages([ValidationMessage])
        case fields(ValidationErrors)

        /// One message and nothing else.
        package static func message(_ message: ValidationMessage) -> Node {
            .messages([message])
        }

        fileprivate var count: Int {
            switch self {
            case .messages(let messages): messages.count
            case .fields(let errors): errors.count
            }
        }
    }

    struct Entry: Equatable, Sendable {
        let name: [UInt8]
        let node: Node
    }

    /// How many messages are told at most: a body of 8 MiB may hold four million faults, and an answer of 160 MiB
    /// that lists them helps nobody.
    package static let maximumCount = 1_000

    private(set) var entries: [Entry] = []
    /// Messages, those of nested fields included.
    private(set) var count = 0

    package var isEmpty: Bool { self.entries.isEmpty }

    package init() {}

    /// One field with one message.
    package init(_ name: StaticString, _ message: ValidationMessage) {
        self.add(.message(message), at: name)
    }

    /// `{"_schema": ["Invalid input type."]}`: the value is no object (or no list, where a list is asked for).
    package static let invalidInput = ValidationErrors("_schema", .invalidInput)

    /// Adds what is wrong with a field, unless the limit is reached; the first is always kept.
    package mutating func add(_ node: Node, at name: [UInt8]) {
        guard self.isEmpty || self.count + node.count <= Self.maximumCount else { return }
        self.entries.append(Entry(name: name, node: node))
        self.count += node.count
    }

    package mutating func add(_ node: Node, at name: StaticString) {
        self.add(node, at: Array(name.bytes))
    }

    /// Adds what is wrong with an item of a list, under its position as text.
    package mutating func add(_ node: Node, at index: Int) {
        self.add(node, at: Array(String(index).utf8))
    }

    /// Writes the object.
    func write(into writer: inout JSONWriter) {
        writer.beginObject()
        for entry in self.entries {
            writer.key(utf8: entry.name)
            switch entry.node {
            case .messages(let messages):
                writer.beginArray()
                for message in messages {
                    writer.string(message.text)
                }
                writer.endArray()
            case .fields(let errors):
                errors.write(into: &writer)
            }
        }
        writer.endObject()
    }
}
