import Foundation
import Testing

/// Cases of the protocol (RFC 6455), agreed upon with an independent implementation.
struct WebSocketVectors: Decodable {
    struct Handshake: Decodable, Sendable {
        let key: String
        let accept: String
    }

    struct Frames: Decodable, Sendable, CustomTestStringConvertible {
        /// One of these is set; a `close` without code is there with a null.
        struct Expected: Decodable, Sendable {
            let text: String?
            let binary: String?
            let pong: String?
            let close: UInt16?

            enum CodingKeys: String, CodingKey {
                case text
                case binary = "binary_hex"
                case pong = "pong_hex"
                case close
            }
        }

        let what: String
        let bytes: String
        let expected: [Expected]
        let closeCode: UInt16?

        enum CodingKeys: String, CodingKey {
            case what
            case bytes = "client_bytes_hex"
            case expected = "expect"
            case closeCode = "close_code"
        }

        var testDescription: String { self.what }
    }

    let handshake: [Handshake]
    let frames: [Frames]

    static let all: WebSocketVectors = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/websocket.json")
        do {
            return try JSONDecoder().decode(WebSocketVectors.self, from: Data(contentsOf: file))
        } catch {
            preconditionFailure("the vectors are part of the repository: \(error)")
        }
    }()
}

extension String {
    /// The bytes that these hexadecimal digits stand for.
    var hexBytes: [UInt8] {
        let digits = Array(self.utf8)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)
        }
    }
}
