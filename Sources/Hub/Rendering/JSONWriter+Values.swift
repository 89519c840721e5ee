package import LogValues
package import Projections
import RawJSON

extension JSONWriter {
    /// A name as a string.
    package mutating func name(_ name: some Name) {
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
    package mutating func nameOrNull(_ name: (some Name)?) {
        if let name {
            self.name(name)
        } else {
            self.null()
        }
    }

    /// A moment without an offset.
    package mutating func timestamp(_ time: Timestamp) {
        self.string(plainSize: time.clientFormSize) { time.appendClientForm(to: &$0) }
    }

    /// A moment in the form in which it is answered.
    package mutating func timestamp(_ text: [UInt8]) {
        self.string(plain: text.span)
    }

    /// A moment that was given, or else the event's own.
    mutating func timestamp(_ given: [UInt8]?, else time: Timestamp) {
        if let given {
            self.timestamp(given)
        } else {
            self.timestamp(time)
        }
    }
}
