package import HTTPTypes
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
        self.head.withUnsafeReadableBytes { bytes in
            for place in self.places {
                guard let name = HTTPField.Name(Self.text(place.name, in: bytes)) else { continue }
                fields.append(HTTPField(name: name, value: Self.text(place.value, in: bytes)))
            }
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
    package func withValue<Result>(of name: StaticString, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        self.head.withUnsafeReadableBytes { bytes in
            guard let first = self.places.firstIndex(where: { Self.isName($0.name, name, in: bytes) }) else {
                return nil
            }
            let later = self.places[(first + 1)...].filter { Self.isName($0.name, name, in: bytes) }
            guard !later.isEmpty else { return body(Self.slice(self.places[first].value, of: bytes)) }
            let joined = ([self.places[first]] + later).map { Self.text($0.value, in: bytes) }.joined(separator: ", ")
            return Array(joined.utf8).withUnsafeBytes(body)
        }
    }

    /// Whether a field is there; the name is in lower case.
    package func contains(_ name: StaticString) -> Bool {
        self.head.withUnsafeReadableBytes { bytes in
            self.places.contains { Self.isName($0.name, name, in: bytes) }
        }
    }

    private static func isName(_ place: Range<UInt32>, _ name: StaticString, in bytes: UnsafeRawBufferPointer) -> Bool {
        place.count == name.utf8CodeUnitCount && self.slice(place, of: bytes).isToken(name)
    }

    private static func slice(_ place: Range<UInt32>, of bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Int(place.lowerBound)..<Int(place.upperBound)])
    }

    private static func text(_ place: Range<UInt32>, in bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: self.slice(place, of: bytes), as: UTF8.self)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether this is a token, which is given in lower case, letters compared without their case.
    package func isToken(_ token: StaticString) -> Bool {
        guard self.count == token.utf8CodeUnitCount else { return false }
        for index in 0..<self.count {
            let byte = self[index]
            let lower = 0x41...0x5A ~= byte ? byte | 0x20 : byte
            guard lower == token.utf8Start[index] else { return false }
        }
        return true
    }

    /// Whether these are the bytes of a text.
    func equals(_ text: StaticString) -> Bool {
        guard self.count == text.utf8CodeUnitCount else { return false }
        for index in 0..<self.count where self[index] != text.utf8Start[index] { return false }
        return true
    }
}
