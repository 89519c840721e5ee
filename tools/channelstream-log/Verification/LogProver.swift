import EventLog
import LogValues
import Projections
import RawJSON
import SystemPackage

/// Makes proofs that lead to checkpoints which the log records.
///
/// A server may be writing: lines that it has committed meanwhile are taken in, and its own hashes are only read.
struct LogProver {
    private let directory: FilePath

    init(_ directory: FilePath) {
        self.directory = directory
    }

    /// A checkpoint with a note.
    private struct Signed {
        let size: UInt64
        let root: Hash256
        let note: SignedNote
    }

    /// The receipt for a line.
    ///
    /// - Throws: ``ToolFailure``: `negative` if no signed checkpoint covers the line.
    func receipt(
        for line: SequenceNumber,
        size: UInt64?,
        showing disclosure: ProveCommand.Disclosure
    ) throws -> LogProof {
        let signed = try self.checkpoint(ofSize: size, atLeast: line.rawValue, "line \(line)")
        return try self.proving { tree in
            LogProof(
                index: line.rawValue - 1,
                hashes: try tree.inclusionProof(of: line, inFirst: signed.size, root: signed.root),
                checkpoint: signed.note,
                extra: try self.extra(line, disclosure)
            )
        }
    }

    /// That the log of a signed checkpoint begins with the log of a smaller size.
    ///
    /// - Parameters:
    ///   - old: The smaller size.
    ///   - oldRoot: The root that the log had then, if it was kept elsewhere.
    ///   - new: The size of the signed checkpoint; nil: of the newest.
    /// - Returns: The proof.
    /// - Throws: ``ToolFailure``: `negative` if there is no such checkpoint; `forgery` if the log had another root.
    func consistency(from old: UInt64, oldRoot: Hash256?, to new: UInt64?) throws -> ConsistencyProof {
        let signed = try self.checkpoint(ofSize: new, atLeast: old, "size \(old)")
        return try self.proving { tree in
            if let oldRoot, try tree.root(ofFirst: old) != oldRoot {
                throw ToolFailure(.forgery, "the root at line \(old) was another: history was rewritten")
            }
            guard try tree.root(ofFirst: signed.size) == signed.root else {
                throw CheckpointError.damagedHashes(size: signed.size)
            }
            return ConsistencyProof(
                oldSize: old,
                hashes: try tree.consistencyProof(from: old, to: signed.size),
                checkpoint: signed.note
            )
        }
    }

    private func checkpoint(ofSize size: UInt64?, atLeast least: UInt64, _ what: String) throws -> Signed {
        let recorded = try withToolFailures { try CheckpointScan.checkpoints(in: self.directory) }
        let found = recorded.last { recorded in
            let checkpoint = recorded.checkpoint
            return checkpoint.note != nil && checkpoint.size >= least && (size ?? checkpoint.size) == checkpoint.size
        }
        guard let checkpoint = found?.checkpoint, let note = checkpoint.note else {
            throw ToolFailure(
                .negative,
                size.map { "the log records no signed checkpoint of size \($0) that covers \(what)" }
                    ?? "no signed checkpoint covers \(what) yet"
            )
        }
        do {
            return Signed(
                size: checkpoint.size,
                root: checkpoint.root,
                note: try SignedNote(parsing: Array(note.utf8))
            )
        } catch {
            throw ToolFailure(.signature, "the checkpoint of size \(checkpoint.size): \(error)")
        }
    }

    private func extra(_ number: SequenceNumber, _ disclosure: ProveCommand.Disclosure) throws -> [UInt8]? {
        guard disclosure != .none else { return nil }
        let shown = try LogReader(self.directory).withLine(at: number) { line in
            guard disclosure == .redacted else { return Array(line.bytes) }
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

    private func proving<Proof>(_ body: (HashTree) throws -> Proof) throws -> Proof {
        do {
            let tree = try HashTree(in: self.directory, .read)
            try tree.catchUp()
            do {
                return try body(tree)
            } catch CheckpointError.damagedHashes {
                // The folder is a cache, of the server perhaps: in memory, take them from the log.
                try tree.rebuild()
                return try body(tree)
            }
        } catch let error as EventLogError {
            throw ToolFailure(error)
        } catch CheckpointError.log(let error) {
            throw ToolFailure(error)
        } catch CheckpointError.damagedHashes(let size) {
            throw ToolFailure(.forgery, "the lines do not give the root that the log's checkpoint has at size \(size)")
        } catch let error as CheckpointError {
            throw ToolFailure(.negative, "\(error)")
        }
    }
}
