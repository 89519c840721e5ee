import EventLog
import HTTPTypes
import Hub
import LogValues
import Projections
import Web

/// The snapshots and hashes, which a copy of a log needs besides its segments where the first ones were dropped.
extension LogEndpoints {
    /// `GET /log/snapshots`: what the node signs of its newest snapshot.
    ///
    /// Reads the file to the end, since it is signed: a tenth of a second for each 100 MB.
    var snapshots: Endpoint {
        let operation = Operation(
            "log_snapshots",
            "What the node signs of its newest snapshot",
            answers: "SnapshotOffer"
        )
        return self.ofPrimary(.get, NodeAPI.snapshots, operation) { (_, log) async throws(Refusal) in
            let entry = try await Endpoint.reading { try log.snapshotShipment.newest() }
            let note = entry.map {
                SnapshotNote(origin: log.key.origin, name: $0.name, sizeBytes: $0.sizeBytes, digest: $0.digest)
            }
            return .json(SnapshotOffer(note: note?.signed(by: log.key).bytes).json)
        }
    }

    /// `GET /log/snapshots/{name}`: bytes of a snapshot's file.
    var snapshot: Endpoint {
        let operation = Operation(
            "log_snapshot",
            "Bytes of a snapshot's file",
            parameters: [.path("name", "The snapshot's file name")] + FileRange.parameters,
            answers: .bytes,
            refusals: [404, 422]
        )
        return self.ofPrimary(.get, NodeAPI.snapshots + "/{name}", operation) { (request, log) async throws(Refusal) in
            guard let name = SnapshotName(fileName: String(decoding: request.variable, as: UTF8.self)) else {
                throw .notFound
            }
            let range = try Parameters.read(request.query) { FileRange(&$0) }
            let bytes = try await Endpoint.reading {
                try log.snapshotShipment.bytes(of: name, from: range.offset, limit: range.limit)
            }
            guard let bytes else { throw .notFound }
            return .bytes(bytes)
        }
    }

    /// `GET /log/hashes`: the leaf hashes of all lines.
    var hashes: Endpoint {
        let operation = Operation(
            "log_hashes",
            "The leaf hashes of the log's lines, 32 bytes each",
            parameters: FileRange.parameters,
            answers: .bytes,
            refusals: [422]
        )
        return self.ofPrimary(.get, NodeAPI.hashes, operation) { (request, log) async throws(Refusal) in
            let range = try Parameters.read(request.query) { FileRange(&$0) }
            let size = UInt64(Hash256.byteCount)
            let bytes = try await Endpoint.reading {
                let tree = try HashTree(in: log.directory, .read, fileSystem: log.fileSystem)
                let first = min(range.offset / size, tree.size)
                return try tree.leafBytes(first..<first + min(range.limit / size, tree.size - first))
            }
            return .bytes(bytes)
        }
    }
}

extension OpenLog {
    fileprivate var snapshotShipment: SnapshotShipment {
        SnapshotShipment(SnapshotStore(in: self.directory, fileSystem: self.fileSystem))
    }
}
