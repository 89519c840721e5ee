import Foundation
import Testing

@Suite("The plan of the house")
struct ArchitectureTests {
    /// What each layer knows, by the manifest.
    private static func layers() throws -> [String: Set<String>] {
        let manifest = try Checkout.text("Package.swift")
        let names = #/layer\(\s*"(\w+)",\s*on: \[([^\]]*)\]/#
        let known = manifest.matches(of: names).map { match in
            (String(match.1), Set(match.2.matches(of: #/"(\w+)"/#).map { String($0.1) }).subtracting(["CLZ4"]))
        }
        return Dictionary(uniqueKeysWithValues: known)
    }

    @Test("the page's table of layers and arrows is the manifest's")
    func tableIsTheManifest() throws {
        let page = try Checkout.text("docs/architecture.md")
        let table = page.components(separatedBy: "| layer | knows | what it is |\n| --- | --- | --- |\n")
        let rows = try #require(table.last).split(separator: "\n", omittingEmptySubsequences: false)
        let said = rows.prefix { $0.hasPrefix("|") }.map { row in
            let cells = row.split(separator: "|")
            let names = { (cell: Substring) in cell.matches(of: #/`(\w+)`/#).map { String($0.1) } }
            return (names(cells[0]).first ?? "", Set(names(cells[1])))
        }
        let layers = try Self.layers()
        #expect(layers.count >= 9)
        #expect(Dictionary(uniqueKeysWithValues: said) == layers)
    }

    @Test("every layer is a folder of Sources, and every folder but the system library is a layer")
    func layersAreFolders() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Checkout.root.appending(path: "Sources").path)
        #expect(Set(folders.filter { !$0.hasPrefix(".") }) == Set(try Self.layers().keys).union(["CLZ4"]))
    }

    @Test("the places that the page names are there")
    func placesExist() throws {
        let page = try Checkout.text("docs/architecture.md")
        let places = page.matches(of: #/`((?:Archive|EventLog|FanOut|Following|Hub|Projections|Server|Web)/[\w\/+]+)`/#)
        #expect(places.count >= 15)
        for place in places {
            let path = Checkout.root.appending(path: "Sources/\(place.1)").path
            let isThere = [path, path + ".swift"].contains { FileManager.default.fileExists(atPath: $0) }
            #expect(isThere, "\(place.1)")
        }
    }
}
