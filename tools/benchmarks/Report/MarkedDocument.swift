/// A document parts of which are made from the results: what stands between `<!-- begin: NAME -->` and
/// `<!-- end: NAME -->`, each on a line of its own.
struct MarkedDocument {
    private(set) var text: String

    struct MissingMark: Error, CustomStringConvertible {
        var name: String
        var description: String {
            "the document has no lines `<!-- begin: \(self.name) -->` and `<!-- end: \(self.name) -->`, in this order"
        }
    }

    init(_ text: String) { self.text = text }

    /// Replaces what stands between the marks of `name`.
    mutating func replace(_ name: String, with part: String) throws(MissingMark) {
        let begin = "<!-- begin: \(name) -->\n"
        let end = "<!-- end: \(name) -->\n"
        guard let opening = self.text.firstRange(of: begin),
            let closing = self.text[opening.upperBound...].firstRange(of: end)
        else { throw MissingMark(name: name) }
        self.text.replaceSubrange(opening.upperBound..<closing.lowerBound, with: "\n\(part)\n\n")
    }
}
