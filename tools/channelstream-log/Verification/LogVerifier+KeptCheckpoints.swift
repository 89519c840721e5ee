import EventLog
import LogValues

extension LogVerifier {
    /// Compares a checkpoint that was kept elsewhere with the log.
    mutating func check(_ kept: KeptCheckpoint) {
        guard kept.size >= self.tree.startSize else { return self.checkByHashes(kept) }
        guard kept.size <= self.tree.size else {
            self.add(
                Finding(
                    .damage,
                    segment: self.end?.segment.fileName,
                    offset: self.end?.offset,
                    lines: self.tree.size + 1...kept.size,
                    "\(kept.name): the log ended at line \(kept.size) or later, and now ends at "
                        + "\(self.tree.size)"
                )
            )
            return
        }
        guard (try? self.tree.root(at: kept.size)) == kept.root else {
            // What a root of this log confirms may have been rewritten together with that root.
            let message = "\(kept.name): the root at line \(kept.size) was another: history was rewritten"
            let range = 1...max(1, kept.size)
            self.add(
                self.tree.confirmedSize >= kept.size
                    ? self.tree.finding(.forgery, range, message) : self.tree.forgery(among: range, kept, message)
            )
            return
        }
        self.tree.confirm(through: kept.size)
    }

    /// Checks a root of lines that were dropped: their hashes show whether the lines that are kept go on from them.
    private mutating func checkByHashes(_ kept: KeptCheckpoint) {
        let start = self.tree.startSize
        guard let hashes = try? HashTree(in: self.directory, .read), hashes.firstLine == .first, hashes.size >= start,
            (try? hashes.root(ofFirst: start)) == self.tree.start?.root,
            (try? hashes.consistencyProof(from: kept.size, to: start)) != nil
        else {
            self.add(
                Finding(
                    .negative,
                    "\(kept.name): line \(kept.size) was dropped, and the hashes beside the log do not reach back to it: it "
                        + "cannot be compared"
                )
            )
            return
        }
        guard (try? hashes.root(ofFirst: kept.size)) != kept.root else { return }
        self.add(
            Finding(
                .forgery,
                lines: 1...max(1, kept.size),
                "\(kept.name): the root at line \(kept.size) was another: history was rewritten"
            )
        )
    }
}
