import LogValues
import Projections
import RawJSON

/// Which lines are about certain users, although many do not name them.
///
/// Lines about a connection carry its id only, edits and deletions the message's, erasures numbers of lines. So it must
/// see every line from the first on, and remembers what belongs to the users.
struct UserTrail {
    private let users: [[UInt8]]
    private var connections: Set<UUID128> = []
    private var messages: Set<UUID128> = []
    private var lines: Set<UInt64> = []

    /// - Parameter users: Names in UTF-8.
    init(_ users: [[UInt8]]) {
        self.users = users
    }

    /// Takes the next line of the log, and says whether it is about one of the users.
    mutating func follows(_ fields: LineFields, at line: UInt64) -> Bool {
        let data = fields.data
        let isNamed = data.names(userIn: self.users)
        guard isNamed || self.concerns(fields, data) else { return false }
        self.lines.insert(line)
        if isNamed, fields.type.equals("user.connected"), let id = data.connectionValue {
            self.connections.insert(id)
        }
        if fields.type.begins(with: "message."), let id = data.uuidValue {
            self.messages.insert(id)
        }
        return true
    }

    private func concerns(_ fields: LineFields, _ data: DataFields) -> Bool {
        if fields.type.begins(with: "connection.") {
            return data.connectionValue.map { self.connections.contains($0) } ?? false
        }
        if fields.type.begins(with: "message.") {
            return data.uuidValue.map { self.messages.contains($0) } ?? false
        }
        return data.lines.contains { self.lines.contains($0) }
    }
}
