import Projections
import RawJSON

/// Gives `type` back to those who sent one with a message.
///
/// A caller cannot choose the type of a message, and it is no part of what is kept. But upstream's answer shows it where
/// the call did, and clients that were written against it may look there; so it is put into the answer afterwards, where
/// the message ends. The hub and the log know nothing of it.
struct TypeEcho: Equatable, Sendable {
    /// Positions in the answer, ascending.
    private let positions: [Int]

    /// - Parameter items: The messages of a call, of which those to nobody are not answered.
    init(_ items: [MessageBody.Item]) {
        guard items.contains(where: \.givesType) else {
            self.positions = []
            return
        }
        let answered = items.filter { !$0.message.addressing.reachesNobody }
        self.positions = answered.indices.filter { answered[$0].givesType }
    }

    /// The reply to the call, with `"type":"message"` in the messages that came with a type.
    func added(to reply: Reply) -> Reply {
        guard !self.positions.isEmpty, case .json(let answer) = reply else { return reply }
        do throws(RawJSONError) {
            return .json(try self.added(to: answer))
        } catch {
            assertionFailure("the hub answers a list of messages: \(error)")
            return reply
        }
    }

    private func added(to answer: [UInt8]) throws(RawJSONError) -> [UInt8] {
        let result = answer.withUnsafeBytes { bytes in
            do throws(RawJSONError) {
                return Result<[UInt8], RawJSONError>.success(try self.rewritten(bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func rewritten(_ answer: UnsafeRawBufferPointer) throws(RawJSONError) -> [UInt8] {
        var scanner = JSONScanner(answer, maximumDepth: JSONScanner.deepestLimit)
        var writer = JSONWriter(capacity: answer.count + self.positions.count * 20)
        var rest = self.positions[...]
        var index = 0
        writer.beginArray()
        try scanner.beginArray()
        while try scanner.nextElement() {
            let message = try scanner.readValue()
            if rest.first == index {
                rest.removeFirst()
                writer.beginObject()
                writer.members(of: message.rawJSON())
                writer.key("type")
                writer.string("message")
                writer.endObject()
            } else {
                writer.value(message)
            }
            index += 1
        }
        writer.endArray()
        return writer.bytes
    }
}

extension Addressing {
    /// Whether neither a channel nor users are named: such a message is dropped.
    fileprivate var reachesNobody: Bool { self.channel == nil && self.only.isEmpty }
}
