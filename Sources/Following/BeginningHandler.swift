import EventLog
import HTTPTypes
package import Hub
import LogValues
import NIOCore
import NIOPosix
import Web

/// What a copy of a log needs besides its segments where the first ones were dropped: `GET /log/snapshots` and
/// `GET /log/snapshots/{name}`, the newest snapshot, signed; `GET /log/hashes`, the leaf hashes of all lines.
package struct BeginningHandler: RequestHandler {
    package static let snapshotsPath = "/log/snapshots"
    package static let hashesPath = "/log/hashes"
    private static let defaultLimit: UInt64 = 1 << 20
    private static let maximumLimit: UInt64 = 8 << 20

    package let gate: LogGate
    package let access: NodeAccess
    /// A follower signs for nobody.
    package let isFollower: Bool

    package init(gate: LogGate, access: NodeAccess, isFollower: Bool) {
        self.gate = gate
        self.access = access
        self.isFollower = isFollower
    }

    func respond(to request: APIRequest) async -> APIResponse {
        if let refusal = self.access.refusal(of: request) { return refusal }
        guard !self.isFollower else {
            return .refusal(.misdirectedRequest, "This node is a follower; its primary shows the log.")
        }
        guard let log = self.gate.log else { return .unavailable("the log is being opened; try again") }
        do {
            switch request.path {
            case Self.hashesPath: return try await self.hashes(of: log, request)
            case Self.snapshotsPath: return try await self.newest(of: log)
            default: return try await self.snapshot(of: log, request)
            }
        } catch {
            return .refusal(.internalServerError, "\(error)")
        }
    }

    /// Reads the file to the end, since it is signed: a tenth of a second for each 100 MB.
    private func newest(of log: OpenLog) async throws -> APIResponse {
        let entry = try await NIOThreadPool.singleton.runIfActive { try log.snapshotShipment.newest() }
        let note = entry.map {
            SnapshotNote(origin: log.key.origin, name: $0.name, sizeBytes: $0.sizeBytes, digest: $0.digest)
        }
        return .json(SnapshotOffer(note: note?.signed(by: log.key).bytes).json)
    }

    private func snapshot(of log: OpenLog, _ request: APIRequest) async throws -> APIResponse {
        guard let name = SnapshotName(fileName: String(request.path.dropFirst(Self.snapshotsPath.utf8.count + 1)))
        else {
            return .notFound
        }
        var errors = ValidationErrors()
        let (offset, limit) = Self.range(request, &errors)
        guard errors.isEmpty else { return .invalid(errors) }
        let bytes = try await NIOThreadPool.singleton.runIfActive {
            try log.snapshotShipment.bytes(of: name, from: offset, limit: limit)
        }
        return bytes.map { Self.response($0) } ?? .notFound
    }

    private func hashes(of log: OpenLog, _ request: APIRequest) async throws -> APIResponse {
        var errors = ValidationErrors()
        let (offset, limit) = Self.range(request, &errors)
        guard errors.isEmpty else { return .invalid(errors) }
        let size = UInt64(Hash256.byteCount)
        let bytes = try await NIOThreadPool.singleton.runIfActive {
            let tree = try HashTree(in: log.directory, .read, fileSystem: log.fileSystem)
            let first = min(offset / size, tree.size)
            return try tree.leafBytes(first..<first + min(limit / size, tree.size - first))
        }
        return Self.response(bytes)
    }

    private static func response(_ bytes: [UInt8]) -> APIResponse {
        var headers = HTTPFields()
        headers[.contentType] = "application/octet-stream"
        return APIResponse(status: .ok, headers: headers, body: ByteBuffer(bytes: bytes))
    }

    /// Which bytes are asked for; what is wrong with the parameters is added.
    private static func range(_ request: APIRequest, _ errors: inout ValidationErrors) -> (
        offset: UInt64, limit: UInt64
    ) {
        let offset = errors.number(request, "offset") ?? 0
        let limit = errors.number(request, "limit") ?? Self.defaultLimit
        return (offset, min(limit, Self.maximumLimit))
    }
}

extension OpenLog {
    fileprivate var snapshotShipment: SnapshotShipment {
        SnapshotShipment(SnapshotStore(in: self.directory, fileSystem: self.fileSystem))
    }
}
