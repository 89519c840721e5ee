import Archive
import Following
import Hub
import Projections
import RawJSON
import Web

/// The name of a user.
struct UserNameField: FieldReader {
    func readValue(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<UserName> {
        try BoundedText(maximum: NameLimit.user).readValue(from: &scanner).map(UserName.init(utf8:))
    }
}

/// The name of a channel.
struct ChannelNameField: FieldReader {
    func readValue(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<ChannelName> {
        try BoundedText(maximum: NameLimit.channel).readValue(from: &scanner).map(ChannelName.init(utf8:))
    }
}

/// The name of a value in a user's state, where it is made public.
struct StateKeyField: FieldReader {
    func readValue(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<[UInt8]> {
        try BoundedText(maximum: NameLimit.stateKey).readValue(from: &scanner)
    }
}

/// A string of 1 to `maximum` Unicode scalars, as UTF-8.
struct BoundedText: FieldReader {
    let maximum: Int

    func readValue(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<[UInt8]> {
        guard try scanner.peek() == .string else { return try Self.refuse(.notAString, in: &scanner) }
        let text = try scanner.readString()
        guard (1...self.maximum).contains(text.scalarCount) else {
            return .invalid(.message(.length(maximum: self.maximum)))
        }
        return .valid(text.decodedUTF8())
    }
}

extension Field {
    /// The same field with another view of its value.
    func map<Other>(_ transform: (Value) -> Other) -> Field<Other> {
        switch self {
        case .absent: .absent
        case .valid(let value): .valid(transform(value))
        case .invalid(let node): .invalid(node)
        }
    }
}
