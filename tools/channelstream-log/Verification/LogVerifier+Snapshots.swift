import Archive
import EventLog
import Projections

/// Checks the snapshots beside the log: each must be whole, of this log, and say what the log says about its place.
extension LogVerifier {
    /// For after the last line.
    ///
    /// - Throws: ``EventLogError`` if the directory, or the log, cannot be read.
    mutating func checkSnapshots() throws {
        let snapshots = try ConfirmedSnapshots(in: self.directory)
        for name in try snapshots.store.names() {
            do {
                guard let finding = try self.finding(on: try snapshots.read(name), in: snapshots) else {
                    self.addWholeSnapshot()
                    continue
                }
                self.add(finding)
            } catch let error as EventLogError where Self.isAboutSnapshot(error) {
                self.add(Finding(.damage, segment: "snapshots/\(name)", "\(error)"))
            } catch let error where error is SnapshotError || error is SnapshotTrouble {
                self.add(Finding(.damage, segment: "snapshots/\(name)", "\(error)"))
            } catch let failure as ToolFailure where failure.status == .negative {
                Diagnostics.say("snapshots/\(name) \(failure.message)")
            } catch let failure as ToolFailure {
                self.add(Finding(failure.status, segment: "snapshots/\(name)", failure.message))
            }
        }
    }

    private static func isAboutSnapshot(_ error: EventLogError) -> Bool {
        switch error {
        case .damaged(let file, _, _), .unknownFormat(let file, _): file.hasPrefix(SnapshotStore.folderName)
        default: false
        }
    }

    /// What is wrong with a snapshot that can be read; nil if nothing is.
    ///
    /// One about lines that the log does not have, as after a cut at durability `os`, is of no use, but says nothing
    /// against the log: that is thrown.
    private func finding(on snapshot: LoadedSnapshot, in snapshots: ConfirmedSnapshots) throws -> Finding? {
        let file = "snapshots/\(snapshot.name)"
        guard let root = try self.tree.root(at: snapshot.frontier.size) else {
            throw ToolFailure(.negative, "stands for lines that the log does not have: it is of no use")
        }
        guard root == snapshot.frontier.root else {
            return Finding(.forgery, segment: file, "the root at line \(snapshot.name.through) is another in the log")
        }
        guard let recorded = try snapshots.claim(about: snapshot.name, through: nil)?.stateDigest else { return nil }
        let digest = snapshot.claim.stateDigest
        guard digest != recorded else { return nil }
        return Finding(
            .stateDigest,
            segment: file,
            "holds a state with digest \(digest), not \(recorded) as the log's checkpoint says"
        )
    }
}
