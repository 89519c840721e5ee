package import HTTPTypes

/// How nodes of one log find each other's endpoints, and what stands in their answers' headers.
package enum NodeAPI {
    package static let segments = "/log/segments"
    package static let snapshots = "/log/snapshots"
    package static let hashes = "/log/hashes"
    package static let proposals = "/log/proposals"
    package static let status = "/log/status"
    package static let promote = "/admin/promote"
    package static let endHeader = "x-channelstream-log-end"
    package static let stateHeader = "x-channelstream-segment"
    /// Bytes of the log's files behind those that are answered.
    package static let restHeader = "x-channelstream-log-rest"
    /// Nothing more comes of this segment.
    package static let sealedAndEnded = "ended"
}

extension HTTPFields {
    /// Sets a field whose name is a constant of ours.
    package mutating func set(_ name: String, _ value: String) {
        if let name = HTTPField.Name(name) { self[name] = value }
    }
}
