import ArgumentParser
import EventLog
import LogValues

extension Moment: ExpressibleByArgument {
    init?(argument: String) {
        self.init(argument, now: PosixClock.microsecondsSince1970())
    }
}

extension LogPlace: ExpressibleByArgument {
    init?(argument: String) {
        self.init(argument, now: PosixClock.microsecondsSince1970())
    }
}

/// How lines come out.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    /// As they are in the log.
    case ndjson
    /// For people, cut to a line each.
    case table
    /// RFC 4180, with a header line.
    case csv
}

/// Which lines are wanted.
struct FilterOptions: ParsableArguments {
    @Option(name: .long, help: "Only events of this type; `message.*` takes a group. May be repeated.")
    var type: [String] = []

    @Option(name: .long, help: "Only events that name this channel. May be repeated.")
    var channel: [String] = []

    @Option(
        name: .long,
        help: "Only events about this user: by name, connections and messages. May be repeated. Reads the whole log."
    )
    var user: [String] = []

    @Option(
        name: .long,
        help: "Only from this time on: 2026-11-23, 2026-11-23T20:00:05.5+01:00 (UTC if without offset), 2h (ago)."
    )
    var since: Moment?

    @Option(name: .long, help: "Only before this time.")
    var until: Moment?

    @Option(name: .long, help: "Only from this line on.")
    var from: UInt64?

    @Option(name: .long, help: "Only up to this line, included.")
    var to: UInt64?

    func validate() throws {
        for number in [self.from, self.to].compactMap(\.self) where number > SequenceNumber.last.rawValue {
            throw ValidationError("there is no line \(number)")
        }
    }

    var conditions: LineFilter.Conditions {
        LineFilter.Conditions(
            types: self.type,
            channels: self.channel,
            users: self.user,
            since: self.since,
            until: self.until,
            from: self.from,
            through: self.to
        )
    }
}
