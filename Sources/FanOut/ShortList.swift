/// A list that seldom has more than one element, which then needs no allocation of its own.
struct ShortList<Element>: RandomAccessCollection, MutableCollection {
    private var first: Element?
    private var others: [Element] = []

    var startIndex: Int { 0 }
    var endIndex: Int { self.first == nil ? 0 : self.others.count + 1 }

    /// - Precondition: `index` lies within the list.
    subscript(index: Int) -> Element {
        get {
            if index > 0 { return self.others[index - 1] }
            guard let first = self.first else { preconditionFailure("an index lies within the list") }
            return first
        }
        set {
            precondition(index < self.endIndex, "an index lies within the list")
            if index > 0 { self.others[index - 1] = newValue } else { self.first = newValue }
        }
    }

    mutating func append(_ element: Element) {
        if self.first == nil { self.first = element } else { self.others.append(element) }
    }

    /// - Precondition: There is one.
    mutating func removeLast() -> Element {
        if let last = self.others.popLast() { return last }
        guard let only = self.first else { preconditionFailure("the last element of an empty list") }
        self.first = nil
        return only
    }
}
