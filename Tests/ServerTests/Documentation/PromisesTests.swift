import Foundation
import Testing

@Suite("Promises, and what holds them")
struct PromisesTests {
    /// The page's sections: what is promised, and the names of tests below it.
    private static func sections() throws -> [(promise: String, tests: [Substring])] {
        try Checkout.text("docs/promises.md").components(separatedBy: "\n## ").dropFirst().map { section in
            let lines = section.split(separator: "\n")
            let tests = lines.dropFirst().filter { $0.hasPrefix("- \"") }.map { $0.dropFirst(3).dropLast() }
            return (String(lines[0]), tests)
        }
    }

    /// The first column of the README's table, without links.
    private static func promises() throws -> [String] {
        let table = try Checkout.text("README.md").components(separatedBy: "| Promise | Limit |\n| --- | --- |\n")
        let rows = try #require(table.last).split(separator: "\n", omittingEmptySubsequences: false)
        return rows.prefix { $0.hasPrefix("|") }.map { row in
            let promise = row.dropFirst(2).components(separatedBy: " | ")[0]
            return promise.replacing(#/\[([^\]]*)\]\([^)]*\)/#) { $0.output.1 }
        }
    }

    @Test("every promise of the README has a section with tests, in the same order")
    func sectionsAreThePromises() throws {
        let promises = try Self.promises()
        let sections = try Self.sections()
        #expect(promises.count >= 10)
        #expect(promises.count == sections.count)
        for (promise, section) in zip(promises, sections) {
            #expect(promise.hasPrefix(section.promise))
            #expect(!section.tests.isEmpty, "\(section.promise)")
        }
    }

    @Test("every test that is named there is there")
    func namedTestsExist() throws {
        var sources = try Checkout.text("tools/e2e") + Checkout.text("tools/e2e-follow")
        let tests = Checkout.root.appending(path: "Tests")
        let files = FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)
        for case let file as URL in try #require(files) where file.pathExtension == "swift" {
            sources += try String(contentsOf: file, encoding: .utf8)
        }
        for section in try Self.sections() {
            for name in section.tests { #expect(sources.contains("\"\(name)\""), "\(name)") }
        }
    }
}
