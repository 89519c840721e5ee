package import LogValues
import RawJSON

/// The parts of an event line that tell what it is about, as slices of the line, for whoever goes through very many lines
/// and decodes few.
///
/// The log writes them in a fixed order, so they are found by comparing bytes; a line in another order (of a later
/// release) is read by key (``LineParts``).
package struct LineFields: ~Escapable {
    /// As in the log: `2026-11-23T23:10:11.123456Z`.
    package let time: Bytes
    package let type: Bytes
    package let source: Bytes
    /// Begins with the value of `data`; what follows it in the line stands behind.
    package let dataAndRest: Bytes

    /// The parts of a line, given without its newline; nil if it lacks one of them.
    @_lifetime(copy line)
    package init?(_ line: Bytes) {
        var text = FixedTextReader(line)
        if text.opening() != nil, let time = text.name(),
            text.pass("\",\"type\":\""), let type = text.name(),
            text.pass("\",\"source\":\""), let source = text.name(),
            text.pass("\",\"data\":")
        {
            self.time = time
            self.type = type
            self.source = source
            self.dataAndRest = text.rest
            return
        }
        let parts = LineParts(line)
        guard parts.isWhole else { return nil }
        self.time = parts.time
        self.type = parts.type
        self.source = parts.source
        self.dataAndRest = parts.data
    }

    /// What `data` says about whom and what it concerns.
    package var data: DataFields {
        @_lifetime(copy self)
        get { DataFields(self.dataAndRest) }
    }
}
