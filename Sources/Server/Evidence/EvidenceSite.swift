import Archive
import EventLog
import HTTPTypes
package import Hub
import LogValues
import NIOCore
import Projections
import Synchronization
package import Web

/// The log's evidence over HTTP: its key, its newest checkpoint, proofs, and receipts for messages.
///
/// ``handlers`` go into an ``APIHandler``. Until the log was replayed, everything is 503.
package struct EvidenceSite: Sendable {
    private let desk: EvidenceDesk
    private let access: AccessControl
    private let isPublic: Bool

    /// - Parameters:
    ///   - gate: Where the log appears when it was replayed.
    ///   - sink: The hub, which is asked for a checkpoint where none covers a line yet.
    ///   - access: Who may ask for what is not public.
    ///   - isPublic: Whether checkpoints and the proofs that connect them are for everybody (`public_checkpoints`).
    package init(gate: LogGate, sink: any CommandSink, access: AccessControl, isPublic: Bool) {
        self.desk = EvidenceDesk(gate: gate, sink: sink)
        self.access = access
        self.isPublic = isPublic
    }

    /// By path, as ``APIHandler`` takes them.
    package var handlers: [String: any RequestHandler] {
        var handlers: [String: any RequestHandler] = [:]
        for page in Page.allCases where page != .message { handlers[page.rawValue] = Handler(site: self, page: page) }
        return handlers
    }

    /// Answers `/message/{uuid}/proof`; apart, since others answer below `/message/` as well.
    package var receipts: any RequestHandler { Handler(site: self, page: .message) }

    fileprivate enum Page: String, CaseIterable {
        case key = "/log/key"
        case checkpoint = "/log/checkpoint"
        case inclusion = "/log/proof/inclusion"
        case consistency = "/log/proof/consistency"
        /// Everything below: `/message/{uuid}/proof`.
        case message = "/message/"
    }

    private struct Handler: RequestHandler {
        let site: EvidenceSite
        let page: Page

        func respond(to request: APIRequest) async -> APIResponse {
            if let refusal = self.site.refusal(of: request, at: self.page) { return refusal }
            do throws(EvidenceRefusal) {
                switch self.page {
                case .key: return try self.site.key()
                case .checkpoint: return try await self.site.checkpoint()
                case .inclusion: return try await self.site.inclusion(request)
                case .consistency: return try await self.site.consistency(request)
                case .message: return try await self.site.receipt(request)
                }
            } catch {
                return error.response
            }
        }
    }

    private func refusal(of request: APIRequest, at page: Page) -> APIResponse? {
        switch page {
        // What a public key is good for depends on everybody having it.
        case .key: nil
        case .checkpoint, .consistency: self.isPublic ? nil : self.access.verdict(on: request).refusal
        case .inclusion, .message: self.access.verdict(on: request).refusal
        }
    }

    // MARK: Pages

    private func key() throws(EvidenceRefusal) -> APIResponse {
        guard let log = self.desk.log else { throw .notReady }
        return .text(Array("\(log.key.verifierKey.text)\n".utf8))
    }

    private func checkpoint() async throws(EvidenceRefusal) -> APIResponse {
        let evidence = try self.evidence()
        let newest = try await Self.asked { () throws(EvidenceError) in try await evidence.newestCheckpoint() }
        return .text(newest.note.bytes)
    }

    private func inclusion(_ request: APIRequest) async throws(EvidenceRefusal) -> APIResponse {
        let query = EvidenceQuery(request.query)
        let line = try query.line("seq")
        let size = try query.size("size")
        let evidence = try self.evidence()
        let proof = try await Self.asked { () throws(EvidenceError) in
            try await evidence.inclusion(of: line, inFirst: size)
        }
        guard !request.prefersJSON else { return .json(EvidenceWriter.json(proof)) }
        guard let receipt = proof.receipt() else { throw EvidenceRefusal(.noCheckpointOfSize(proof.size)) }
        return .text(receipt.bytes)
    }

    private func consistency(_ request: APIRequest) async throws(EvidenceRefusal) -> APIResponse {
        let query = EvidenceQuery(request.query)
        guard let from = try query.size("from") else { throw .missing("from") }
        let to = try query.size("to")
        let evidence = try self.evidence()
        let proof = try await Self.asked { () throws(EvidenceError) in
            try await evidence.consistency(from: from, to: to)
        }
        guard !request.prefersJSON else { return .json(EvidenceWriter.json(proof)) }
        guard let receipt = proof.receipt else { throw EvidenceRefusal(.noCheckpointOfSize(proof.newSize)) }
        return .text(receipt.bytes)
    }

    private func receipt(_ request: APIRequest) async throws(EvidenceRefusal) -> APIResponse {
        let parts = request.path.dropFirst(Page.message.rawValue.count)
            .split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1] == "proof" else { throw .notFound }
        guard let uuid = UUID128(lenient: parts[0].utf8) else { throw .notAUUID }
        let query = EvidenceQuery(request.query)
        let selector = try query.selector("event")
        let isRedacted = try query.isRedacted("line")
        let evidence = try self.evidence()
        var receipt = try await Self.asked { () throws(EvidenceError) in
            try await evidence.receipt(ofMessage: uuid, selector)
        }
        if isRedacted { receipt.redact() }
        // Without a checkpoint there is no receipt: the proof was asked for up to the newest one.
        guard let text = receipt.proof.receipt(extra: receipt.line.bytes)?.bytes else {
            throw EvidenceRefusal(.noCheckpoint)
        }
        return request.prefersJSON ? .json(EvidenceWriter.json(receipt, text: text)) : .text(text)
    }

    private func evidence() throws(EvidenceRefusal) -> LogEvidence {
        guard let evidence = self.desk.evidence() else { throw .notReady }
        return evidence
    }

    private static func asked<Answer: Sendable>(
        _ question: () async throws(EvidenceError) -> Answer
    ) async throws(EvidenceRefusal) -> Answer {
        do {
            return try await question()
        } catch {
            throw EvidenceRefusal(error)
        }
    }
}

/// Makes the one ``LogEvidence`` of an open log when the first question comes.
private final class EvidenceDesk: Sendable {
    private let gate: LogGate
    private let sink: any CommandSink
    private let made = Mutex<LogEvidence?>(nil)

    init(gate: LogGate, sink: any CommandSink) {
        self.gate = gate
        self.sink = sink
    }

    var log: OpenLog? { self.gate.log }

    /// Nil until the log was replayed.
    func evidence() -> LogEvidence? {
        guard let log = self.log else { return nil }
        return self.made.withLock { made in
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
            end: { log.end?.rawValue ?? 0 },
            makeCheckpoint: {
                guard case .unavailable(let reason) = await sink.submit(.checkpoint) else { return nil }
                return reason
            }
        )
    }
}
