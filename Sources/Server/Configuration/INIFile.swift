/// Reads the dialect of INI that Channelstream's files are written in: Python's `configparser` with its defaults.
///
/// - Sections in brackets; keys in any case; `key = value` or `key: value`, whichever sign comes first.
/// - Lines that begin with `#` or `;`, perhaps after blanks, are comments; there are none behind a value.
/// - A line indented deeper than its key goes on with the key's value, joined by a line end.
/// - `%(name)s` stands for another key's value, of the section or of `[DEFAULT]`, and `%%` for a percent sign.
struct INIFile: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        let key: String
        let value: String
        /// Counted from 1.
        let line: Int
    }

    /// A line that is none of the above, or a key that comes twice.
    struct Fault: Error, Sendable, Equatable {
        let line: Int
        let what: String
        let remedy: String
    }

    private(set) var faults: [Fault] = []
    private var entries: [String: [Entry]] = [:]
    private(set) var sectionNames: [String] = []

    static let defaultSection = "DEFAULT"

    /// - Parameter text: A whole file; the end of a line is LF, CR LF or CR.
    init(parsing text: String) {
        var parser = Parser()
        // A mark that some editors put before the first character.
        let body = text.hasPrefix("\u{feff}") ? text.dropFirst() : text[...]
        for line in body.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            parser.read(line)
        }
        parser.finishEntry()
        self.faults = parser.faults
        self.entries = parser.entries
        self.sectionNames = parser.sectionNames
    }

    /// The entries of a section in the order of the file, with their references resolved.
    ///
    /// - Returns: Nil when there is no such section. Faults are of references that lead nowhere.
    func section(_ name: String) -> (entries: [Entry], faults: [Fault])? {
        guard let own = self.entries[name] else { return nil }
        let inherited = self.entries[Self.defaultSection] ?? []
        var values: [String: String] = [:]
        for entry in inherited + own { values[entry.key] = entry.value }
        var resolved: [Entry] = []
        var faults: [Fault] = []
        for entry in own {
            do throws(Fault) {
                let value = try Self.resolve(entry.value, line: entry.line, values: values, depth: 0)
                resolved.append(Entry(key: entry.key, value: value, line: entry.line))
            } catch {
                faults.append(error)
            }
        }
        return (resolved, faults)
    }

    /// The entries that every section inherits, as they stand in the file.
    var defaults: [Entry] { self.entries[Self.defaultSection] ?? [] }

    /// How deep references may lead, as in Python; it also ends those that go in a circle.
    private static let maximumReferenceDepth = 10

    private static func resolve(
        _ text: String,
        line: Int,
        values: [String: String],
        depth: Int
    ) throws(Fault) -> String {
        guard text.contains("%") else { return text }
        guard depth < Self.maximumReferenceDepth else {
            throw Fault(
                line: line,
                what: "references go round in a circle",
                remedy: "give one of the keys a plain value"
            )
        }
        var result = ""
        var rest = text[...]
        while let sign = rest.firstIndex(of: "%") {
            result += rest[..<sign]
            rest = rest[rest.index(after: sign)...]
            if rest.first == "%" {
                result += "%"
                rest = rest.dropFirst()
            } else if rest.first == "(", let end = rest.firstRange(of: ")s") {
                let key = rest[rest.index(after: rest.startIndex)..<end.lowerBound].lowercased()
                guard let value = values[key] else {
                    let what = "there is no key \(SettingText.quoted(key)) to refer to"
                    throw Fault(line: line, what: what, remedy: "a percent sign itself is written %%")
                }
                result += try Self.resolve(value, line: line, values: values, depth: depth + 1)
                rest = rest[end.upperBound...]
            } else {
                throw Fault(line: line, what: "a single percent sign", remedy: "write it %%")
            }
        }
        return result + rest
    }

    /// Text that reads back as itself.
    static func escaped(_ value: String) -> String {
        value.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
    }
}

/// Goes through a file line by line.
private struct Parser {
    var faults: [INIFile.Fault] = []
    var entries: [String: [INIFile.Entry]] = [:]
    var sectionNames: [String] = []
    private var line = 0
    private var section: String?
    private var open: (key: String, values: [String], line: Int, indentation: Int)?

    init() {}

    mutating func read(_ text: Substring) {
        self.line += 1
        let content = SettingText.trimmed(text)
        let indentation = text.utf8.prefix { $0 == 0x20 || $0 == 0x09 }.count
        if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { return }
        if let open = self.open, indentation > open.indentation {
            self.open?.values.append(content)
            return
        }
        self.finishEntry()
        if content.hasPrefix("["), let end = content.lastIndex(of: "]") {
            self.beginSection(String(content[content.index(after: content.startIndex)..<end]))
        } else {
            self.beginEntry(content, indentation: indentation)
        }
    }

    private mutating func beginSection(_ name: String) {
        if self.entries[name] != nil, name != INIFile.defaultSection {
            self.fault("section \(SettingText.quoted(name)) begins a second time", "merge the two")
        }
        self.section = name
        if self.entries[name] == nil {
            self.entries[name] = []
            self.sectionNames.append(name)
        }
    }

    private mutating func beginEntry(_ content: String, indentation: Int) {
        guard self.section != nil else {
            self.fault("text before the first section", "begin the file with [channelstream]")
            return
        }
        guard let sign = content.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
            self.fault("\(SettingText.quoted(content)) is no setting", "write it as key = value")
            return
        }
        let key = SettingText.trimmed(content[..<sign]).lowercased()
        let value = SettingText.trimmed(content[content.index(after: sign)...])
        self.open = (key, value.isEmpty ? [] : [value], self.line, indentation)
    }

    mutating func finishEntry() {
        guard let section = self.section, let open = self.open else { return }
        self.open = nil
        if let earlier = self.entries[section]?.first(where: { $0.key == open.key }) {
            let what = "\(SettingText.quoted(open.key)) is set a second time"
            self.faults.append(
                INIFile.Fault(line: open.line, what: what, remedy: "it is set in line \(earlier.line) already")
            )
            return
        }
        let value = open.values.joined(separator: "\n")
        self.entries[section]?.append(INIFile.Entry(key: open.key, value: value, line: open.line))
    }

    private mutating func fault(_ what: String, _ remedy: String) {
        self.faults.append(INIFile.Fault(line: self.line, what: what, remedy: remedy))
    }
}
