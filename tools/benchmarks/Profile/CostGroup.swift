/// Whose time a sample is: the kernel's, by what it was asked for, or a part of the program's, by where it was.
enum CostGroup {
    /// Outermost calls into the kernel, by what they are for.
    private static let systemCalls: [(names: [String], group: String)] = [
        (["fdatasync", "fsync", "pwrite64"], "kernel: the log's files"),
        (["pread64", "mmap", "munmap", "madvise", "brk", "openat", "newfstatat"], "kernel: files and memory"),
        (["write", "writev", "sendto", "sendmsg"], "kernel: writing to sockets"),
        (["read", "readv", "recvfrom", "recvmsg"], "kernel: reading from sockets"),
        (["epoll_wait", "epoll_pwait", "epoll_pwait2", "epoll_ctl"], "kernel: epoll"),
        (["futex"], "kernel: waking and waiting for threads"),
        (["accept4", "accept", "close", "shutdown", "setsockopt"], "kernel: opening and closing sockets"),
    ]

    /// Beginnings of symbols, of anything that is not Swift.
    private static let prefixes: [(prefixes: [String], group: String)] = [
        (
            [
                "swift_retain", "swift_release", "swift_bridgeObject", "_swift_release", "_swift_retain",
                "swift_unknown",
                "swift::RefCounts", "bool swift::RefCounts", "swift::Heap", "_ZN5swift9RefCounts", "_ZN5swift",
            ],
            "retain and release"
        ),
        (
            [
                "malloc", "_int_malloc", "_int_free", "cfree", "free", "calloc", "realloc", "__libc_",
                "malloc_consolidate",
                "unlink_chunk", "swift_alloc", "swift_dealloc", "swift_slowAlloc", "swift_slowDealloc", "tcache",
                "sysmalloc",
                "_swift_alloc", "_swift_dealloc",
            ],
            "allocation"
        ),
        (
            [
                "memmove", "__memmove", "memcpy", "__memcpy", "__memset", "memset", "__memcmp", "memcmp", "__memchr",
                "memchr",
            ],
            "copying and comparing bytes"
        ),
        (["LZ4", "XXH"], "LZ4"),
        (
            ["CCryptoBoringSSL", "sha1_block", "sha256_block", "_CCryptoBoringSSL", "CNIOBoringSSL"],
            "SHA-1 and SHA-256"
        ),
        (["pthread_", "__pthread", "__lll_lock"], "locks"),
        (["swift_"], "Swift runtime"),
    ]

    /// Swift modules that are told apart; the others count as libraries.
    private static let modules: [(module: String, group: String)] = [
        ("Server", "Server"), ("EventLog", "EventLog"), ("Projections", "Projections"), ("RawJSON", "RawJSON"),
        ("channelstream_log", "channelstream-log"), ("NIOCore", "SwiftNIO"), ("NIOPosix", "SwiftNIO"),
        ("NIOHTTP1", "SwiftNIO"), ("NIOConcurrencyHelpers", "SwiftNIO"), ("Crypto", "SHA-1 and SHA-256"),
        ("HTTPTypes", "HTTPTypes"), ("NIOExtras", "SwiftNIO"),
        ("DequeModule", "Collections"), ("HashTreeCollections", "Collections"), ("OrderedCollections", "Collections"),
    ]

    /// Names the group that a sample belongs to.
    ///
    /// - Parameter stack: Innermost frame first, not empty.
    /// - Returns: A name for people.
    static func name(_ stack: [PerfScript.Frame]) -> String {
        guard let leaf = stack.first else { return "unknown" }
        if self.isKernel(leaf) { return self.kernelGroup(stack) }
        if let module = self.module(leaf.symbol) {
            return self.modules.first { $0.module == module }?.group ?? "Swift's library"
        }
        for (prefixes, group) in self.prefixes where prefixes.contains(where: { leaf.symbol.hasPrefix($0) }) {
            return group
        }
        return "elsewhere"
    }

    private static func isKernel(_ frame: PerfScript.Frame) -> Bool {
        frame.object.hasPrefix("[kernel") || frame.object.hasPrefix("[guest.kernel") || frame.object == "[vdso]"
    }

    /// By the system call, which is the outermost of the kernel's frames that names one.
    private static func kernelGroup(_ stack: [PerfScript.Frame]) -> String {
        let calls = stack.filter(self.isKernel).compactMap { frame -> String? in
            for prefix in ["__x64_sys_", "__arm64_sys_", "__se_sys_", "ksys_"] where frame.symbol.hasPrefix(prefix) {
                return String(frame.symbol.dropFirst(prefix.count))
            }
            return nil
        }
        guard let call = calls.last else { return "kernel: interrupts, faults, scheduling" }
        return self.systemCalls.first { $0.names.contains(call) }?.group ?? "kernel: other calls"
    }

    /// The module of a mangled Swift symbol that begins with one: `$s6Server11FanOutShardC…`.
    static func module(_ symbol: String) -> String? {
        guard symbol.hasPrefix("$s") else { return nil }
        let rest = symbol.dropFirst(2)
        let digits = rest.prefix(while: \.isNumber)
        guard let count = Int(digits), count > 0 else { return "Swift" }
        let name = rest.dropFirst(digits.count).prefix(count)
        return name.count == count ? String(name) : nil
    }
}
