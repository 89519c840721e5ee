import OrderedCollections
import RawJSON

extension RawJSON {
    /// Whether it is an object with a member of that name.
    func hasMember(_ name: StaticString) -> Bool {
        let found: Bool? = try? self.withScanner { scanner throws(RawJSONError) in
            guard try scanner.peek() == .object else { return false }
            try scanner.beginObject()
            while let member = try scanner.nextMember() {
                if member == name { return true }
                try scanner.skipValue()
            }
            return false
        }
        return found ?? false
    }

    /// The members of an object; of one that is named twice the last counts, in the place of the first.
    ///
    /// They are nil for anything but an object.
    func members() -> OrderedDictionary<[UInt8], RawJSON>? {
        try? self.withScanner { scanner throws(RawJSONError) in
            var members: OrderedDictionary<[UInt8], RawJSON> = [:]
            try scanner.beginObject()
            while let name = try scanner.nextMember() {
                members[name.decodedUTF8()] = try scanner.readValue().rawJSON()
            }
            return members
        }
    }
}
