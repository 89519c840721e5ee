import Archive
import ArgumentParser
import EventLog
import LogValues
import Projections
import RawJSON
import SystemPackage

/// `verify`: whether the log is what was written.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks every frame, line, number, hash, root and note; with --state, every state digest.",
        discussion: """
            Names the first bad segment, the offset of the bad block in bytes, and the lines. Of several findings the \
            gravest decides the exit status. The root of every segment header, checkpoint and of the file `synced` is \
            compared; notes are checked with the key in `node.pub` beside the log, or with --key. The recorded state \
            digests are covered by the roots like everything else; --state replays the log to see that they are what its \
            events give, which takes several times as long.

            Where a frame is damaged, the leaf hashes beside the log (the folder `hashes`), or the order of blocks that has the \
            frame's checksum, tell which block is wrong; without hashes a missing block is found, but not its place. Hashes \
            that differ while nothing else does are told by a status of their own. So are contents that an erasure names and \
            that are still there.

            Snapshots beside the log must be whole and say what the log says. Where retention dropped the first lines, \
            verification begins with the root in the first header that is kept, and replaying with the oldest snapshot.

            `signed through line` says how far the log is signed by keys that are known. A key that is known and has not signed, a \
            checkpoint without its signature behind others that have one, a log that goes on further behind its newest signed \
            line than a hub leaves it, and another key that takes over are status \(ExitStatus.signature.rawValue). Without any \
            key nothing of that can be told.

            A log that begins late must say which lines retention dropped (`log.dropped`; of a follower, or a copy of one, the \
            file `dropped` beside it), unless --partial is given; a log that ends before a line that `synced`, a snapshot, the \
            hashes or an index tells of has lost its end.

            A rewritten log that is consistent in itself is found by a checkpoint that was kept elsewhere \
            (--checkpoint) and by a key from elsewhere (--key).

            EXIT STATUS
            \(ExitStatus.table)

            EXAMPLES
              channelstream-log verify data/hub
              channelstream-log verify copy --key hub.pub --checkpoint monday.checkpoint
              channelstream-log verify data/hub --state -o json
            """
    )

    /// How the result comes out.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text
        case json
    }

    @OptionGroup var log: LogArgument

    @Option(name: .long, help: "The log's verifier key, or a file that holds it. May be repeated.")
    var key: [String] = []

    @Option(
        name: .long,
        help: "A checkpoint (signed note) that was kept elsewhere. May be repeated.",
        completion: .file()
    )
    var checkpoint: [String] = []

    @Flag(name: .long, help: "Replay the log too, and compare the state digests that it recorded.")
    var state = false

    @Flag(
        name: .long,
        help: "The log may begin with a later line than 1, also without a snapshot and without saying why."
    )
    var partial = false

    @Option(name: [.short, .long], help: "text or json.")
    var output: Format = .text

    func run() throws {
        let directory = try self.log.resolve()
        let result = try Self.verify(
            directory,
            keys: self.key,
            checkpoints: self.checkpoint,
            checksState: self.state,
            acceptsMissingStart: self.partial
        )
        let report = VerificationReport(result: result)
        try OutputBuffer.print(self.output == .json ? report.json : report.text)
        guard let worst = result.findings.max(by: { $0.status.severity < $1.status.severity }) else { return }
        for finding in result.findings where finding != worst { Diagnostics.say(finding.text) }
        throw ToolFailure(worst.status, worst.text)
    }

    /// Verifies a log with everything that is known about it.
    ///
    /// - Throws: ``ToolFailure`` if something cannot be read at all.
    static func verify(
        _ directory: FilePath,
        keys: [String] = [],
        checkpoints: [String] = [],
        checksState: Bool = true,
        acceptsMissingStart: Bool = false,
        needsDropRecord: Bool = true
    ) throws -> Verification {
        var settings = LogVerifier.Settings()
        settings.isFollower = TrustedFiles.isFollower(directory)
        settings.needsDropRecord = needsDropRecord && !acceptsMissingStart
        settings.acceptsMissingStart =
            try acceptsMissingStart || withToolFailures { try SnapshotStore(in: directory).explainsMissingStart() }
        let given = try keys.map { try TrustedFiles.key($0) }
        let beside = given.isEmpty ? try TrustedFiles.keys(besideLogIn: directory) : []
        settings.notes = NoteChecker(keys: given + beside, isStrict: !given.isEmpty)
        settings.checkpoints = try checkpoints.map { try TrustedFiles.checkpoint($0, settings.notes) }
        // Read before the log: what it says must be there then.
        let synced = try TrustedFiles.syncedNote(besideLogIn: directory)
        if let synced { settings.checkpoints.append(KeptCheckpoint(synced)) }
        settings.witnesses = try withToolFailures { try LogWitness.all(in: directory) }
        let bar = ProgressBar("verifying", for: directory)
        settings.onProgress = { bar.update($0, $1, $2) }
        var verifier = LogVerifier(directory, settings)
        var result = try verifier.run()
        bar.finish()
        if let synced, let logID = result.logID, synced.logID != logID {
            result.findings.append(Finding(.damage, "synced belongs to log \(synced.logID), not to \(logID)"))
        }
        let isReadable = result.findings.allSatisfy { $0.status != .damage && $0.status != .forgery }
        guard checksState, isReadable else { return result }
        try Self.checkState(directory, verifier.recorded, &result)
        return result
    }

    private static func checkState(
        _ directory: FilePath,
        _ recorded: [RecordedCheckpoint],
        _ result: inout Verification
    ) throws {
        let bar = ProgressBar("replaying", for: directory)
        defer { bar.finish() }
        let last = result.frontier.size
        guard last > 0 else { return }
        let start: LoadedSnapshot?
        do {
            start = try withToolFailures { try ReplayStart.oldest(in: directory) }
        } catch let failure as ToolFailure where failure.status == .negative {
            result.stateDigestOmission = failure.message
            return
        }
        do {
            let states = try withToolFailures {
                try StateDigestCheck(
                    directory,
                    recorded,
                    from: start,
                    comparing: result.erasedCount == 0 ? try ConfirmedSnapshots(in: directory) : nil,
                    through: SequenceNumber(last),
                    onProgress: { bar.update($0, $1, $2) }
                ).run()
            }
            result.stateDigestCount = states.digestCount
            result.unknownTypeCount = states.unknownTypeCount
            if let finding = states.finding { result.findings.append(finding) }
        } catch let failure as ToolFailure {
            result.findings.append(Finding(failure.status, failure.message))
        }
    }
}
