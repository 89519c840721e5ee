import Archive
import Following
import Hub
import Projections
import RawJSON
import Web

/// The body of `POST /channel_config`: a map from channels to settings.
///
/// What is wrong with an entry is told without its channel's name, as upstream does; the first entry with faults is the
/// one that is told about.
struct ChannelConfigBody: ObjectBody {
    private var entries: [(name: ChannelName, result: Result<ChannelSettings, ValidationFailure>)] = []
    private var indexes: [ChannelName: Int] = [:]
    private var nameErrors = ValidationErrors()

    init() {}

    mutating func readMember(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError) {
        let settings = try ChannelSettingsBody.read(from: &scanner)
        let utf8 = name.decodedUTF8()
        guard (1...NameLimit.channel).contains(name.scalarCount) else {
            self.nameErrors.add(.message(.length(maximum: NameLimit.channel)), at: utf8)
            return
        }
        let channel = ChannelName(utf8: utf8)
        if let index = self.indexes[channel] {
            self.entries[index].result = settings
        } else {
            self.indexes[channel] = self.entries.count
            self.entries.append((channel, settings))
        }
    }

    func finish() -> Result<[ChannelSeed], ValidationFailure> {
        guard self.nameErrors.isEmpty else { return .failure(ValidationFailure(errors: self.nameErrors)) }
        var seeds: [ChannelSeed] = []
        seeds.reserveCapacity(self.entries.count)
        for entry in self.entries {
            switch entry.result {
            case .success(let settings): seeds.append(ChannelSeed(name: entry.name, settings: settings))
            case .failure(let failure): return .failure(failure)
            }
        }
        return .success(seeds)
    }
}

/// The settings of one channel; what is left out has its default.
struct ChannelSettingsBody: ObjectBody {
    private var notifyPresence = Field<Bool>.absent
    private var storesHistory = Field<Bool>.absent
    private var historySize = Field<UInt32>.absent
    private var broadcastsUserLists = Field<Bool>.absent
    private var notifyState = Field<Bool>.absent
    private var storesFrames = Field<Bool>.absent

    init() {}

    mutating func readMember(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError) {
        switch name {
        case "notify_presence":
            self.notifyPresence = try BooleanField().read(from: &scanner)
        case "store_history":
            self.storesHistory = try BooleanField().read(from: &scanner)
        case "history_size":
            self.historySize = try CountField().read(from: &scanner)
        case "broadcast_presence_with_user_lists":
            self.broadcastsUserLists = try BooleanField().read(from: &scanner)
        case "notify_state":
            self.notifyState = try BooleanField().read(from: &scanner)
        case "store_frames":
            self.storesFrames = try BooleanField().read(from: &scanner)
        default:
            try scanner.skipValue()
        }
    }

    func finish() -> Result<ChannelSettings, ValidationFailure> {
        var errors = ValidationErrors()
        errors.collect(self.notifyPresence, "notify_presence")
        errors.collect(self.storesHistory, "store_history")
        errors.collect(self.historySize, "history_size")
        errors.collect(self.broadcastsUserLists, "broadcast_presence_with_user_lists")
        errors.collect(self.notifyState, "notify_state")
        errors.collect(self.storesFrames, "store_frames")
        guard errors.isEmpty else { return .failure(ValidationFailure(errors: errors)) }
        var settings = ChannelSettings()
        settings.notifyPresence = self.notifyPresence.value ?? settings.notifyPresence
        settings.storesHistory = self.storesHistory.value ?? settings.storesHistory
        settings.historySize = self.historySize.value ?? settings.historySize
        settings.broadcastsUserLists = self.broadcastsUserLists.value ?? settings.broadcastsUserLists
        settings.notifyState = self.notifyState.value ?? settings.notifyState
        settings.storesFrames = self.storesFrames.value ?? settings.storesFrames
        return .success(settings)
    }
}
