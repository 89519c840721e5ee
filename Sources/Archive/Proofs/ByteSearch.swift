#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension UnsafeRawBufferPointer {
    /// Whether `part` stands anywhere in these bytes; an empty one does.
    func contains(_ part: UnsafeRawBufferPointer) -> Bool {
        guard let base = self.baseAddress, let wanted = part.baseAddress, !part.isEmpty else { return part.isEmpty }
        var at = 0
        while self.count - at >= part.count {
            guard let found = memchr(base + at, Int32(part[0]), self.count - at - part.count + 1) else { return false }
            if memcmp(found, wanted, part.count) == 0 { return true }
            at = UnsafeRawPointer(found) - base + 1
        }
        return false
    }

    func contains(_ part: StaticString) -> Bool {
        self.contains(UnsafeRawBufferPointer(start: part.utf8Start, count: part.utf8CodeUnitCount))
    }
}
