/// A set of names in order, for sets of any size.
///
/// It is a list of sorted runs of at most `runSize`, so that inserting among 100,000 moves a few hundred names instead
/// of all. Being sorted, it lists the users of a channel the same way on every machine without sorting them each time.
struct SortedNames<Element: Name>: Sendable {
    /// Runs grow to this many and are then halved: inserting moves at most 2 KiB.
    private static var runSize: Int { 256 }

    /// None is empty; each is sorted and ends before the next begins.
    private var runs: [[Element]] = []
    private(set) var count = 0

    init() {}

    var isEmpty: Bool { self.count == 0 }

    /// All names in order; the run itself, not a copy, where there is only one.
    var elements: [Element] {
        self.runs.count == 1 ? self.runs[0] : Array(self.runs.joined())
    }

    func contains(_ name: Element) -> Bool {
        let run = self.run(for: name)
        guard run < self.runs.count else { return false }
        return self.runs[run].sortedIndex(of: name).isFound
    }

    /// Whether it was not there before.
    @discardableResult
    mutating func insert(_ name: Element) -> Bool {
        guard !self.runs.isEmpty else {
            self.runs.append([name])
            self.count = 1
            return true
        }
        let run = min(self.run(for: name), self.runs.count - 1)
        let (index, isFound) = self.runs[run].sortedIndex(of: name)
        guard !isFound else { return false }
        self.runs[run].insert(name, at: index)
        self.count += 1
        if self.runs[run].count > Self.runSize {
            let upperHalf = Array(self.runs[run][(Self.runSize / 2)...])
            self.runs[run].removeSubrange((Self.runSize / 2)...)
            self.runs.insert(upperHalf, at: run + 1)
        }
        return true
    }

    /// Whether it was there.
    @discardableResult
    mutating func remove(_ name: Element) -> Bool {
        let run = self.run(for: name)
        guard run < self.runs.count else { return false }
        let (index, isFound) = self.runs[run].sortedIndex(of: name)
        guard isFound else { return false }
        self.runs[run].remove(at: index)
        self.count -= 1
        if self.runs[run].isEmpty {
            self.runs.remove(at: run)
        }
        return true
    }

    /// The first run that does not end before the name; the count of runs when all do.
    private func run(for name: Element) -> Int {
        var low = 0
        var high = self.runs.count
        while low < high {
            let middle = (low + high) / 2
            if let last = self.runs[middle].last, last < name {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}

extension Array where Element: Comparable {
    /// Where a value stands in a sorted array, or would have to be inserted.
    func sortedIndex(of value: Element) -> (index: Int, isFound: Bool) {
        var low = 0
        var high = self.count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return (low, low < self.count && self[low] == value)
    }

    /// Inserts a value where it belongs in a sorted array; whether it was not there before.
    @discardableResult
    mutating func insertSorted(_ value: Element) -> Bool {
        let (index, isFound) = self.sortedIndex(of: value)
        guard !isFound else { return false }
        self.insert(value, at: index)
        return true
    }

    /// Removes a value from a sorted array; whether it was there.
    @discardableResult
    mutating func removeSorted(_ value: Element) -> Bool {
        let (index, isFound) = self.sortedIndex(of: value)
        guard isFound else { return false }
        self.remove(at: index)
        return true
    }
}
