import Logging
import NIOCore
import ServiceLifecycle
import SystemPackage
import Web

/// The HTTP server as a service; says at which address it cannot listen.
struct ListeningService: Service {
    /// How long open calls are waited for at a stop, while the hub still answers them.
    private static let patience = Duration.seconds(1)

    let server: HTTPServer
    let work: OpenWork
    let host: String
    let port: Int
    /// Told when the address is bound.
    let bound: BoundPort
    let group: any EventLoopGroup
    let logger: Logger

    func run() async throws {
        let socket: ListeningSocket
        do {
            socket = try await self.server.listen(
                on: self.host,
                port: self.port,
                group: self.group,
                logger: self.logger
            )
        } catch {
            throw CannotListen(address: "\(self.host):\(self.port)", error)
        }
        let address = socket.address.map(String.init(describing:)) ?? ""
        self.logger.info("listening", metadata: ["address": "\(address)"])
        self.bound.open()
        await withTaskCancellationOrGracefulShutdownHandler {
            await socket.waitUntilClosed()
        } onCancelOrGracefulShutdown: {
            socket.stop()
        }
        await self.work.waitUntilDone(atMost: Self.patience)
    }
}

extension ListeningService: CustomStringConvertible {
    var description: String { "HTTP server" }
}

/// The address to listen on cannot be had.
struct CannotListen: Error, CustomStringConvertible {
    let address: String
    let code: Errno?
    private let reason: String

    init(address: String, _ error: any Error) {
        self.address = address
        self.code = (error as? IOError).map { Errno(rawValue: $0.errnoCode) }
        self.reason = self.code.map { "\($0)" } ?? "\(error)"
    }

    var description: String {
        "cannot listen on \(self.address): \(self.reason)" + (self.remedy.map { "; \($0)" } ?? "")
    }

    private var remedy: String? {
        switch self.code {
        case .addressInUse?: "stop the program that listens there, or set another port"
        case .addressNotAvailable?: "set host to an address of this machine"
        case .permissionDenied?: "ports below 1024 are not for every user; set another port"
        default: nil
        }
    }
}
