import LogValues
import Projections
import RawJSON
import Web

/// The body of `POST /disconnect`: other members than `conn_id` are passed over.
struct DisconnectBody: ObjectBody {
    private var connection = Field<ConnectionID>.absent

    init() {}

    mutating func readMember(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError) {
        switch name {
        case "conn_id":
            self.connection = try UUIDField().read(from: &scanner)
        default:
            try scanner.skipValue()
        }
    }

    func finish() -> Result<ConnectionID, ValidationFailure> {
        ConnectionQuery.require(self.connection)
    }
}

/// The query parameter `conn_id`, where it names the connection.
enum ConnectionQuery {
    /// The connection, or what is wrong with it; nil stands for a parameter that is missing.
    static func read(_ text: [UInt8]?) -> Result<ConnectionID, ValidationFailure> {
        self.require(text.map { UUIDField.read($0.span) } ?? .absent)
    }

    fileprivate static func require(_ field: Field<ConnectionID>) -> Result<ConnectionID, ValidationFailure> {
        var errors = ValidationErrors()
        guard let connection = errors.require(field, "conn_id") else {
            return .failure(ValidationFailure(errors: errors))
        }
        return .success(connection)
    }
}
