extension JSONTokens {
    /// Skips any value, with all that is in it, whose first byte the index points to.
    ///
    /// One loop for every depth: input that nests cannot exhaust the call stack.
    ///
    /// - Parameters:
    ///   - index: Where the value starts; afterwards, the byte behind it.
    ///   - depth: How many containers are open around it.
    ///   - maximumDepth: How many may be open at a time.
    /// - Returns: Whether it is free of white space outside strings.
    /// - Throws: What is wrong with the text, at the first byte that shows it.
    func skipValue(_ index: inout Int, depth: Int, maximumDepth: Int) throws(RawJSONError) -> Bool {
        var nesting = NestingStack()
        var hasSpace = false
        while true {
            let byte = try self.byte(at: index)
            switch byte {
            case ASCII.quote:
                _ = try self.skipString(&index)
            case ASCII.openBrace, ASCII.openBracket:
                let isObject = byte == ASCII.openBrace
                guard depth + nesting.depth < maximumDepth else { throw .tooDeep(limit: maximumDepth, offset: index) }
                index += 1
                hasSpace = self.skipSpace(&index) || hasSpace
                guard try self.byte(at: index) == (isObject ? ASCII.closeBrace : ASCII.closeBracket) else {
                    nesting.push(isObject: isObject)
                    if isObject { hasSpace = try self.skipName(&index) || hasSpace }
                    continue
                }
                index += 1
            default:
                try self.skipScalar(byte, &index)
            }
            hasSpace = try self.closeContainers(&nesting, &index) || hasSpace
            if nesting.depth == 0 { return !hasSpace }
        }
    }

    /// Goes on after a value: past every container that ends with it, to the next value of the one that does not.
    ///
    /// - Returns: Whether there was white space.
    @inline(__always)
    private func closeContainers(_ nesting: inout NestingStack, _ index: inout Int) throws(RawJSONError) -> Bool {
        var hasSpace = false
        while nesting.depth > 0 {
            hasSpace = self.skipSpace(&index) || hasSpace
            let isObject = nesting.isInObject
            let byte = try self.byte(at: index)
            if byte == ASCII.comma {
                index += 1
                hasSpace = self.skipSpace(&index) || hasSpace
                if isObject { hasSpace = try self.skipName(&index) || hasSpace }
                return hasSpace
            }
            guard byte == (isObject ? ASCII.closeBrace : ASCII.closeBracket) else {
                throw .unexpectedByte(byte, offset: index)
            }
            index += 1
            nesting.pop()
        }
        return hasSpace
    }

    /// Skips a member's name, the colon, and the white space behind it.
    ///
    /// - Returns: Whether there was white space.
    @inline(__always)
    private func skipName(_ index: inout Int) throws(RawJSONError) -> Bool {
        _ = try self.skipQuoted(&index)
        return try self.skipColon(&index)
    }

    /// Skips a string where only a string may stand.
    ///
    /// - Returns: Whether it holds escapes.
    @inline(__always)
    func skipQuoted(_ index: inout Int) throws(RawJSONError) -> Bool {
        let byte = try self.byte(at: index)
        guard byte == ASCII.quote else { throw .unexpectedByte(byte, offset: index) }
        return try self.skipString(&index)
    }

    /// Skips the colon behind a name, and the white space around it.
    ///
    /// - Returns: Whether there was white space.
    @inline(__always)
    func skipColon(_ index: inout Int) throws(RawJSONError) -> Bool {
        let before = self.skipSpace(&index)
        let byte = try self.byte(at: index)
        guard byte == ASCII.colon else { throw .unexpectedByte(byte, offset: index) }
        index += 1
        let after = self.skipSpace(&index)
        return before || after
    }

    @inline(__always)
    private func skipScalar(_ byte: UInt8, _ index: inout Int) throws(RawJSONError) {
        switch byte {
        case ASCII.minus, ASCII.zero...ASCII.nine: _ = try self.skipNumber(&index)
        case UInt8(ascii: "t"): try self.skipLiteral("true", &index)
        case UInt8(ascii: "f"): try self.skipLiteral("false", &index)
        case UInt8(ascii: "n"): try self.skipLiteral("null", &index)
        default: throw .unexpectedByte(byte, offset: index)
        }
    }
}
