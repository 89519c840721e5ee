import Following
import Hub
import Projections
import RawJSON
import Web

/// The body of `POST /user_state`.
struct UserStateBody: ObjectBody {
    private var user = Field<UserName>.absent
    private var state = Field<RawJSON>.absent
    private var publicKeys = Field<[[UInt8]]>.absent

    init() {}

    mutating func readMember(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError) {
        switch name {
        case "user":
            self.user = Self.addingUnknownUser(to: try UserNameField().read(from: &scanner))
        case "user_state":
            self.state = try ScalarMapField().read(from: &scanner)
        case "state_public_keys":
            self.publicKeys = try ListField(item: StateKeyField()).readNullable(from: &scanner)
        default:
            try scanner.skipValue()
        }
    }

    func finish() -> Result<Command.SetUserState, ValidationFailure> {
        var errors = ValidationErrors()
        let user = errors.require(self.user, "user")
        errors.collect(self.state, "user_state")
        errors.collect(self.publicKeys, "state_public_keys")
        guard let user, errors.isEmpty else {
            return .failure(ValidationFailure(errors: errors, subject: user.map { .user($0) }))
        }
        return .success(
            Command.SetUserState(user: user, state: self.state.value, publicKeys: self.publicKeys.value)
        )
    }

    /// No user has a name that is too long, so that the second message needs no look at the state.
    private static func addingUnknownUser(to field: Field<UserName>) -> Field<UserName> {
        let tooLong = ValidationMessage.length(maximum: NameLimit.user)
        return field == .invalid(.message(tooLong)) ? .invalid(.messages([tooLong, .unknownUser])) : field
    }
}
