/// Damage to a segment that LZ4's own checks let through, or that looks like a torn end.
enum HiddenDamage: String, CaseIterable {
    case storedBit = "the stored bit of a block is flipped"
    case lastStoredBit = "the stored bit of the last block is flipped"
    case endMark = "the size of a block is 0, which is an end mark"
    case grownSize = "the size of a block reaches beyond the end of the file"
    case missing = "a block is missing"
    case twice = "a block is there twice"
    case lastTwice = "the last block is there twice"
    case swapped = "two blocks are swapped"
    case allTwice = "everything is there twice"

    /// Does the damage.
    ///
    /// - Parameters:
    ///   - bytes: A segment.
    ///   - ends: Where its commits end; the first is the end of the header.
    /// - Returns: The segment, damaged.
    func applied(to bytes: [UInt8], ends: [Int]) -> [UInt8] {
        var changed = bytes
        switch self {
        case .storedBit:
            changed[ends[2] + 3] ^= 0x80
        case .lastStoredBit:
            changed[ends[4] + 3] ^= 0x80
        case .endMark:
            changed.replaceSubrange(ends[2]..<ends[2] + 4, with: [0, 0, 0, 0])
        case .grownSize:
            changed[ends[2] + 2] = 1
        case .missing:
            changed.removeSubrange(ends[2]..<ends[3])
        case .twice:
            changed.insert(contentsOf: bytes[ends[2]..<ends[3]], at: ends[3])
        case .lastTwice:
            changed += bytes[ends[4]...]
        case .swapped:
            changed.replaceSubrange(ends[2]..<ends[4], with: bytes[ends[3]..<ends[4]] + bytes[ends[2]..<ends[3]])
        case .allTwice:
            changed += bytes
        }
        return changed
    }
}
