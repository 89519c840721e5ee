import ArgumentParser
import Following
import Web

/// The program `channelstream`: from the words of a command line to an exit status.
///
/// It knows neither the process nor the server: both are handed in, so that tests can call it like a function.
package struct ChannelstreamProgram: Sendable {
    /// The statuses that it ends with, as `sysexits.h` numbers them.
    package enum ExitStatus: Int32, Sendable {
        case success = 0
        case failure = 1
        case usage = 64
        case contradiction = 65
        case cannotCreate = 73
        case configuration = 78
    }

    /// The world around it, as far as it may touch it.
    package struct Surroundings: Sendable {
        package var environment: [String: String]
        /// Reads a whole text file; the error's description becomes part of a message.
        package var readFile: @Sendable (_ path: String) throws -> String
        /// Writes a new file that only its owner may read; with `replacing`, in place of what is there.
        package var writeFile: @Sendable (_ path: String, _ text: String, _ replacing: Bool) throws -> Void
        package var printOut: @Sendable (String) -> Void
        package var printError: @Sendable (String) -> Void

        package init(
            environment: [String: String],
            readFile: @escaping @Sendable (_ path: String) throws -> String,
            writeFile: @escaping @Sendable (_ path: String, _ text: String, _ replacing: Bool) throws -> Void,
            printOut: @escaping @Sendable (String) -> Void,
            printError: @escaping @Sendable (String) -> Void
        ) {
            self.environment = environment
            self.readFile = readFile
            self.writeFile = writeFile
            self.printOut = printOut
            self.printError = printError
        }
    }

    private let surroundings: Surroundings
    private let serve: @Sendable (Configuration) async throws -> Void

    /// A program whose `serve` goes on until it is asked to stop; an error from it ends with status 1.
    package init(
        surroundings: Surroundings,
        serve: @escaping @Sendable (Configuration) async throws -> Void
    ) {
        self.surroundings = surroundings
        self.serve = serve
    }

    /// Does what the words say; the program's own name is not among them.
    package func run(_ arguments: [String]) async -> ExitStatus {
        do {
            switch try ChannelstreamCommand.parseAsRoot(Self.adapted(arguments)) {
            case let command as ServeCommand: return await self.serve(command)
            case let command as FollowCommand: return await self.follow(command)
            case let command as PromoteCommand: return self.promote(command)
            case let command as MakeConfigCommand: return self.makeConfiguration(command)
            case var other:
                // Help and the version are commands of the parser's own; running them throws their text.
                try other.run()
                return .success
            }
        } catch {
            return self.explain(error)
        }
    }

    /// Channelstream's short form of `--version`, which the parser does not know.
    private static func adapted(_ arguments: [String]) -> [String] {
        arguments == ["-v"] ? ["--version"] : arguments
    }

    /// Prints help, a version or a usage error.
    private func explain(_ error: any Error) -> ExitStatus {
        let message = ChannelstreamCommand.fullMessage(for: error)
        guard ChannelstreamCommand.exitCode(for: error) == .success else {
            self.surroundings.printError(message)
            return .usage
        }
        self.surroundings.printOut(message)
        return .success
    }

    private func serve(_ command: ServeCommand) async -> ExitStatus {
        switch self.configuration(file: command.file, options: command.settings) {
        case .failure(let fault):
            return self.fail(fault.status, fault.lines)
        case .success(let configuration):
            guard !command.check else {
                for notice in configuration.notices { self.surroundings.printError("channelstream: \(notice)") }
                self.surroundings.printOut("the configuration is right")
                return .success
            }
            return await self.serve(configuration)
        }
    }

    private func follow(_ command: FollowCommand) async -> ExitStatus {
        guard command.url.hasPrefix("http://") || command.url.hasPrefix("https://") else {
            return self.fail(.usage, ["\(command.url) is no http:// or https:// address"])
        }
        switch self.configuration(file: command.file, options: command.settings) {
        case .failure(let fault):
            return self.fail(fault.status, fault.lines)
        case .success(var configuration):
            guard !configuration.nodeSecret.isEmpty else {
                return self.fail(.configuration, ["a follower needs the node_secret of its primary, and none is set"])
            }
            if let fault = self.faultOfCertificates(command.ca) { return self.fail(.configuration, [fault]) }
            configuration.following = FollowedPrimary(url: command.url, keys: command.key, certificates: command.ca)
            return await self.serve(configuration)
        }
    }

    /// Says what is wrong with a file of certificates; nil if nothing is, as far as its beginning tells.
    private func faultOfCertificates(_ path: String?) -> String? {
        guard let path else { return nil }
        do {
            let isPEM = try self.surroundings.readFile(path).contains("-----BEGIN CERTIFICATE-----")
            return isPEM ? nil : "\(path) holds no certificate in PEM form"
        } catch {
            return "cannot read the certificates: \(error)"
        }
    }

    private func serve(_ configuration: Configuration) async -> ExitStatus {
        do {
            try await self.serve(configuration)
            return .success
        } catch {
            let isContradiction = (error as? FollowError)?.isContradiction ?? false
            return self.fail(isContradiction ? .contradiction : .failure, ["\(error)"])
        }
    }

    private func promote(_ command: PromoteCommand) -> ExitStatus {
        switch self.configuration(file: command.file, options: command.settings) {
        case .failure(let fault):
            return self.fail(fault.status, fault.lines)
        case .success(let configuration):
            do {
                let report = try Promotion.run(configuration.followSettings)
                self.surroundings.printOut(report.text)
                if let size = report.missingUpTo {
                    self.surroundings.printError(
                        "channelstream: the primary had signed \(size) lines, \(report.end) are here; the rest is lost"
                    )
                }
                return .success
            } catch {
                return self.fail(.failure, ["\(error)"])
            }
        }
    }

    /// A fault of the words or the settings.
    private struct Fault: Error {
        let status: ExitStatus
        let lines: [String]
    }

    private func configuration(file: String?, options: [String]) -> Result<Configuration, Fault> {
        var loader = ConfigurationLoader()
        let usageFaults: [String]
        do {
            if let path = file ?? self.surroundings.environment[ConfigurationLoader.fileVariable] {
                loader.readINI(try self.surroundings.readFile(path), path: path)
            }
            loader.readEnvironment(self.surroundings.environment)
            usageFaults = loader.readOptions(options)
        } catch {
            return .failure(Fault(status: .configuration, lines: ["cannot read the configuration file: \(error)"]))
        }
        guard usageFaults.isEmpty else {
            let hint = "`channelstream serve --help` lists all options"
            return .failure(Fault(status: .usage, lines: usageFaults + [hint]))
        }
        do throws(ConfigurationError) {
            return .success(try loader.finish())
        } catch {
            return .failure(Fault(status: .configuration, lines: error.problems.map(\.description)))
        }
    }

    private func makeConfiguration(_ command: MakeConfigCommand) -> ExitStatus {
        if command.markdown {
            self.surroundings.printOut(SettingsDocumentation.markdown)
            return .success
        }
        var loader = ConfigurationLoader()
        if let json = command.json {
            loader.readJSON(json)
        } else {
            loader.readEnvironment(self.surroundings.environment)
        }
        let text: String
        do throws(ConfigurationError) {
            text = INITemplate.render(try loader.finishUnchecked())
        } catch {
            return self.fail(.configuration, error.problems.map(\.description))
        }
        guard let path = command.output else {
            self.surroundings.printOut(text)
            return .success
        }
        do {
            try self.surroundings.writeFile(path, text, command.force)
            self.surroundings.printError("channelstream: wrote \(path)")
            return .success
        } catch {
            let hint = command.force ? "" : "; --force replaces an existing file"
            return self.fail(.cannotCreate, ["cannot write the configuration: \(error)\(hint)"])
        }
    }

    private func fail(_ status: ExitStatus, _ lines: [String]) -> ExitStatus {
        // An error may hold what another node has said.
        for line in lines { self.surroundings.printError("channelstream: \(ForeignText.shown(line))") }
        return status
    }
}
