import NIOCore

/// A request that was let in before its body came.
///
/// It is a box, since few connections have one at a time.
final class AdmittedRequest {
    private let head: APIRequest

    init(_ head: APIRequest) {
        self.head = head
    }

    func request(with body: ByteBuffer) -> APIRequest {
        var request = self.head
        request.body = body
        return request
    }
}
