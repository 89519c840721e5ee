import EventLog
import Foundation
import LogValues

/// Reads the vectors beside the tests.
enum Fixtures {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: self.folder.appending(path: path)))
    }

    static func decode<T: Decodable>(_ type: T.Type, from path: String) throws -> T {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(self.bytes(path)))
    }
}

extension Array where Element == UInt8 {
    /// Nil unless the text is hexadecimal with two digits a byte.
    init?(hex: String) {
        var bytes: [UInt8] = []
        var rest = Substring(hex)
        while !rest.isEmpty {
            guard rest.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        self = bytes
    }
}

extension Hash256 {
    /// Nil unless the text is hexadecimal for 32 bytes.
    init?(hex: String) {
        guard let bytes = [UInt8](hex: hex), let hash = Hash256(bytes: bytes.span) else {
            return nil
        }
        self = hash
    }

    static func leaf(_ text: String) -> Hash256 { Hash256.leaf(Array(text.utf8).span) }
}

extension LZ4FrameWriter {
    /// Compresses a text, and copies what is to be written.
    mutating func block(_ text: [UInt8]) throws -> [UInt8] {
        try self.block(text.span)
        return self.withOutput { Array($0) }
    }

    /// Ends the frame, and copies what is to be written.
    mutating func ending() throws -> [UInt8] {
        try self.end()
        return self.withOutput { Array($0) }
    }
}
