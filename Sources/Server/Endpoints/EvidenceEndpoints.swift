import Archive
import EventLog
import Following
import HTTPTypes
package import Hub
import LogValues
import Projections
import Synchronization
package import Web

/// The log's evidence over HTTP, an endpoint a file: its key, its newest checkpoint, proofs, and receipts for messages.
package struct EvidenceEndpoints: Sendable {
    let gate: LogGate
    /// Who may ask for what does not show contents, but how the log grows.
    let access: Access
    private let desk: EvidenceDesk

    /// - Parameters:
    ///   - gate: Where the log appears when it was replayed.
    ///   - sink: The hub, which is asked for a checkpoint where none covers a line yet.
    ///   - isPublic: Whether checkpoints and the proofs that connect them are for everybody (`public_checkpoints`).
    package init(gate: LogGate, sink: any CommandSink, isPublic: Bool) {
        self.gate = gate
        self.access = isPublic ? .everybody : .backend
        self.desk = EvidenceDesk(sink: sink)
    }

    package var all: [Endpoint] {
        [self.key, self.checkpoint, self.inclusionProof, self.consistencyProof, self.messageProof]
    }
}

extension EvidenceEndpoints {
    typealias Make = @Sendable (APIRequest, LogEvidence) async throws(Refusal) -> APIResponse

    func endpoint(
        _ path: PathPattern,
        for access: Access,
        _ operation: Operation,
        making make: @escaping Make
    ) -> Endpoint {
        Endpoint(.get, path, for: access, operation.of("Evidence", refusing: [404, 500]), from: self.gate) {
            (request, log) async throws(Refusal) in
            try await make(request, self.desk.evidence(of: log))
        }
    }

    static func ask<Answer: Sendable>(
        _ question: () async throws(EvidenceError) -> Answer
    ) async throws(Refusal) -> Answer {
        do {
            return try await question()
        } catch {
            throw Refusal(error)
        }
    }
}

extension Refusal {
    init(_ error: EvidenceError) {
        switch error {
        case .unavailable, .notCovered:
            self = .unavailable(error.description)
        case .sizesTurnedAround, .lineBeyondSize:
            self.init(.unprocessableContent, error.description)
        case .failed:
            self.init(.internalServerError, error.description)
        case .noCheckpoint, .noCheckpointOfSize, .noLine, .noSize, .dropped, .lineDropped, .unknownMessage,
            .noSuchEvent:
            self.init(.notFound, error.description)
        }
    }
}

extension APIRequest {
    /// Whether the client names JSON among the types that it accepts; otherwise it gets the text forms.
    var prefersJSON: Bool {
        self.headers[values: .accept].contains { $0.lowercased().contains("application/json") }
    }
}

/// Makes the one ``LogEvidence`` of an open log when the first question comes.
private final class EvidenceDesk: Sendable {
    private let sink: any CommandSink
    private let made = Mutex<LogEvidence?>(nil)

    init(sink: any CommandSink) {
        self.sink = sink
    }

    func evidence(of log: OpenLog) -> LogEvidence {
        self.made.withLock { made in
            let evidence = made ?? LogEvidence(self.source(log))
            made = evidence
            return evidence
        }
    }

    private func source(_ log: OpenLog) -> LogEvidence.Source {
        let sink = self.sink
        return LogEvidence.Source(
            directory: log.directory,
            messages: log.index,
            end: { log.end },
            makeCheckpoint: {
                guard case .unavailable(let reason) = await sink.submit(.checkpoint) else { return nil }
                return reason
            }
        )
    }
}
