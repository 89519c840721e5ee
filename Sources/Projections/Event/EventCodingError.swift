package import RawJSON

/// Why a line is no event.
package enum EventCodingError: Error, Equatable, CustomStringConvertible {
    /// The line is no JSON, or a value has the wrong JSON type.
    case json(RawJSONError)
    /// The line, or its `data`, lacks a key that its type needs.
    case missing(key: String)
    /// A value cannot be what the key says; `offset` is that of the byte after it in the line.
    case unexpected(key: String, offset: Int)

    package var description: String {
        switch self {
        case .json(let error):
            "not an event line: \(error)"
        case .missing(let key):
            "the event line has no \"\(key)\"; run `channelstream-log verify` on the log"
        case .unexpected(let key, let offset):
            "byte \(offset) of the event line: the value of \"\(key)\" cannot be read"
        }
    }
}
