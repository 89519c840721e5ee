import ArgumentParser
import Foundation

/// Where the repository, the results and the document are.
struct CommonOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The repository.", valueName: "dir"))
    var root = "."

    @Flag(name: .long, help: "Keep the results in docs/performance/results.json.")
    var save = false

    @Flag(name: .long, help: "Keep the results, and make the tables and plots of docs/performance.md anew.")
    var writeDocs = false

    var rootFolder: URL { URL(fileURLWithPath: self.root).standardizedFileURL }
    var folder: URL { self.rootFolder.appendingPathComponent("docs/performance") }
    var resultsFile: URL { self.folder.appendingPathComponent("results.json") }
    var document: URL { self.rootFolder.appendingPathComponent("docs/performance.md") }

    /// Keeps what was measured, if that is wanted: as it comes, so that what breaks later costs only itself.
    ///
    /// - Returns: The results that the document would show: those kept so far, with these in place of the older ones.
    @discardableResult
    func keep(_ sections: [String: Results.Section]) throws -> Results {
        var results = try Results.read(self.resultsFile)
        results.sections.merge(sections) { $1 }
        guard self.save || self.writeDocs else { return results }
        try results.write(self.resultsFile)
        if self.writeDocs { try PerformanceDocument(results).write(self.document, plotsIn: self.folder) }
        return results
    }
}

/// `docs`: the document from the results, without measuring.
struct DocumentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs",
        abstract: "Makes the tables and plots of docs/performance.md from the results that are kept."
    )

    @OptionGroup var common: CommonOptions

    func run() throws {
        let results = try Results.read(self.common.resultsFile)
        try PerformanceDocument(results).write(self.common.document, plotsIn: self.common.folder)
    }
}
