import Foundation
import Testing

/// A text of `Fixtures/json.json`, with the verdict of RFC 8259.
struct JSONVector: Sendable, CustomTestStringConvertible {
    let name: String
    let text: [UInt8]
    let isValid: Bool
    /// Which trap of passing raw bytes through it is, if any.
    let trap: String?
    /// Which limit of an implementation may refuse it although it is valid.
    let limit: String?

    var testDescription: String { self.name }

    static let all: [JSONVector] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/json.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(File.self, from: Data(contentsOf: file)).cases.map(JSONVector.init)
        } catch {
            preconditionFailure("the vectors can be read: \(error)")
        }
    }()

    static let valid = Self.all.filter(\.isValid)
    static let invalid = Self.all.filter { !$0.isValid }

    private init(_ entry: Entry) {
        self.name = entry.name
        self.text = entry.repeat?.text ?? Self.bytes(hex: entry.hex ?? "")
        self.isValid = entry.rfc8259 == "accept"
        self.trap = entry.class
        self.limit = entry.limit
    }

    private static func bytes(hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue).map(UInt8.init)
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

private struct File: Decodable {
    let cases: [Entry]
}

private struct Entry: Decodable {
    let name: String
    let hex: String?
    let `repeat`: Repetition?
    let rfc8259: String
    let `class`: String?
    let limit: String?
}

private struct Repetition: Decodable {
    let open: String
    let middle: String?
    let middleRepeat: String?
    let middleTimes: Int?
    let close: String
    let times: Int

    var text: [UInt8] {
        let middle = self.middle ?? String(repeating: self.middleRepeat ?? "", count: self.middleTimes ?? 0)
        let opening = String(repeating: self.open, count: self.times)
        return Array((opening + middle + String(repeating: self.close, count: self.times)).utf8)
    }
}
