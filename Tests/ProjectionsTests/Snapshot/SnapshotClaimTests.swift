import LogValues
import Projections
import TestSupport
import Testing

@Suite("What a checkpoint says of a snapshot")
struct SnapshotClaimTests {
    private func digest(_ number: UInt64) -> Hash256 { Hash256(words: (number, 0, 0, 0)) }

    @Test("only one about the same place confirms it, or contradicts it")
    func verdicts() {
        let claim = SnapshotClaim(size: 10, root: self.digest(1), stateDigest: self.digest(2))
        #expect(claim.verdict(of: claim) == .confirmed)
        let otherState = SnapshotClaim(size: 10, root: self.digest(1), stateDigest: self.digest(3))
        #expect(claim.verdict(of: otherState) == .contradicted)
        let otherRoot = SnapshotClaim(size: 10, root: self.digest(3), stateDigest: self.digest(2))
        #expect(claim.verdict(of: otherRoot) == .contradicted)
        for (size, verdict) in [(9, .aboutLess), (11, .aboutMore)] as [(UInt64, SnapshotClaim.Verdict)] {
            let other = SnapshotClaim(size: size, root: self.digest(1), stateDigest: self.digest(2))
            #expect(claim.verdict(of: other) == verdict)
        }
    }
}
