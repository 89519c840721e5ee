import Archive
package import EventLog
package import SystemPackage

extension ErasureFiles {
    /// Those of a log that a sequencer writes.
    package init(_ directory: FilePath, logID: String, _ sequencer: LocalSequencer) {
        self.init(
            directory,
            logID: logID,
            end: { sequencer.end },
            seal: { line throws(EventLogError) in try sequencer.seal(line) }
        )
    }
}

extension OpenLog {
    /// Carries out what was ordered and not finished, and has the index look at the rewritten segments anew.
    package func finishErasure() throws -> LogErasure.Report? {
        let erased = self.erasures.lines
        let report = try ErasureFiles(self.directory, logID: self.logID, self.sequencer).finish()
        self.erasures.remove(erased)
        for segment in report?.segments ?? [] { self.index.discard(segment) }
        return report
    }
}
