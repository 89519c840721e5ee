import Projections
import RawJSON
import Web

/// The fields that say who gets a message, which posts, edits and deletions share.
struct AddressingFields {
    private var channel = Field<ChannelName>.absent
    private var only = Field<[UserName]>.absent
    private var except = Field<[UserName]>.absent
    private var keepsOutOfHistory = Field<Bool>.absent

    /// Reads the member if it is one of these.
    ///
    /// - Returns: Whether it was.
    mutating func readMember(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError) -> Bool {
        switch name {
        case "channel":
            self.channel = try ChannelNameField().readNullable(from: &scanner)
        case "pm_users":
            self.only = try ListField(item: UserNameField()).read(from: &scanner)
        case "exclude_users":
            self.except = try ListField(item: UserNameField()).read(from: &scanner)
        case "no_history":
            self.keepsOutOfHistory = try BooleanField().read(from: &scanner)
        default:
            return false
        }
        return true
    }

    func collect(into errors: inout ValidationErrors) {
        errors.collect(self.only, "pm_users")
        errors.collect(self.except, "exclude_users")
        errors.collect(self.channel, "channel")
        errors.collect(self.keepsOutOfHistory, "no_history")
    }

    var addressing: Addressing {
        Addressing(channel: self.channel.value, only: self.only.value ?? [], except: self.except.value ?? [])
    }

    var isKeptOutOfHistory: Bool { self.keepsOutOfHistory.value ?? false }
}
