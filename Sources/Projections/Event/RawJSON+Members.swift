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
}
