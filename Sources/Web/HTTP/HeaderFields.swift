package import HTTPTypes
package import LogValues
import NIOCore

/// The header fields of a request: the bytes that came, and where names and values stand in them.
///
/// A field becomes text when somebody asks for it: of the five to ten of a request the server looks at one or two.
package struct HeaderFields: Sendable, Equatable {
    /// Where one field stands; offsets from the beginning of the head.
    struct Place: Sendable, Equatable {
        let name: Range<UInt32>
        let value: Range<UInt32>
    }

    private let head: ByteBuffer
    private let places: [Place]

    package static let none = HeaderFields(head: ByteBuffer(), places: [])

    /// `head` is what ``HTTPHeadReader`` has read, the places are in it.
    init(head: ByteBuffer, places: [Place]) {
        self.head = head
        self.places = places
    }

    /// The same fields, written down.
    package init(_ fields: HTTPFields) {
        var head = ByteBuffer()
        var places: [Place] = []
        for field in fields {
            let start = UInt32(clamping: head.writerIndex)
            head.writeString(field.name.rawName)
            let end = UInt32(clamping: head.writerIndex)
            head.writeString(field.value)
            places.append(Place(name: start..<end, value: end..<UInt32(clamping: head.writerIndex)))
        }
        self.init(head: head, places: places)
    }

    /// All of them as text.
    package var httpFields: HTTPFields {
        var fields = HTTPFields()
        fields.reserveCapacity(self.places.count)
        for place in self.places {
            guard let name = HTTPField.Name(self.text(place.name)) else { continue }
            fields.append(HTTPField(name: name, value: self.text(place.value)))
        }
        return fields
    }

    /// The value of a field, joined with commas if it is there several times; nil if it is not there.
    ///
    /// - Parameter name: In lower case.
    package subscript(_ name: StaticString) -> String? {
        self.withValue(of: name) { String(decoding: $0, as: UTF8.self) }
    }

    /// Lends the value of a field; nil if it is not there.
    ///
    /// - Parameters:
    ///   - name: In lower case.
    ///   - body: Gets the bytes; of a field that is there several times, the values joined with commas.
    /// - Returns: What `body` makes of it.
    package func withValue<Result>(of name: StaticString, _ body: (Bytes) -> Result) -> Result? {
        guard let first = self.places.firstIndex(where: { self.isName($0.name, name) }) else { return nil }
        let later = self.places[(first + 1)...].filter { self.isName($0.name, name) }
        guard !later.isEmpty else { return body(self.bytes(self.places[first].value)) }
        let joined = ([self.places[first]] + later).map { self.text($0.value) }.joined(separator: ", ")
        return body(joined.utf8Span.span)
    }

    /// Whether a field is there; the name is in lower case.
    package func contains(_ name: StaticString) -> Bool {
        self.places.contains { self.isName($0.name, name) }
    }

    private func isName(_ place: Range<UInt32>, _ name: StaticString) -> Bool {
        place.count == name.utf8CodeUnitCount && self.bytes(place).isToken(name)
    }

    @_lifetime(borrow self)
    private func bytes(_ place: Range<UInt32>) -> Bytes {
        self.head.readableBytesUInt8Span.extracting(Int(place.lowerBound)..<Int(place.upperBound))
    }

    private func text(_ place: Range<UInt32>) -> String {
        String(decoding: self.bytes(place), as: UTF8.self)
    }
}

extension Bytes {
    /// Whether this is a token, which is given in lower case, letters compared without their case.
    package func isToken(_ token: StaticString) -> Bool {
        let token = token.bytes
        guard self.count == token.count else { return false }
        for index in self.indices {
            let byte = self[index]
            let lower = 0x41...0x5A ~= byte ? byte | 0x20 : byte
            guard lower == token[index] else { return false }
        }
        return true
    }
}
