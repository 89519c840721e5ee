import Testing

@testable import Server

@Suite("How descriptors are shared out")
struct DescriptorBudgetTests {
    private static let reserve = DescriptorBudget.filesReserve + 2 * DescriptorBudget.eventLoopReserve

    @Test("sockets get what the log and the runtime leave, and no more than is configured")
    func shares() throws {
        let scarce = try DescriptorBudget(limit: 1024, eventLoops: 2, wanted: 100_000)
        #expect(scarce.connections == 1024 - Self.reserve)
        let plenty = try DescriptorBudget(limit: 1_000_000, eventLoops: 2, wanted: 100_000)
        #expect(plenty.connections == 100_000)
        let unlimited = try DescriptorBudget(limit: .max, eventLoops: 2, wanted: 100_000)
        #expect(unlimited.connections == 100_000)
    }

    @Test("each event loop has its own share")
    func eventLoops() throws {
        let few = try DescriptorBudget(limit: 1024, eventLoops: 2, wanted: 100_000)
        let many = try DescriptorBudget(limit: 1024, eventLoops: 12, wanted: 100_000)
        #expect(few.connections - many.connections == 10 * DescriptorBudget.eventLoopReserve)
    }

    @Test("a limit that leaves next to nothing for sockets is said, with the one that is needed")
    func tooFew() throws {
        let least = Self.reserve + DescriptorBudget.leastConnections
        let enough = try DescriptorBudget(limit: least, eventLoops: 2, wanted: 100_000)
        #expect(enough.connections == DescriptorBudget.leastConnections)
        let error = try #require(
            #expect(throws: TooFewDescriptors.self) {
                try DescriptorBudget(limit: least - 1, eventLoops: 2, wanted: 100_000)
            }
        )
        #expect("\(error)".contains("at least \(least)"))
    }
}
