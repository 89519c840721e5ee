/// Which of a message's lines is meant: `post`, `edit` (the last one), `edit:2`, `delete`, `erase`.
package struct MessageEventSelector: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        case post
        case edit
        case delete
        case erase
    }

    package let kind: Kind
    /// Which of several, from 1; nil: the last.
    package let number: Int?

    package static let post = MessageEventSelector(kind: .post, number: nil)

    package init(kind: Kind, number: Int?) {
        self.kind = kind
        self.number = number
    }

    /// Reads a selector; nil if the text is none.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let kind = parts.first.flatMap({ Kind(rawValue: String($0)) }) else { return nil }
        guard parts.count == 2 else {
            self.init(kind: kind, number: nil)
            return
        }
        guard let number = Int(parts[1]), number > 0 else { return nil }
        self.init(kind: kind, number: number)
    }

    package var description: String {
        self.number.map { "\(self.kind.rawValue):\($0)" } ?? self.kind.rawValue
    }

    /// The one that is meant of the lines whose kinds these are; nil if there is none.
    package func index(in kinds: [Kind?]) -> Int? {
        let found = kinds.indices.filter { kinds[$0] == self.kind }
        guard let number = self.number else { return found.last }
        return number <= found.count ? found[number - 1] : nil
    }
}

extension MessageEventSelector.Kind {
    /// The part that an event has in the life of a message; nil if it is no event of one.
    package init?(_ payload: Event.Payload) {
        switch payload.aboutMessages {
        case .posted: self = .post
        case .edited: self = .edit
        case .deleted: self = .delete
        case .erased: self = .erase
        case nil: return nil
        }
    }
}
