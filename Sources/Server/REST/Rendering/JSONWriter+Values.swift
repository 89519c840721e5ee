import Projections
import RawJSON

extension JSONWriter {
    /// A name as a string.
    mutating func name(_ name: some Name) {
        self.string(utf8: name.utf8)
    }

    /// A list of names, in their order.
    mutating func names(_ names: some Sequence<some Name>) {
        self.beginArray()
        for name in names {
            self.name(name)
        }
        self.endArray()
    }

    /// A name, or null.
    mutating func nameOrNull(_ name: (some Name)?) {
        if let name {
            self.name(name)
        } else {
            self.null()
        }
    }

    /// A UUID in its canonical form.
    mutating func uuid(_ uuid: UUID128) {
        self.quoted { uuid.append(to: &$0) }
    }

    /// A moment without an offset.
    mutating func timestamp(_ time: Timestamp) {
        self.quoted { time.appendClientForm(to: &$0) }
    }

    /// A moment in the form in which it is answered.
    mutating func timestamp(_ text: [UInt8]) {
        self.quoted { $0.append(contentsOf: text) }
    }

    /// A moment that was given, or else the event's own.
    mutating func timestamp(_ given: [UInt8]?, else time: Timestamp) {
        if let given {
            self.timestamp(given)
        } else {
            self.timestamp(time)
        }
    }

    /// A string that is known to need no escapes, appended in place: most of a frame's strings are of that kind.
    @inline(__always)
    private mutating func quoted(_ append: (inout [UInt8]) -> Void) {
        self.beginValue()
        self.bytes.append(UInt8(ascii: "\""))
        append(&self.bytes)
        self.bytes.append(UInt8(ascii: "\""))
    }
}
