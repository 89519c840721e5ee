package import HTTPTypes

/// The head of a request as it is read, and what it says about its connection.
///
/// A class, since it is handed from hand to hand: copying the struct that it was meant ten references to count.
package final class HTTPRequestHead: Sendable {
    package enum Framing: Sendable, Equatable {
        case none
        case sized(Int)
        case chunked
    }

    package let method: HTTPRequest.Method
    /// Path and query.
    package let target: String
    /// The host that `Host` names, or an absolute target.
    let authority: String?
    /// Without `Host`, and without `Transfer-Encoding`, as the body is handed on in one piece.
    package let fields: HeaderFields
    package let framing: Framing
    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    package let minorVersion: Int
    /// Whether the client wants to go on with this connection.
    let keepsAlive: Bool
    /// Whether `Connection` names `upgrade`.
    package let wantsUpgrade: Bool
    /// Whether the client waits for 100 before it sends the body.
    let expectsContinue: Bool

    init(
        method: HTTPRequest.Method,
        target: String,
        authority: String?,
        fields: HeaderFields,
        framing: Framing,
        minorVersion: Int,
        keepsAlive: Bool,
        wantsUpgrade: Bool,
        expectsContinue: Bool
    ) {
        self.method = method
        self.target = target
        self.authority = authority
        self.fields = fields
        self.framing = framing
        self.minorVersion = minorVersion
        self.keepsAlive = keepsAlive
        self.wantsUpgrade = wantsUpgrade
        self.expectsContinue = expectsContinue
    }

    /// The size that is announced of a body that has to be let in, in bytes.
    ///
    /// - Parameter size: Up to this size anybody may send one, unless the client waits to be told to go on.
    /// - Returns: Nil if there is nothing to let in; 0 if nothing is announced.
    func sizeToAdmit(beyond size: Int) -> Int? {
        switch self.framing {
        case .none: nil
        case .sized(let announced): announced > size || self.expectsContinue ? announced : nil
        case .chunked: 0
        }
    }
}

extension HTTPRequestHead: Equatable {
    package static func == (left: HTTPRequestHead, right: HTTPRequestHead) -> Bool {
        left.method == right.method && left.target == right.target && left.authority == right.authority
            && left.fields == right.fields && left.framing == right.framing
            && left.minorVersion == right.minorVersion && left.keepsAlive == right.keepsAlive
            && left.wantsUpgrade == right.wantsUpgrade && left.expectsContinue == right.expectsContinue
    }
}
