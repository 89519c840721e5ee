#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension ConfigurationLoader {
    /// Reads an object of keys and values, as `make-config --json` takes it.
    ///
    /// Values may be strings, whole numbers, booleans or lists of strings; null leaves a key as it is.
    mutating func readJSON(_ text: String) {
        let values: [String: JSONSettingValue]
        do {
            values = try JSONDecoder().decode([String: JSONSettingValue].self, from: Data(text.utf8))
        } catch {
            let remedy = #"write it as {"port": 9000, "debug": true, "allow_posting_from": ["10.0.0.1"]}"#
            self.report(.option("--json"), "this is no JSON object of settings", remedy)
            return
        }
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .absent: break
            case .text(let text): self.setTrimmed(key, to: text, from: .json(key: key))
            case .structure:
                let remedy = "allowed: strings, whole numbers, booleans and lists of strings"
                self.report(.json(key: key), "this kind of value is not possible", remedy)
            }
        }
    }
}

/// A value of the object, brought into the spelling of the INI file.
private enum JSONSettingValue: Decodable {
    /// Null.
    case absent
    case text(String)
    /// An object, a fraction, a list of lists.
    case structure

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .absent
        } else if let boolean = try? container.decode(Bool.self) {
            self = .text(boolean ? "true" : "false")
        } else if let number = try? container.decode(Int64.self) {
            self = .text(String(number))
        } else if let list = try? container.decode([String].self) {
            self = .text(list.joined(separator: ", "))
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else {
            self = .structure
        }
    }
}
