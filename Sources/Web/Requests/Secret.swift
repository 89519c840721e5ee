/// Text that must never be shown: whatever describes, prints or dumps it, or something that holds it, gets a placeholder.
///
/// Logs describe values that nobody thought of (SwiftServiceLifecycle prints its services with all they hold, at level
/// `debug`), so it is the type that keeps the text back, not each place that logs. Who needs the text says so:
/// ``revealed``.
package struct Secret: Hashable, Sendable {
    /// The words that stand in place of the text.
    package static let placeholder = "(secret)"

    /// The text itself: for checking and signing, and for a file that the operator asks for.
    package let revealed: String

    package init(_ text: String) {
        self.revealed = text
    }

    package var isEmpty: Bool { self.revealed.isEmpty }
}

extension Secret: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) {
        self.init(text)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Self.placeholder }
    package var debugDescription: String { Self.placeholder }
    /// Without children: a dump goes through them, whatever the description is.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
