import Archive
import ArgumentParser
import EventLog
import LogValues
import Projections
import RawJSON
import SystemPackage

/// `prove`: a receipt for one line, or that the log only grew.
struct ProveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Makes a proof that a line is in the log, or that the log only grew, which anyone can check.",
        discussion: """
            Prints a receipt (C2SP tlog-proof): the line, the hashes from it to the root, and the newest checkpoint that the \
            log's key signed. Who has it needs nothing else but the public key. With --disclose redacted, it shows who \
            wrote when and where, but not what; with none, the line must be handed over separately.

            With --consistency, prints a proof that the log still begins as an older checkpoint said: the text that a C2SP \
            witness takes. Ends with status 1 if no signed checkpoint covers what is to be proved.

            EXAMPLES
              channelstream-log prove data/hub 1200 > 1200.proof
              channelstream-log prove data/hub 4f0c2b0e-7a8d-4c7e-9d3a-5b1e2f3a4b5c --event edit > edit.proof
              channelstream-log check-proof 1200.proof --key hub.pub
              channelstream-log prove data/hub --consistency monday.checkpoint > growth.proof
              channelstream-log check-proof growth.proof --old monday.checkpoint --key hub.pub
            """
    )

    /// How much of the line the receipt shows.
    enum Disclosure: String, CaseIterable, ExpressibleByArgument {
        case whole
        case redacted
        case none
    }

    @OptionGroup var log: LogArgument

    @Argument(help: "The line's number, or a message's uuid.")
    var line: String?

    @Option(name: .long, help: "Which event of the message: post, edit (the last), edit:2, delete or erase.")
    var event: MessageEventSelector = .post

    @Option(name: .long, help: "How much of the line the receipt shows: whole, redacted or none.")
    var disclose: Disclosure = .whole

    @Option(
        name: .long,
        help: "Prove that the log begins with an older one: a size in lines, or a file with a checkpoint.",
        completion: .file()
    )
    var consistency: String?

    @Option(name: .long, help: "The size of a signed checkpoint to lead to; without it, the newest one's.")
    var size: UInt64?

    func validate() throws {
        guard (self.line == nil) != (self.consistency == nil) else {
            throw ValidationError("give a line's number, a message's uuid, or --consistency")
        }
    }

    func run() throws {
        let directory = try self.log.resolve()
        do {
            if let consistency {
                let (size, root) = try Self.kept(consistency)
                try OutputBuffer.print(self.growth(from: size, root, in: directory).bytes)
            } else {
                let line = try self.find(in: directory)
                try OutputBuffer.print(self.receipt(for: line, in: directory).bytes)
            }
        } catch let error as CheckpointError {
            throw ToolFailure(error)
        } catch let error as EventLogError {
            throw ToolFailure(error)
        }
    }

    /// The size that the log once had, and its root then, if a file says that.
    private static func kept(_ text: String) throws -> (size: UInt64, root: Hash256?) {
        if let size = UInt64(text) { return (size, nil) }
        let kept = try TrustedFiles.checkpoint(text, NoteChecker(keys: []))
        return (kept.size, kept.root)
    }

    private func growth(from old: UInt64, _ oldRoot: Hash256?, in directory: FilePath) throws -> ConsistencyProof {
        var prover = LogProver(LogReader(directory), .read)
        let checkpoint = try self.checkpoint(atLeast: old, "size \(old)", &prover)
        let evidence = try prover.consistency(from: old, to: checkpoint.size, leadingTo: checkpoint)
        guard oldRoot ?? evidence.oldRoot == evidence.oldRoot else {
            throw ToolFailure(.forgery, "the root at line \(old) was another: history was rewritten")
        }
        return ConsistencyProof(oldSize: old, hashes: evidence.hashes, checkpoint: checkpoint.note)
    }

    private func receipt(for line: SequenceNumber, in directory: FilePath) throws -> LogProof {
        var prover = LogProver(LogReader(directory), .read)
        let checkpoint = try self.checkpoint(atLeast: line.rawValue, "line \(line)", &prover)
        let evidence = try prover.inclusion(of: line, inFirst: checkpoint.size, leadingTo: checkpoint)
        return LogProof(
            index: line.rawValue - 1,
            hashes: evidence.hashes,
            checkpoint: checkpoint.note,
            extra: try self.shown(line, in: directory)
        )
    }

    /// The checkpoint to lead to.
    private func checkpoint(
        atLeast least: UInt64,
        _ what: String,
        _ prover: inout LogProver
    ) throws -> SignedCheckpoint {
        let end = SequenceNumber(try prover.catchUp())
        let found: SignedCheckpoint?
        if let size {
            found = try prover.checkpoint(ofSize: size, through: end)
        } else {
            found = try prover.newestCheckpoint(through: end)
        }
        guard let found, found.size >= least else {
            throw ToolFailure(
                .negative,
                self.size.map { "the log records no signed checkpoint of size \($0) that covers \(what)" }
                    ?? "no signed checkpoint covers \(what) yet"
            )
        }
        return found
    }

    /// The part of its line that the receipt shows.
    private func shown(_ number: SequenceNumber, in directory: FilePath) throws -> [UInt8]? {
        guard self.disclose != .none else { return nil }
        let shown = try LogReader(directory).withLine(at: number) { line in
            guard self.disclose == .redacted else { return Array(line.bytes) }
            var redacted: [UInt8] = []
            do {
                try Redaction.redact(line.bytes, into: &redacted)
            } catch {
                throw ToolFailure(.damage, "line \(number): the salt or the content is malformed")
            }
            return redacted
        }
        guard let shown else { throw ToolFailure(.negative, "line \(number) is not in the log") }
        return shown
    }

    private func find(in directory: FilePath) throws -> SequenceNumber {
        let text = self.line ?? ""
        if let number = UInt64(text), number > 0, number <= SequenceNumber.last.rawValue {
            return SequenceNumber(number)
        }
        guard let uuid = UUID128(lenient: text.utf8) else {
            throw ToolFailure(.usage, "\(text) is neither a line's number nor a uuid")
        }
        let lines = try withToolFailures { try MessageTrail.lines(of: uuid, in: directory) }
        guard !lines.isEmpty else { throw ToolFailure(.negative, "the log does not hold message \(uuid)") }
        guard let index = self.event.index(in: lines.map(\.kind)) else {
            throw ToolFailure(.negative, "message \(uuid) has no event \"\(self.event)\" in the log")
        }
        return lines[index].number
    }
}

extension MessageEventSelector: ExpressibleByArgument {
    package init?(argument: String) {
        self.init(argument)
    }
}
