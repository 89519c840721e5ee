import LogValues
import Projections
import RawJSON
import Web

/// The request of `POST /admin/erase`.
struct ErasureRequest: Equatable, Sendable {
    let target: ErasureTarget
    let reason: String
    /// Nil: whoever is signed in.
    let orderedBy: String?
    /// Only with a channel.
    let forgetsChannel: Bool
}

/// The body of `POST /admin/erase`: one of `message`, `user` and `channel`, and a reason.
struct EraseBody: ObjectBody {
    /// In Unicode scalars, as for names.
    private static let reasonLimit = 1024
    private static let orderedByLimit = 256

    private var message = Field<UUID128>.absent
    private var user = Field<UserName>.absent
    private var channel = Field<ChannelName>.absent
    private var reason = Field<[UInt8]>.absent
    private var orderedBy = Field<[UInt8]>.absent
    private var forgets = Field<Bool>.absent
    private var unknown = UnknownFields()

    init() {}

    mutating func readMember(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError) {
        switch name {
        case "message": self.message = try UUIDField().readNullable(from: &scanner)
        case "user": self.user = try UserNameField().readNullable(from: &scanner)
        case "channel": self.channel = try ChannelNameField().readNullable(from: &scanner)
        case "reason": self.reason = try BoundedText(maximum: Self.reasonLimit).read(from: &scanner)
        case "ordered_by": self.orderedBy = try BoundedText(maximum: Self.orderedByLimit).readNullable(from: &scanner)
        case "forget": self.forgets = try BooleanField().read(from: &scanner)
        default: try self.unknown.skip(name, in: &scanner)
        }
    }

    func finish() -> Result<ErasureRequest, ValidationFailure> {
        var errors = ValidationErrors()
        errors.collect(self.message, "message")
        errors.collect(self.user, "user")
        errors.collect(self.channel, "channel")
        errors.collect(self.orderedBy, "ordered_by")
        errors.collect(self.forgets, "forget")
        let reason = errors.require(self.reason, "reason")
        self.unknown.collect(into: &errors)
        let targets = [
            self.message.value.map { ErasureTarget.message($0) },
            self.user.value.map { .user($0) },
            self.channel.value.map { .channel($0) },
        ].compactMap(\.self)
        // Never a guess about what is to go.
        if errors.isEmpty, targets.count != 1 { errors.add(.message(.notOneTarget), at: "_schema") }
        if self.forgets.value == true, self.channel.value == nil {
            errors.add(.message(.onlyWithChannel), at: "forget")
        }
        guard errors.isEmpty, let reason, let target = targets.first else {
            return .failure(ValidationFailure(errors: errors))
        }
        return .success(
            ErasureRequest(
                target: target,
                reason: String(decoding: reason, as: UTF8.self),
                orderedBy: self.orderedBy.value.map { String(decoding: $0, as: UTF8.self) },
                forgetsChannel: self.forgets.value ?? false
            )
        )
    }
}
