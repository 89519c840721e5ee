import HTTPTypes
import NIOCore
import NIOEmbedded
import Testing

@testable import Web

@Suite("A connection of HTTP")
struct HTTPConnectionTests {
    static let get = "GET /info HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test("a request is handed on with its whole body and answered in one write")
    func answers() throws {
        let connection = try ConnectionFixture()
        try connection.send("POST /message HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe")
        #expect(connection.request() == nil)
        try connection.send("llo")
        let request = try #require(connection.request())
        #expect(request.path == "/message")
        #expect(request.body == ByteBuffer(string: "hello"))
        connection.answer("fine")
        #expect(
            try connection.channel.readOutbound(as: ByteBuffer.self).map { String(buffer: $0) }?.hasSuffix("fine")
                == true
        )
        #expect(try connection.channel.readOutbound(as: ByteBuffer.self) == nil)
        #expect(connection.isOpen)
    }

    @Test("pipelined requests are handed on one at a time, in order")
    func waitsForAnswers() throws {
        let connection = try ConnectionFixture()
        try connection.send(String(repeating: Self.get, count: 3))
        for number in 1...3 {
            #expect(connection.request() != nil)
            #expect(connection.request() == nil)
            connection.answer("\(number)")
        }
        let output = try connection.output()
        #expect(output.split(separator: "\r\n\r\n").map { $0.prefix(1) } == ["H", "1", "2", "3"])
    }

    @Test("many pipelined requests that are answered at once are answered in one go, however many they are")
    func answersPipelines() throws {
        let count = 2000
        let responder = ScriptedResponder(instant: APIResponse(status: .ok, body: ByteBuffer(string: "x")))
        let settings = HTTPConnectionSettings()
        let channel = EmbeddedChannel()
        let handler = HTTPConnectionHandler(settings: settings, responder: responder, now: .now())
        try channel.pipeline.syncOperations.addHandler(handler)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
        try channel.writeInbound(ByteBuffer(string: String(repeating: Self.get, count: count)))
        var answers = 0
        while try channel.readOutbound(as: ByteBuffer.self) != nil { answers += 1 }
        #expect(answers == count)
    }

    @Test("an answer that comes after its connection is gone, or twice, goes nowhere")
    func dropsLateAnswers() throws {
        let connection = try ConnectionFixture()
        try connection.send(Self.get + Self.get)
        connection.channel.close(promise: nil)
        connection.answer("late")
        #expect(try connection.output().isEmpty)
    }

    @Test("pipelined requests beyond a bound stay in the kernel")
    func stopsReading() throws {
        let connection = try ConnectionFixture()
        try connection.send(String(repeating: Self.get, count: 2000))
        let before = connection.reads.count
        connection.channel.read()
        #expect(connection.reads.count == before)
        while connection.request() != nil { connection.answer("") }
        #expect(connection.reads.count > before)
    }

    @Test("the next request is not read while the client does not take the answer")
    func waitsForTheClient() throws {
        let connection = try ConnectionFixture()
        try connection.send(Self.get + Self.get)
        _ = connection.request()
        connection.channel.isWritable = false
        connection.channel.pipeline.fireChannelWritabilityChanged()
        connection.answer("1")
        #expect(connection.request() == nil)
        connection.channel.isWritable = true
        connection.channel.pipeline.fireChannelWritabilityChanged()
        #expect(connection.request() != nil)
    }

    @Test("an offer of another protocol is passed over, and the connection goes on", arguments: ["h2c", "TLS/1.3"])
    func ignoresOffers(offer: String) throws {
        let connection = try ConnectionFixture()
        for _ in 0..<2 {
            try connection.send("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: \(offer)\r\nConnection: Upgrade\r\n\r\n")
            #expect(connection.request() != nil)
            connection.answer("")
        }
        #expect(connection.isOpen)
    }

    @Test("a client that waits for 100 gets it, and one that does not wait needs none")
    func continues() throws {
        let connection = try ConnectionFixture()
        let head = "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        try connection.send(head)
        #expect(try connection.output() == "HTTP/1.1 100 Continue\r\n\r\n")
        try connection.send("ab")
        #expect(connection.request() != nil)
        connection.answer("")
        _ = try connection.output()
        try connection.send(head + "ab")
        #expect(try connection.output().isEmpty)
    }

    @Test("a large body is let in before it is read, and the request then need not be looked at again")
    func admitsLargeBodies() throws {
        let connection = try ConnectionFixture()
        let size = HTTPConnectionSettings().smallBodySize + 1
        let head = "POST /message?x=1 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: \(size)\r\n\r\n"
        try connection.send(head)
        #expect(try connection.output() == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(connection.responder.asked.map(\.path) == ["/message"])
        try connection.send(String(repeating: "a", count: size))
        let request = try #require(connection.request())
        #expect(request.caller == .backend)
        #expect(request.body.readableBytes == size)
        connection.answer("ok")
        _ = try connection.output()
        // What one body was allowed is nothing that the next may do.
        try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nb")
        let next = try #require(connection.request())
        #expect(next.caller == nil)
        #expect(connection.responder.asked.count == 1)
    }

    @Test(
        "a body that nobody will read is refused before it comes, and 100 is not said",
        arguments: ["Content-Length: 70000", "Transfer-Encoding: chunked", "Expect: 100-continue\r\nContent-Length: 2"]
    )
    func refusesBodiesEarly(framing: String) throws {
        let connection = try ConnectionFixture()
        connection.responder.admission = .refused(Refusal(.forbidden, "No.").response)
        try connection.send("POST / HTTP/1.1\r\nHost: x\r\n\(framing)\r\n\r\n")
        let output = try connection.output()
        #expect(output.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
        #expect(output.contains("connection: close\r\n"))
        #expect(connection.halves.closedOutput)
        #expect(connection.request() == nil)
    }

    @Test(
        "a body is no larger than it was let in for, announced or in chunks",
        arguments: ["Content-Length: 70001", "Expect: 100-continue\r\nContent-Length: 70001"]
    )
    func boundsAdmittedBodies(framing: String) throws {
        let announced = try ConnectionFixture()
        announced.responder.admission = .upTo(70_000, .backend)
        try announced.send("POST / HTTP/1.1\r\nHost: x\r\n\(framing)\r\n\r\n")
        #expect(try announced.status() == 413)
        let chunked = try ConnectionFixture()
        chunked.responder.admission = .upTo(70_000, .backend)
        try chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n11171\r\n")
        #expect(try chunked.status() == 413)
    }

    @Test("a client that sends what nobody reads has a while to see its answer, and no more")
    func lingersWhileBytesCome() throws {
        let connection = try ConnectionFixture()
        connection.responder.admission = .refused(Refusal(.forbidden, "No.").response)
        try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n")
        for _ in 0..<14 {
            connection.advance(1)
            try connection.send("x")
            #expect(connection.isOpen)
        }
        connection.advance(1)
        #expect(!connection.isOpen)
    }

    @Test("X-Forwarded-Proto is believed of the peers that are named, by default of this machine")
    func trustsProxies() throws {
        let nobody = try AddressRules([])
        let others = try AddressRules(["192.0.2.0/24"])
        for (rules, isBelieved) in [(AddressRules.loopback, true), (nobody, false), (others, false)] {
            let connection = try ConnectionFixture { $0.trustedProxies = rules }
            try connection.send("GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\n\r\n")
            let request = try #require(connection.request())
            #expect(request.proxy.cameOverHTTPS == isBelieved)
        }
        #expect(HTTPConnectionSettings().trustedProxies == .loopback)
    }

    @Test("HEAD is GET to whoever answers, and gets no body, not even of a refusal; the connection goes on")
    func head() throws {
        let connection = try ConnectionFixture()
        try connection.send("HEAD /info HTTP/1.1\r\nHost: x\r\n\r\n" + Self.get)
        let request = try #require(connection.request())
        #expect(request.method == .get)
        connection.answer("12345")
        let output = try connection.output()
        #expect(output.contains("content-length: 5\r\n"))
        #expect(output.hasSuffix("\r\n\r\n"))
        #expect(connection.request() != nil)
        for refused in [
            "HEAD / HTTP/1.1\r\n\r\n", "HEAD /" + String(repeating: "a", count: 9000),
            "HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n", "HEAD /ws HTTP/1.1\r\nHost: x\r\n\r\n",
        ] {
            let other = try ConnectionFixture { $0.bodySize = 1000 }
            other.responder.admission = .upTo(1000, nil)
            try other.send(refused)
            let output = try other.output()
            #expect(output.hasPrefix("HTTP/1.1 4"), "\(refused.prefix(60))")
            #expect(output.hasSuffix("\r\n\r\n"), "\(refused.prefix(60))")
            #expect(!output.contains("content-length: 0"))
        }
    }

    @Test("a refused request is answered with the cross-origin headers, and the connection ends")
    func refuses() throws {
        let connection = try ConnectionFixture()
        try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\n" + Self.get)
        let output = try connection.output()
        #expect(output.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(output.contains("Access-Control-Allow-Origin: *\r\n"))
        #expect(output.contains("connection: close\r\n"))
        #expect(output.hasSuffix(#"{"request":["The body's length is ambiguous."]}"#))
        #expect(connection.request() == nil)
        #expect(connection.halves.closedOutput)
    }

    @Test("an answer that ends the connection closes it when it is out, and bounds what the client sends after it")
    func lingers() throws {
        let connection = try ConnectionFixture()
        try connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + Self.get)
        _ = connection.request()
        connection.answer("bye")
        #expect(try connection.output().contains("connection: close"))
        #expect(connection.halves.closedOutput)
        #expect(connection.isOpen)
        #expect(connection.request() == nil)
        let part = String(repeating: "x", count: 1024 * 1024)
        let most = HTTPConnectionSettings().lingerSize / part.utf8.count
        for _ in 0..<most { try connection.send(part) }
        #expect(connection.isOpen)
        try connection.send("x")
        #expect(!connection.isOpen)
    }

    @Test("a client that closes its sending side still gets its answer")
    func answersHalfClosed() throws {
        let connection = try ConnectionFixture()
        try connection.send(Self.get)
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(connection.isOpen)
        connection.answer("still")
        #expect(try connection.output().hasSuffix("still"))
        #expect(connection.halves.closedOutput)
    }

    @Test("a client that closes in the middle of a request is gone")
    func forgetsHalfRequests() throws {
        let connection = try ConnectionFixture()
        try connection.send("GET / HT")
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!connection.isOpen)
    }

    @Test("when the server stops, idle connections close, and busy ones after their answer")
    func quiesces() throws {
        let idle = try ConnectionFixture()
        idle.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(!idle.isOpen)
        let busy = try ConnectionFixture()
        try busy.send(Self.get)
        busy.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(busy.isOpen)
        busy.answer("done")
        #expect(try busy.output().contains("connection: close"))
        #expect(busy.halves.closedOutput)
    }

    // MARK: Patience

    @Test("a connection that says nothing is closed after ten seconds, without a word")
    func cutsSilent() throws {
        let connection = try ConnectionFixture()
        connection.advance(9)
        #expect(connection.isOpen)
        connection.advance(1)
        #expect(!connection.isOpen)
        #expect(try connection.output().isEmpty)
    }

    @Test("headers that drip are refused after ten seconds, on a new connection and on an old one")
    func cutsSlowHeads() throws {
        let connection = try ConnectionFixture()
        try connection.send(Self.get)
        connection.answer("")
        connection.advance(60)
        #expect(connection.isOpen)
        _ = try connection.output()
        try connection.send("GET / HTTP/1.1\r\nX: ")
        for _ in 0..<9 {
            connection.advance(1)
            try connection.send("a")
        }
        #expect(try connection.output().isEmpty)
        connection.advance(1)
        #expect(try connection.status() == 408)
    }

    @Test("an idle connection is kept for longer than proxies keep theirs")
    func keepsIdle() throws {
        let connection = try ConnectionFixture()
        try connection.send(Self.get)
        connection.answer("")
        connection.advance(74)
        #expect(connection.isOpen)
        connection.advance(1)
        #expect(!connection.isOpen)
    }

    @Test("a body that drips is refused, one that keeps its pace is read to the end")
    func cutsSlowBodies() throws {
        let slow = try ConnectionFixture()
        try slow.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n")
        for _ in 0..<14 {
            slow.advance(1)
            try slow.send("a")
        }
        #expect(try slow.output().isEmpty)
        slow.advance(2)
        #expect(try slow.status() == 408)
        let steady = try ConnectionFixture()
        try steady.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n")
        for _ in 0..<100 {
            steady.advance(1)
            try steady.send(String(repeating: "a", count: 5000))
        }
        #expect(steady.request() != nil)
    }

    @Test("an answer may take its time, a client that does not take it may not")
    func cutsSlowReaders() throws {
        let connection = try ConnectionFixture()
        try connection.send(Self.get)
        connection.advance(600)
        #expect(connection.isOpen)
        connection.channel.isWritable = false
        connection.channel.pipeline.fireChannelWritabilityChanged()
        connection.advance(59)
        #expect(connection.isOpen)
        connection.advance(1)
        #expect(!connection.isOpen)
    }

    @Test("a client that does not close after the last answer is closed")
    func boundsLingering() throws {
        let connection = try ConnectionFixture()
        try connection.send("\u{0}")
        #expect(try connection.status() == 400)
        connection.advance(1)
        #expect(connection.isOpen)
        connection.advance(1)
        #expect(!connection.isOpen)
    }
}
