import NIOCore
import Server
import Web

/// What stands between a socket's bytes and the hub, and between a change and a socket's bytes.
func serverBenchmarks() throws {
    if Benchmark.runs("websocket.") { frameBenchmarks() }
    if Benchmark.runs("signature.") { try signatureBenchmarks() }
    if Benchmark.runs("http.") { requestBenchmarks() }
}

private func frameBenchmarks() {
    for size in [100, 300, 3_000] {
        let payload = [UInt8](repeating: UInt8(ascii: "a"), count: size)
        Benchmark.rate(
            "websocket.encode-frame-\(size)",
            of: "frames",
            settings: "header and payload, once for all sockets"
        ) {
            var total = 0
            for _ in 0..<20_000 { total += HotPathParts.textFrame(payload).readableBytes }
            precondition(total > 20_000 * size, "a frame holds its payload")
            return 20_000
        }
    }
}

private func signatureBenchmarks() throws {
    let signer = TimestampSigner(secret: "secret")
    let token = Array(signer.sign("channelstream", at: 1_795_475_411).utf8)
    try Benchmark.rate("signature.verify", of: "tokens", settings: "HMAC-SHA-1 of \(token.count) bytes, key prepared") {
        for _ in 0..<10_000 {
            try signer.verify(token.span, now: 1_795_475_420)
        }
        return 10_000
    }
}

private func requestBenchmarks() {
    let body = #"[{"user":"pub","channel":"room-1","message":{"text":"\#(String(repeating: "word ", count: 40))"}}]"#
    let request =
        "POST /message HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nContent-Type: application/json\r\n"
        + "x-channelstream-secret: channelstream.ZmFuY3k.0123456789012345678901234567\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    let requests = ByteBuffer(string: String(repeating: request, count: 1_000))
    Benchmark.rate("http.parse-request", of: "requests", settings: "POST of \(request.utf8.count) bytes, 5 headers") {
        var buffer = requests
        let count = HotPathParts.parseRequests(&buffer)
        precondition(count == 1_000, "every request is parsed")
        return count
    }
}
