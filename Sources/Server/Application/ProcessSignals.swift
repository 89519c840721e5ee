package import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The effects of signals on the server.
package enum ProcessSignals {
    /// Signals that end it cleanly: SIGTERM, SIGINT, and SIGHUP, which the end of a terminal sends; unless whoever started
    /// it has it ignore that one, as `nohup` does.
    package static var stopping: [UnixSignal] {
        self.isIgnored(SIGHUP) ? [.sigterm, .sigint] : [.sigterm, .sigint, .sighup]
    }

    /// Has the process ignore signals that would end it and mean nothing here.
    ///
    /// SIGPIPE comes when whoever reads the log lines is gone; SIGUSR1 and SIGUSR2 from tools that have other servers open
    /// their log files anew; SIGXFSZ with a write beyond the largest file (`ulimit -f`), which fails like one on a full disk.
    package static func ignoreHarmless() {
        for number in [SIGPIPE, SIGUSR1, SIGUSR2, SIGXFSZ] { signal(number, SIG_IGN) }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(number, nil, &action) == 0 else { return false }
        #if canImport(Darwin)
            let handler = unsafe action.__sigaction_u.__sa_handler
        #else
            let handler = unsafe action.__sigaction_handler.sa_handler
        #endif
        // Function pointers cannot be compared, and SIG_IGN is a number that stands for one.
        return unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
