import LogValues

/// One digest over many named digests, kept up to date at a cost that depends on how many of them changed.
///
/// A name belongs to one of 65,536 buckets, by a fixed hash of its bytes. The digest of a bucket is over its digests
/// in the order of their names, that of a page over its 256 buckets, the root over its 256 pages. So the root depends
/// on nothing but names and digests, not on the order in which they came, and a change costs one bucket and one page:
/// with a million names, 16 digests and 256.
struct DigestTree<Key: Name>: Sendable {
    private struct Entry {
        let key: Key
        var digest: Hash256
    }

    private struct Bucket {
        /// Sorted by key.
        private(set) var entries: [Entry] = []
        /// The bucket's digest, nil while it is out of date; the empty bucket has none.
        var digest: Hash256?

        mutating func set(_ digest: Hash256, for key: Key) {
            let (index, isFound) = self.index(of: key)
            if isFound {
                self.entries[index].digest = digest
            } else {
                self.entries.insert(Entry(key: key, digest: digest), at: index)
            }
            self.digest = nil
        }

        mutating func remove(_ key: Key) {
            let (index, isFound) = self.index(of: key)
            guard isFound else { return }
            self.entries.remove(at: index)
            self.digest = nil
        }

        private func index(of key: Key) -> (index: Int, isFound: Bool) {
            var low = 0
            var high = self.entries.count
            while low < high {
                let middle = (low + high) / 2
                if self.entries[middle].key < key {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            return (low, low < self.entries.count && self.entries[low].key == key)
        }
    }

    private struct Page {
        var buckets = [Bucket](repeating: Bucket(), count: 256)
        /// The page's digest, nil while it is out of date.
        var digest: Hash256?

        /// Brings the digests of its buckets and its own up to date; a page that became empty has none again.
        mutating func renew(using input: inout DigestInput) {
            var isEmpty = true
            for index in self.buckets.indices where !self.buckets[index].entries.isEmpty {
                isEmpty = false
                guard self.buckets[index].digest == nil else { continue }
                input.begin(.bucket)
                for entry in self.buckets[index].entries {
                    input.add(entry.digest)
                }
                self.buckets[index].digest = input.digest()
            }
            guard !isEmpty else {
                self.digest = nil
                return
            }
            input.begin(.page)
            for bucket in self.buckets {
                input.add(bucket.digest)
            }
            self.digest = input.digest()
        }
    }

    /// A page is nil where no name ever was.
    private var pages = [Page?](repeating: nil, count: 256)
    private var root: Hash256?

    /// Puts in a name, or another digest for it.
    mutating func set(_ digest: Hash256, for key: Key) {
        let (page, bucket) = Self.place(of: key)
        if self.pages[page] == nil {
            self.pages[page] = Page()
        }
        self.pages[page]?.buckets[bucket].set(digest, for: key)
        self.pages[page]?.digest = nil
        self.root = nil
    }

    /// Takes out a name, if it is there.
    mutating func remove(_ key: Key) {
        let (page, bucket) = Self.place(of: key)
        self.pages[page]?.buckets[bucket].remove(key)
        self.pages[page]?.digest = nil
        self.root = nil
    }

    /// The digest over all of them.
    mutating func rootDigest(using input: inout DigestInput) -> Hash256 {
        if let root = self.root {
            return root
        }
        for index in self.pages.indices where self.pages[index] != nil && self.pages[index]?.digest == nil {
            self.pages[index]?.renew(using: &input)
        }
        input.begin(.root)
        for page in self.pages {
            input.add(page?.digest)
        }
        let root = input.digest()
        self.root = root
        return root
    }

    /// FNV-1a, then folded so that every byte reaches the 16 bits that are used.
    ///
    /// Whoever chooses names so that they share a bucket makes that bucket's digest cost what all of them cost, once a
    /// digest; a stronger hash would not prevent it at 16 bits.
    private static func place(of key: Key) -> (page: Int, bucket: Int) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        hash ^= hash >> 32
        hash ^= hash >> 16
        return (Int(hash >> 8 & 0xFF), Int(hash & 0xFF))
    }
}
