import RawJSON

/// The shapes of bodies and answers, a field a line, and what they are in Swagger 2.0.
///
///     EraseBody closed
///       reason name(1024) Why; stays in the log
///       forget? bool(false) With a channel: forget it as well
///     MessagesBody [MessageBody] Messages to send, in order
///
/// A line that is not indented begins a shape: an object with the fields below it (`open` to others, or `closed`, where it is
/// said), or another name for a type. `?` behind a field's name says that it may be missing. ``ShapeType`` reads the types.
struct ShapeText {
    private struct Field {
        let name: Substring
        let isRequired: Bool
        let type: Substring
        let description: Substring
    }

    private struct Shape {
        let head: Substring
        var fields: [Field] = []
    }

    private var shapes: [Shape] = []

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            guard line.first == " " else {
                self.shapes.append(Shape(head: line))
                continue
            }
            let parts = line.drop { $0 == " " }.split(separator: " ", maxSplits: 2)
            guard parts.count > 1, !self.shapes.isEmpty else { continue }
            let field = Field(
                name: parts[0].last == "?" ? parts[0].dropLast() : parts[0],
                isRequired: parts[0].last != "?",
                type: parts[1],
                description: parts.count > 2 ? parts[2] : ""
            )
            self.shapes[self.shapes.count - 1].fields.append(field)
        }
    }

    /// Writes an object with all of them, by name.
    func write(into writer: inout JSONWriter) {
        writer.beginObject()
        for shape in self.shapes {
            let parts = shape.head.split(separator: " ", maxSplits: 2)
            writer.key(String(parts[0]))
            if shape.fields.isEmpty, parts.count > 1 {
                ShapeType.write(parts[1], parts.count > 2 ? parts[2] : "", into: &writer)
            } else {
                Self.write(shape.fields, isOpen: parts.count > 1 ? parts[1] == "open" : nil, into: &writer)
            }
        }
        writer.endObject()
    }

    private static func write(_ fields: [Field], isOpen: Bool?, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "object")
        let required = fields.filter(\.isRequired).map { String($0.name) }
        if !required.isEmpty { writer.member("required", required) }
        writer.object("properties") { properties in
            for field in fields {
                properties.key(String(field.name))
                ShapeType.write(field.type, field.description, into: &properties)
            }
        }
        if let isOpen { writer.member("additionalProperties", isOpen) }
        writer.endObject()
    }
}

/// The types of fields: `name(256)` (text of so many characters at most), `text`, `uuid`, `moment` (as it is taken), `time` (as
/// it is given), `byte`, `enum(a,b)` (`~` is a blank), `bool`, `bool(true)` with a default, `number` from 0, `number(1)` from 1,
/// `number(0...9=5)`, `scalar`, `state`, `object`, `{}` (anything by name), `{T}`, `[T]`, `[T]+` with one at least, `T?` or
/// null; every other word is a shape.
enum ShapeType {
    static func write(_ type: Substring, _ description: Substring, into writer: inout JSONWriter) {
        writer.beginObject()
        self.writeMembers(type, into: &writer)
        if !description.isEmpty {
            // Not `date-time`: ours have no zone, those that were given keep theirs.
            let isTime = type.hasPrefix("time")
            writer.member("description", description + (isTime ? " (ISO 8601; without a zone it is UTC)" : ""))
        }
        writer.endObject()
    }

    private static func writeMembers(_ type: Substring, into writer: inout JSONWriter) {
        switch type.last {
        case "?":
            self.writeNullable(type.dropLast(), into: &writer)
        case "+":
            self.writeMembers(type.dropLast(), into: &writer)
            writer.member("minItems", 1)
        case "]":
            writer.member("type", "array")
            writer.key("items")
            self.write(type.dropFirst().dropLast(), "", into: &writer)
        case "}":
            writer.member("type", "object")
            writer.key("additionalProperties")
            self.write(type.dropFirst().dropLast(), "", into: &writer)
        case nil:
            break
        default:
            let parts = type.split(separator: "(", maxSplits: 1)
            self.writeSimple(parts[0], parts.count > 1 ? parts[1].dropLast() : nil, into: &writer)
        }
    }

    /// Swagger 2.0 itself has no word for null, and passes over what stands beside a reference.
    private static func writeNullable(_ type: Substring, into writer: inout JSONWriter) {
        if type.first?.isUppercase == true {
            writer.key("allOf")
            writer.beginArray()
            self.write(type, "", into: &writer)
            writer.endArray()
        } else {
            self.writeMembers(type, into: &writer)
        }
        writer.member("x-nullable", true)
    }

    private static func writeSimple(_ type: Substring, _ argument: Substring?, into writer: inout JSONWriter) {
        switch type {
        case "text", "time": writer.member("type", "string")
        case "uuid", "byte":
            writer.member("type", "string")
            writer.member("format", String(type))
        case "moment":
            writer.member("type", "string")
            writer.member("format", "date-time")
        case "name":
            writer.member("type", "string")
            writer.member("minLength", 1)
            writer.member("maxLength", argument.flatMap { Int($0) } ?? 0)
        case "enum":
            writer.member("type", "string")
            let values = (argument ?? "").split(separator: ",")
            writer.member("enum", values.map { String($0.replacing("~", with: " ")) })
        case "bool":
            writer.member("type", "boolean")
            if let argument { writer.member("default", argument == "true") }
        case "number": self.writeNumber(argument ?? "0", into: &writer)
        case "object": writer.member("type", "object")
        case "scalar":
            writer.member("x-nullable", true)
        case "state":
            writer.member("type", "object")
            writer.key("additionalProperties")
            self.write("scalar", "A string, a number, a boolean or null", into: &writer)
        default: writer.member("$ref", "#/definitions/\(type)")
        }
    }

    private static func writeNumber(_ argument: Substring, into writer: inout JSONWriter) {
        let parts = argument.split(separator: "=")
        let bounds = parts[0].split(separator: ".")
        writer.member("type", "integer")
        writer.member("minimum", Int(bounds[0]) ?? 0)
        if bounds.count > 1, let maximum = Int(bounds[1]) { writer.member("maximum", maximum) }
        if parts.count > 1, let value = Int(parts[1]) { writer.member("default", value) }
    }
}
