import Hub
import Projections
import RawJSON
import Web

/// The body of `/info`, where there is one.
struct InfoBody: ObjectBody {
    private var info = Field<InfoOptions>.absent

    init() {}

    mutating func readMember(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError) {
        switch name {
        case "info":
            self.info = try NestedField<InfoOptionsBody>().read(from: &scanner)
        default:
            try scanner.skipValue()
        }
    }

    func finish() -> Result<InfoOptions, ValidationFailure> {
        var errors = ValidationErrors()
        let info = errors.require(self.info, "info")
        guard let info, errors.isEmpty else { return .failure(ValidationFailure(errors: errors)) }
        return .success(info)
    }
}

/// The contents that a channels_info is to have.
struct InfoOptionsBody: ObjectBody {
    private var channels = Field<[ChannelName]>.absent
    private var excluded = Field<[ChannelName]>.absent
    private var includesHistory = Field<Bool>.absent
    private var includesUsers = Field<Bool>.absent
    private var publicStateOnly = Field<Bool>.absent
    /// Accepted, and without effect, as upstream has it.
    private var includesConnections = Field<Bool>.absent

    init() {}

    mutating func readMember(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError) {
        switch name {
        case "channels":
            self.channels = try ListField(item: ChannelNameField()).read(from: &scanner)
        case "exclude_channels":
            self.excluded = try ListField(item: ChannelNameField()).read(from: &scanner)
        case "include_history":
            self.includesHistory = try BooleanField().read(from: &scanner)
        case "include_users":
            self.includesUsers = try BooleanField().read(from: &scanner)
        case "return_public_state":
            self.publicStateOnly = try BooleanField().read(from: &scanner)
        case "include_connections":
            self.includesConnections = try BooleanField().read(from: &scanner)
        default:
            try scanner.skipValue()
        }
    }

    func finish() -> Result<InfoOptions, ValidationFailure> {
        var errors = ValidationErrors()
        errors.collect(self.includesHistory, "include_history")
        errors.collect(self.includesUsers, "include_users")
        errors.collect(self.channels, "channels")
        errors.collect(self.excluded, "exclude_channels")
        errors.collect(self.includesConnections, "include_connections")
        errors.collect(self.publicStateOnly, "return_public_state")
        guard errors.isEmpty else { return .failure(ValidationFailure(errors: errors)) }
        var options = InfoOptions()
        options.channels = self.channels.value?.uniqued()
        options.excluded = self.excluded.value ?? []
        options.includesHistory = self.includesHistory.value ?? true
        options.includesUsers = self.includesUsers.value ?? true
        options.publicStateOnly = self.publicStateOnly.value ?? false
        return .success(options)
    }
}
