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
        var errors = ValidationErrors()
        guard let connection = errors.require(self.connection, "conn_id") else {
            return .failure(ValidationFailure(errors: errors))
        }
        return .success(connection)
    }
}
