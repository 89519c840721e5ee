#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The file descriptors of this process.
package enum Descriptors {
    /// Raises the soft limit (`ulimit -n`) as far as the system lets it, which is up to the hard one.
    ///
    /// - Returns: How many files and sockets this process may have open from now on.
    package static func raiseLimit() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(self.openFiles, &limit) == 0 else { return Int(sysconf(Int32(_SC_OPEN_MAX))) }
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        if raised.rlim_cur != limit.rlim_cur, unsafe setrlimit(self.openFiles, &raised) == 0 { limit = raised }
        return Int(clamping: limit.rlim_cur)
    }

    /// Opens `/dev/null` in place of whichever of standard input, output and error is closed.
    ///
    /// Else the next file that is opened takes its number, and what is printed lands in that file. To be called before
    /// anything is opened.
    package static func occupyStandardStreams() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
            // The lowest free number is taken, and the lower ones are occupied by now.
            _ = unsafe open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY)
        }
    }

    #if canImport(Glibc)
        private static var openFiles: __rlimit_resource_t { .init(RLIMIT_NOFILE.rawValue) }
    #else
        private static var openFiles: Int32 { Int32(RLIMIT_NOFILE) }
    #endif
}
