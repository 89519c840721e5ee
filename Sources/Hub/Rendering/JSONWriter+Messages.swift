import LogValues
package import Projections
import RawJSON

/// The members that frames, answers and history entries have in common.
extension JSONWriter {
    /// Who, where and when.
    mutating func messageHead(_ message: Message) {
        self.key("uuid")
        self.uuid(message.uuid)
        self.key("timestamp")
        self.timestamp(message.givenTimestamp, else: message.postingTime)
        self.key("user")
        self.name(message.user)
        self.key("channel")
        self.nameOrNull(message.addressing.channel)
    }

    /// Which message is changed, and where.
    mutating func changedMessage(_ uuid: UUID128, _ addressing: Addressing) {
        self.key("uuid")
        self.uuid(uuid)
        self.key("channel")
        self.nameOrNull(addressing.channel)
    }

    /// Writes what no client can choose.
    mutating func messageTail(_ message: Message, catchUp: Bool) {
        self.key("type")
        self.string("message")
        self.key("edited")
        if let edited = message.edited {
            self.timestamp(edited)
        } else {
            self.null()
        }
        self.key("catchup")
        self.bool(catchUp)
    }

    /// Writes what an edit gives: its moment, and of author, timestamp and content what is there.
    mutating func editMembers(_ edit: MessageEdited, time: Timestamp) {
        if let user = edit.user {
            self.key("user")
            self.name(user)
        }
        if let timestamp = edit.timestamp {
            self.key("timestamp")
            self.timestamp(timestamp)
        }
        self.contentMembers(edit.content)
        self.key("edited")
        self.timestamp(edit.edited, else: time)
    }

    /// Who gets it, as the backend may see it.
    package mutating func deliveryMembers(_ addressing: Addressing, keepsOutOfHistory: Bool) {
        self.key("pm_users")
        self.names(addressing.only)
        self.key("exclude_users")
        self.names(addressing.except)
        self.key("no_history")
        self.bool(keepsOutOfHistory)
    }

    /// `message` and the extra keys, as they came in; nothing if they were erased.
    mutating func contentMembers(_ content: Content?) {
        if let plain = content?.plain {
            self.members(of: plain.json)
        }
    }

    /// The same for a message that may have been edited: the edit's `message` stands in place of the posted one, the
    /// extra keys stay.
    mutating func contentMembers(_ posted: Content?, editedBy edited: Content?) {
        guard let edited else { return self.contentMembers(posted) }
        self.members(of: posted?.plain?.json) { $0 != "message" }
        self.members(of: edited.plain?.json) { $0 == "message" }
    }

    /// The members of an object whose names are wanted.
    private mutating func members(of object: RawJSON?, where isWanted: (JSONString) -> Bool) {
        object?.withScanner { scanner in
            // Our own bytes, validated when they came in: there is nothing to be told of an error.
            do throws(RawJSONError) {
                try scanner.beginObject()
                while let name = try scanner.nextMember() {
                    let value = try scanner.readValue()
                    guard isWanted(name) else { continue }
                    name.withUTF8 { self.key(utf8: $0) }
                    self.value(value)
                }
            } catch {
                assertionFailure("content is valid JSON: \(error)")
            }
        }
    }

    /// A user as lists show them.
    mutating func userAndState(_ user: UserName, _ state: RawJSON) {
        self.beginObject()
        self.key("user")
        self.name(user)
        self.key("state")
        self.value(state)
        self.endObject()
    }
}
