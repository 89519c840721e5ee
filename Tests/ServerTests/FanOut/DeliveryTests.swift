import NIOEmbedded
import Projections
import Testing

@testable import FanOut

@Suite("Who receives what")
struct DeliveryTests {
    @Test("a channel's message reaches its sockets and no others, once each")
    func deliversToChannels() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        let bob = try fixture.join("bob", connection: 2)
        let eve = try fixture.join("eve", connection: 3, channels: ["elsewhere"])
        fixture.post("room")
        #expect(try ann.numbers().count == 1)
        #expect(try bob.numbers().count == 1)
        #expect(try eve.numbers().isEmpty)
    }

    @Test("the excepted do not see it, on none of their connections")
    func obeysExceptions() throws {
        let fixture = ShardFixture()
        let ann = [try fixture.join("ann", connection: 1), try fixture.join("ann", connection: 2)]
        let bob = try fixture.join("bob", connection: 3)
        fixture.post("room", except: ["ann", "nobody"])
        #expect(try ann.flatMap { try $0.numbers() }.isEmpty)
        #expect(try bob.numbers().count == 1)
    }

    @Test("a channel's message for some users reaches those of them who are in the channel")
    func obeysChoices() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        let bob = try fixture.join("bob", connection: 2)
        let annElsewhere = try fixture.join("ann", connection: 3, channels: [])
        fixture.post("room", only: ["ann", "ann", "carol"])
        #expect(try ann.numbers().count == 1)
        #expect(try bob.numbers().isEmpty)
        #expect(try annElsewhere.numbers().isEmpty)
    }

    @Test("exceptions are stronger than choices")
    func prefersExceptions() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        fixture.post("room", only: ["ann"], except: ["ann"])
        fixture.post(nil, only: ["ann"], except: ["ann"])
        #expect(try ann.numbers().isEmpty)
    }

    @Test("a private message reaches each connection of each user once, however often he is named")
    func deliversPrivately() throws {
        let fixture = ShardFixture()
        let ann = [try fixture.join("ann", connection: 1), try fixture.join("ann", connection: 2, channels: [])]
        let bob = try fixture.join("bob", connection: 3)
        let eve = try fixture.join("eve", connection: 4)
        fixture.post(nil, only: ["ann", "bob", "ann"])
        for socket in ann + [bob] { #expect(try socket.numbers().count == 1) }
        #expect(try eve.numbers().isEmpty)
    }

    @Test("membership is that of the message's place in the feed")
    func keepsOrder() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1, channels: [])
        let connection = ShardFixture.connection(1)
        let before = fixture.message()
        let within = fixture.message()
        let after = fixture.message()
        fixture.receive([
            before, .subscribed(connection, user: UserName("ann"), channels: [ChannelName("room")]), within,
            .unsubscribed(connection, channels: [ChannelName("room")]), after,
        ])
        #expect(try ann.numbers() == [2 + 1])
    }

    @Test("names are the same only when their bytes are")
    func comparesBytes() throws {
        let fixture = ShardFixture()
        let composed = try fixture.join("\u{E9}", connection: 1, channels: ["\u{E9}"])
        fixture.post("e\u{301}")
        fixture.post(nil, only: ["e\u{301}"])
        #expect(try composed.numbers().isEmpty)
        fixture.post("\u{E9}", except: ["e\u{301}"])
        #expect(try composed.numbers().count == 1)
    }

    @Test("a batch costs a socket one flush, and consecutive messages of a channel one frame")
    func sharesWrites() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        _ = try ann.numbers()
        let flushes = ann.flushCount
        fixture.receive(
            (0..<10).map { _ in fixture.message() } + (0..<10).map { _ in fixture.message(nil, only: ["ann"]) }
        )
        #expect(try ann.numbers().count == 20)
        #expect(ann.frameCount == 2)
        #expect(ann.flushCount == flushes + 1)
    }

    @Test("a run ends at its size, so that no list grows without bounds")
    func boundsRuns() throws {
        let fixture = ShardFixture { $0.runSize = 1024 }
        let ann = try fixture.join("ann", connection: 1)
        fixture.receive((0..<10).map { _ in fixture.message(size: 400) })
        #expect(try ann.numbers() == Array(2...11))
        #expect(ann.frameCount == 5)
    }

    @Test("the tables agree with a plain model after any order of joining and leaving", arguments: 0..<20)
    func followsModel(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        let fixture = ShardFixture()
        var sockets: [UInt64: TestSocket] = [:]
        var model: [UInt64: Set<String>] = [:]
        let rooms = (0..<5).map { "room-\($0)" }
        for _ in 0..<200 {
            let id = UInt64.random(in: 1...8, using: &generator)
            let room = rooms.randomElement(using: &generator) ?? ""
            switch Int.random(in: 0..<5, using: &generator) {
            case 0 where sockets[id] == nil:
                let chosen = rooms.filter { _ in Bool.random(using: &generator) }
                sockets[id] = try fixture.join("user-\(id % 3)", connection: id, channels: chosen)
                model[id] = Set(chosen)
            case 1 where sockets[id] != nil:
                fixture.subscribe(id, "user-\(id % 3)", room)
                model[id]?.insert(room)
            case 2:
                fixture.unsubscribe(id, room)
                model[id]?.remove(room)
            case 3 where Int.random(in: 0..<4, using: &generator) == 0:
                fixture.receive([.closed(ShardFixture.connection(id))])
                sockets[id] = nil
                model[id] = nil
            default:
                fixture.post(room)
            }
            let number = fixture.position + 1
            fixture.post(room)
            for (id, socket) in sockets {
                let isMember = model[id]?.contains(room) == true
                #expect(try socket.numbers().contains(number) == isMember, "seed \(seed)")
            }
        }
        for id in sockets.keys { fixture.receive([.closed(ShardFixture.connection(id))]) }
        #expect(fixture.shard.tables.connections.isEmpty)
        #expect(fixture.shard.tables.channels.isEmpty)
        #expect(fixture.shard.tables.users.isEmpty)
    }
}
