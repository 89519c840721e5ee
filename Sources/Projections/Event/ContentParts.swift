import LogValues
import RawJSON

/// The keys of an object that make up a content: `salt` and `content`, or the `commit` that an erasure left.
struct ContentParts {
    private var salt: Salt?
    private var written: Content.Written?
    private var commit: Hash256?

    /// Reads the value of a key, if it is one of them.
    mutating func read(_ key: JSONString, _ reader: inout LineFieldReader) throws(EventCodingError) -> Bool {
        switch key {
        case "salt":
            self.salt = try reader.salt("salt")
        case "content":
            let slice = try reader.slice()
            guard slice.kind == .object else { throw reader.unexpected("content") }
            self.written = Content.Written(slice)
        case "commit":
            self.commit = try reader.digest("commit")
        default:
            return false
        }
        return true
    }

    /// The content, what an erasure left of it, or nil where there is none.
    func content() throws(EventCodingError) -> Content? {
        guard let written = self.written else { return self.commit.map { Content(erased: $0) } }
        return Content(salt: try self.salt.required("salt"), written: written)
    }
}

extension Optional {
    /// The value of a key that an object cannot do without.
    func required(_ key: StaticString) throws(EventCodingError) -> Wrapped {
        guard let value = self else { throw .missing(key: "\(key)") }
        return value
    }
}
