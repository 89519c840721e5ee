import Hub
import LogValues
import Projections
import RawJSON
import Web

/// One item of `POST /message`: the happy path is one pass over its bytes.
struct MessageBody: ObjectBody {
    private var uuid = Field<UUID128>.absent
    private var user = Field<UserName>.absent
    private var timestamp = Field<[UInt8]>.absent
    private var addressing = AddressingFields()
    private var content = ContentFields()
    private var namesType = false

    init() {}

    mutating func readMember(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError) {
        switch name {
        case "user":
            self.user = try UserNameField().read(from: &scanner)
        case "message":
            try self.content.readMessage(from: &scanner)
        case "uuid":
            self.uuid = try UUIDField().read(from: &scanner)
        case "timestamp":
            self.timestamp = try DateTimeField().read(from: &scanner)
        case "type":
            self.namesType = true
            try scanner.skipValue()
        case "catchup", "edited":
            // Ours to say: a client cannot choose them.
            try scanner.skipValue()
        default:
            if try !self.addressing.readMember(name, from: &scanner) {
                try self.content.readExtra(name, from: &scanner)
            }
        }
    }

    func finish() -> Result<Command.PostMessage, ValidationFailure> {
        var errors = ValidationErrors()
        let user = errors.require(self.user, "user")
        self.addressing.collect(into: &errors)
        errors.collect(self.uuid, "uuid")
        errors.collect(self.timestamp, "timestamp")
        self.content.collect(into: &errors)
        guard let user, errors.isEmpty else { return .failure(ValidationFailure(errors: errors)) }
        return .success(
            Command.PostMessage(
                uuid: self.uuid.value,
                user: user,
                addressing: self.addressing.addressing,
                keepsOutOfHistory: self.addressing.isKeptOutOfHistory,
                timestamp: self.timestamp.value,
                content: self.content.json,
                namesType: self.namesType
            )
        )
    }
}

/// One item of `PATCH /message`.
struct MessageEditBody: ObjectBody {
    private var uuid = Field<UUID128>.absent
    private var user = Field<UserName>.absent
    private var timestamp = Field<[UInt8]>.absent
    private var edited = Field<[UInt8]>.absent
    private var addressing = AddressingFields()
    private var content = ContentFields()

    init() {}

    mutating func readMember(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError) {
        switch name {
        case "uuid":
            self.uuid = try UUIDField().read(from: &scanner)
        case "message":
            try self.content.readMessage(from: &scanner)
        case "user":
            self.user = try UserNameField().read(from: &scanner)
        case "timestamp":
            self.timestamp = try DateTimeField().read(from: &scanner)
        case "edited":
            self.edited = try DateTimeField().read(from: &scanner)
        case "type", "catchup":
            try scanner.skipValue()
        default:
            if try !self.addressing.readMember(name, from: &scanner) {
                try self.content.readExtra(name, from: &scanner)
            }
        }
    }

    func finish() -> Result<Command.EditMessage, ValidationFailure> {
        var errors = ValidationErrors()
        let uuid = errors.require(self.uuid, "uuid")
        self.addressing.collect(into: &errors)
        errors.collect(self.user, "user")
        errors.collect(self.timestamp, "timestamp")
        self.content.collect(into: &errors)
        errors.collect(self.edited, "edited")
        guard let uuid, errors.isEmpty else { return .failure(ValidationFailure(errors: errors)) }
        return .success(
            Command.EditMessage(
                uuid: uuid,
                user: self.user.value,
                addressing: self.addressing.addressing,
                keepsOutOfHistory: self.addressing.isKeptOutOfHistory,
                timestamp: self.timestamp.value,
                edited: self.edited.value,
                content: self.content.json
            )
        )
    }
}

/// One item of `DELETE /message`.
struct MessageDeleteBody: ObjectBody {
    private var uuid = Field<UUID128>.absent
    private var addressing = AddressingFields()

    init() {}

    mutating func readMember(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError) {
        switch name {
        case "uuid":
            self.uuid = try UUIDField().read(from: &scanner)
        default:
            if try !self.addressing.readMember(name, from: &scanner) {
                try scanner.skipValue()
            }
        }
    }

    func finish() -> Result<MessageDeleted, ValidationFailure> {
        var errors = ValidationErrors()
        let uuid = errors.require(self.uuid, "uuid")
        self.addressing.collect(into: &errors)
        guard let uuid, errors.isEmpty else { return .failure(ValidationFailure(errors: errors)) }
        return .success(
            MessageDeleted(
                uuid: uuid,
                addressing: self.addressing.addressing,
                keepsOutOfHistory: self.addressing.isKeptOutOfHistory
            )
        )
    }
}
