import Archive
import EventLog
import HTTPTypes
import LogValues
import NIOCore
import Projections
import Web

/// What a request for evidence asks about.
struct EvidenceQuery {
    private let query: QueryParameters

    init(_ query: QueryParameters) {
        self.query = query
    }

    /// A line's number, from 1.
    func line(_ name: StaticString) throws(EvidenceRefusal) -> SequenceNumber {
        guard let number = try self.size(name) else { throw .missing(name) }
        guard number > 0 else { throw EvidenceRefusal(.unprocessableContent, "Lines are counted from 1.") }
        return SequenceNumber(number)
    }

    /// A log's size, in lines; nil if the parameter is not there.
    func size(_ name: StaticString) throws(EvidenceRefusal) -> UInt64? {
        switch self.query.number(name) {
        case .absent: return nil
        case .valid(let number): return number
        case .invalid: throw .invalid(name, .notAnInteger)
        }
    }

    /// Whether a receipt shows what people wrote, or the line in its redacted form.
    func isRedacted(_ name: StaticString) throws(EvidenceRefusal) -> Bool {
        switch self.query.string(name) {
        case nil, "whole": return false
        case "redacted": return true
        case .some: throw EvidenceRefusal(.unprocessableContent, "\"line\" is whole or redacted.")
        }
    }

    /// Which of a message's events is meant; its post if nothing is said.
    func selector(_ name: StaticString) throws(EvidenceRefusal) -> MessageEventSelector {
        guard let text = self.query.string(name) else { return .post }
        guard let selector = MessageEventSelector(text) else {
            throw EvidenceRefusal(
                .unprocessableContent,
                "\"event\" is post, edit, delete or erase, with a number behind a colon where there are several: edit:2."
            )
        }
        return selector
    }
}

extension APIRequest {
    /// Whether the client names JSON among the types that it accepts; otherwise it gets the text forms.
    var prefersJSON: Bool {
        self.headers[values: .accept].contains { $0.lowercased().contains("application/json") }
    }
}

/// Why a request for evidence is answered otherwise.
struct EvidenceRefusal: Error {
    let response: APIResponse

    private init(_ response: APIResponse) {
        self.response = response
    }

    init(_ status: HTTPResponse.Status, _ reason: String) {
        self.init(.refusal(status, reason))
    }

    init(_ error: EvidenceError) {
        switch error {
        case .unavailable, .notCovered:
            self.init(.unavailable(error.description))
        case .sizesTurnedAround, .lineBeyondSize:
            self.init(.unprocessableContent, error.description)
        case .failed:
            self.init(.internalServerError, error.description)
        case .noCheckpoint, .noCheckpointOfSize, .noLine, .noSize, .dropped, .lineDropped, .unknownMessage,
            .noSuchEvent:
            self.init(.notFound, error.description)
        }
    }

    static let notReady = EvidenceRefusal(.unavailable("the log is being replayed; try again"))
    static let notFound = EvidenceRefusal(.notFound)
    static let notAUUID = Self.invalid("uuid", .notAUUID)

    static func missing(_ name: StaticString) -> EvidenceRefusal { self.invalid(name, .missing) }

    static func invalid(_ name: StaticString, _ message: ValidationMessage) -> EvidenceRefusal {
        EvidenceRefusal(.invalid(ValidationErrors(name, message)))
    }
}

extension APIResponse {
    /// UTF-8 text.
    static func text(_ bytes: [UInt8]) -> APIResponse {
        APIResponse(
            status: .ok,
            headers: [.contentType: "text/plain; charset=utf-8", .xContentTypeOptions: "nosniff"],
            body: ByteBuffer(bytes: bytes)
        )
    }
}
