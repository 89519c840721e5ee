import Projections
import RawJSON
import Web

/// A map of scalars: a user's state.
///
/// What is wrong with a value stands under its name and then `value`.
struct ScalarMapField: FieldReader {
    func readValue(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<RawJSON> {
        guard try scanner.peek() == .object else { return try Self.refuse(.notAMapping, in: &scanner) }
        let object = try scanner.readValue()
        var errors = ValidationErrors()
        var members = object.scanner()
        try members.beginObject()
        while let name = try members.nextMember() {
            switch try members.readValue().kind {
            case .string, .number, .true, .false, .null:
                break
            case .object, .array:
                errors.add(.fields(ValidationErrors("value", .notAScalar)), at: name.decodedUTF8())
            }
        }
        return errors.isEmpty ? .valid(object.rawJSON()) : .invalid(.fields(errors))
    }
}

/// A map from channels to settings, for the channels that a call creates.
///
/// Any name is accepted, as upstream has it: one that is no channel name belongs to no channel.
struct ChannelSettingsMapField: FieldReader {
    func readValue(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<[ChannelName: ChannelSettings]> {
        guard try scanner.peek() == .object else { return try Self.refuse(.notAMapping, in: &scanner) }
        var settings: [ChannelName: ChannelSettings] = [:]
        var errors = ValidationErrors()
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            switch try NestedField<ChannelSettingsBody>().read(from: &scanner) {
            case .absent:
                break
            case .valid(let value):
                settings[ChannelName(utf8: name.decodedUTF8())] = value
            case .invalid(let node):
                var nested = ValidationErrors()
                nested.add(node, at: "value")
                errors.add(.fields(nested), at: name.decodedUTF8())
            }
        }
        return errors.isEmpty ? .valid(settings) : .invalid(.fields(errors))
    }
}

/// An object with fields of its own inside a body.
struct NestedField<Body: ObjectBody>: FieldReader {
    func readValue(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<Body.Value> {
        switch try Body.read(from: &scanner) {
        case .success(let value): .valid(value)
        case .failure(let failure): .invalid(.fields(failure.errors))
        }
    }
}
