import Testing

@testable import Server

@Suite("The INI dialect of Python's configparser")
struct INIFileTests {
    @Test(
        "a key and its value are parted by the first = or :",
        arguments: [
            ("a = b", "b"), ("a=b", "b"), ("a : b", "b"), ("a:b=c", "b=c"), ("a = b : c", "b : c"), ("A = b", "b"),
            ("a =", ""), ("a = # no comment", "# no comment"), ("a = b ; c", "b ; c"), ("  a = b  ", "b"),
        ]
    )
    func delimiters(line: String, value: String) {
        #expect(entries("[s]\n" + line) == ["a": value])
    }

    @Test("lines that begin with # or ; are comments, also inside a value that goes on")
    func comments() {
        let text = "; one\n[s]\n# two\na = 1,\n  # three\n  2\n   ; four\nb = 3"
        #expect(entries(text) == ["a": "1,\n2", "b": "3"])
    }

    @Test("a line indented deeper goes on with the value, also when the value begins there")
    func continuations() {
        #expect(entries("[s]\na = 1\n  2\n\n\t3\nb =\n  4") == ["a": "1\n2\n3", "b": "4"])
        #expect(entries("[s]\n  a = 1\n  b = 2") == ["a": "1", "b": "2"])
    }

    @Test("every kind of line end, and an editor's mark at the start, are understood")
    func lineEnds() {
        #expect(entries("\u{feff}[s]\r\na = 1\r\n  2\r\nb = 3\r\n") == ["a": "1\n2", "b": "3"])
    }

    @Test("lines are counted from 1, where the key stands")
    func lineNumbers() {
        let found = INIFile(parsing: "# x\n[s]\n\na = 1\n  2\nb = 3").section("s")?.entries
        #expect(found?.map(\.line) == [4, 6])
    }

    @Test("percent signs refer to other keys, and two stand for one")
    func references() {
        let text = "[DEFAULT]\nroot = /srv\n[s]\na = %(ROOT)s/%(b)s\nb = 100%%\n"
        #expect(entries(text) == ["a": "/srv/100%", "b": "100%"])
        #expect(INIFile.escaped("50%(x)s%%") == "50%%(x)s%%%%")
    }

    @Test(
        "a reference that leads nowhere, in a circle or to an odd sign is a fault of its line",
        arguments: [
            ("a = %(x)s", "there is no key \"x\" to refer to"), ("a = %(a)s", "references go round in a circle"),
            ("a = 50%", "a single percent sign"), ("a = %(a", "a single percent sign"),
        ]
    )
    func badReferences(line: String, what: String) {
        let section = INIFile(parsing: "[s]\n" + line).section("s")
        #expect(section?.entries.isEmpty == true)
        #expect(section?.faults.map(\.what) == [what])
        #expect(section?.faults.map(\.line) == [2])
    }

    @Test("what is no setting is a fault with its line, and the rest is still read")
    func faults() {
        let file = INIFile(parsing: "early = 1\n[s]\nno sign\na = 1\na = 2\n[s]\nb = 3")
        #expect(file.faults.map(\.line) == [1, 3, 5, 6])
        #expect(file.section("s")?.entries.map(\.value) == ["1", "3"])
        #expect(file.section("t") == nil)
    }

    private func entries(_ text: String) -> [String: String]? {
        let file = INIFile(parsing: text)
        guard file.faults.isEmpty, let section = file.section("s"), section.faults.isEmpty else { return nil }
        return Dictionary(uniqueKeysWithValues: section.entries.map { ($0.key, $0.value) })
    }
}
