import EventLog
import FoundationEssentials
import Logging
import Server

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// First of all: before anything is opened, and before anything is written.
Descriptors.occupyStandardStreams()
ProcessSignals.ignoreHarmless()
#if canImport(Glibc)
    LargeAllocations.havePagesOfTheirOwn()
#endif

/// The process: its words and environment go in, an exit status comes out.
let program = ChannelstreamProgram(surroundings: .process(environment: ProcessInfo.processInfo.environment)) {
    configuration in
    let level = configuration.logLevel
    LoggingSystem.bootstrap { label in
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel = level
        return OneLineLogHandler(handler)
    }
    try await ServerApplication.run(configuration, logger: Logger(label: "channelstream"))
}
exit(await program.run(Array(CommandLine.arguments.dropFirst())).rawValue)
