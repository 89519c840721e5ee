import Logging
import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import Web

@Suite("The gate before the listening socket")
struct AcceptGateTests {
    private let channel = EmbeddedChannel()
    private let gauge = ConnectionGauge()

    private func addGate() throws {
        let gate = AcceptGate(gauge: self.gauge, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try self.channel.pipeline.syncOperations.addHandler(gate, position: .first)
        try self.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    /// What the gate last asked for: an embedded channel keeps the option, and reads anyway.
    private var accepts: Bool {
        let asked = self.channel.options.last { $0.option is ChannelOptions.Types.AutoReadOption }
        return asked?.value as? Bool ?? true
    }

    private func arrive(_ count: Int) throws {
        for _ in 0..<count { self.channel.pipeline.fireChannelRead(EmbeddedChannel() as any Channel) }
        self.channel.pipeline.fireChannelReadComplete()
    }

    @Test(
        "when none can be accepted, the socket is left alone for a while, and the error ends there",
        arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM, ECONNABORTED]
    )
    func failure(code: CInt) throws {
        try self.addGate()
        self.channel.pipeline.fireErrorCaught(IOError(errnoCode: code, reason: "accept"))
        try self.channel.throwIfErrorCaught()
        #expect(!self.accepts)
        self.channel.embeddedEventLoop.advanceTime(by: AcceptGate.failurePause - .nanoseconds(1))
        #expect(!self.accepts)
        self.channel.embeddedEventLoop.advanceTime(by: .nanoseconds(1))
        #expect(self.accepts)
    }

    @Test("other errors go on to the others")
    func otherErrors() throws {
        try self.addGate()
        self.channel.pipeline.fireErrorCaught(IOError(errnoCode: EBADF, reason: "accept"))
        #expect(throws: IOError.self) { try self.channel.throwIfErrorCaught() }
        #expect(self.accepts)
    }

    @Test("while many are on their way to their event loops, no more are accepted")
    func arriving() throws {
        try self.addGate()
        try self.arrive(AcceptGate.maximumArriving - 1)
        #expect(self.accepts)
        try self.arrive(1)
        #expect(!self.accepts)
        for _ in 0..<AcceptGate.maximumArriving { self.gauge.arrive() }
        self.channel.embeddedEventLoop.advanceTime(by: AcceptGate.arrivalPause)
        #expect(self.accepts)
        try self.arrive(1)
        #expect(self.accepts)
    }

    @Test("what was lost on its way is not waited for without end")
    func lost() throws {
        try self.addGate()
        try self.arrive(AcceptGate.maximumArriving)
        for _ in 0...AcceptGate.maximumArrivalPauses {
            self.channel.embeddedEventLoop.advanceTime(by: AcceptGate.arrivalPause)
            try self.arrive(0)
        }
        self.channel.embeddedEventLoop.advanceTime(by: AcceptGate.arrivalPause)
        try self.arrive(1)
        #expect(self.accepts)
        #expect(self.gauge.arriving == 1)
    }

    @Test("an arrival that nobody counted is not one less")
    func uncounted() {
        self.gauge.arrive()
        #expect(self.gauge.arriving == 0)
    }
}
