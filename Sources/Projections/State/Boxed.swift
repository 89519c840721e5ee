/// A value on the heap, copied when it is written to while it is shared.
///
/// Dictionaries of boxes keep their free slots small (a `UserState` takes 150 bytes, a box 8), and copying a state of a
/// million users costs a retain for each instead of ten.
struct Boxed<Value: Sendable>: Sendable {
    /// `@unchecked Sendable` is right, although it can be written to: it is written to only through the one box that refers to it, which
    /// whoever writes owns exclusively (`isKnownUniquelyReferenced`); a shared one is only read.
    private final class Storage: @unchecked Sendable {
        var value: Value

        init(_ value: Value) {
            self.value = value
        }
    }

    private var storage: Storage

    init(_ value: Value) {
        self.storage = Storage(value)
    }

    var value: Value {
        _read {
            yield self.storage.value
        }
        _modify {
            if !isKnownUniquelyReferenced(&self.storage) {
                self.storage = Storage(self.storage.value)
            }
            yield &self.storage.value
        }
    }
}
