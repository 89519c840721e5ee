import LogValues
import NIOCore
import RawJSON

/// Why a body became no command.
enum BodyError: Error {
    /// It is no JSON.
    case malformed(RawJSONError)
    /// One of its lines, counted from 1, is no JSON.
    case malformedLine(Int, RawJSONError)
    /// It is JSON, and not what the endpoint asks for.
    case invalid(ValidationFailure)
}

/// The bytes of a body, read once from end to end.
enum RequestBody {
    /// Reads one JSON value with nothing behind it.
    ///
    /// The bytes may be of any content and length. `maximumDepth` counts levels of objects and lists, the outermost included.
    static func decode<Value>(
        _ bytes: Bytes,
        maximumDepth: Int,
        _ read: (inout JSONScanner) throws(RawJSONError) -> Result<Value, ValidationFailure>
    ) throws(BodyError) -> Value {
        var scanner = JSONScanner(bytes, maximumDepth: min(max(0, maximumDepth), JSONScanner.deepestLimit))
        let result: Result<Value, ValidationFailure>
        do throws(RawJSONError) {
            result = try read(&scanner)
            try scanner.finish()
        } catch {
            throw .malformed(error)
        }
        switch result {
        case .success(let value): return value
        case .failure(let failure): throw .invalid(failure)
        }
    }

    /// The same, of a buffer.
    static func decode<Value>(
        _ body: ByteBuffer,
        maximumDepth: Int,
        _ read: (inout JSONScanner) throws(RawJSONError) -> Result<Value, ValidationFailure>
    ) throws(BodyError) -> Value {
        try self.decode(body.readableBytesUInt8Span, maximumDepth: maximumDepth, read)
    }
}
