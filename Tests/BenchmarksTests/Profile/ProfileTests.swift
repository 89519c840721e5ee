import Testing

@testable import benchmarks

@Suite("Samples of perf")
struct ProfileTests {
    /// As `perf script -F comm,tid,ip,sym,dso` prints it.
    private static let text = """
        NIO-ELT-0-#0  4711
        \tffffffff8162a0e1 _raw_spin_unlock_irqrestore+0x11 ([kernel.kallsyms])
        \tffffffff81a1b2c3 tcp_sendmsg_locked ([kernel.kallsyms])
        \tffffffff8132dd04 ksys_write+0x64 ([kernel.kallsyms])
        \tffffffff8132dd9a __x64_sys_write ([kernel.kallsyms])
        \t    7f2a1b0c1234 __write+0x14 (/usr/lib/libc.so.6)
        \t    55d0c0de1111 $s6Server11FanOutShardC7deliveryyF (/srv/channelstream)

        NIO-ELT-0-#0  4711
        \t    55d0c0de2222 $s6Server11FanOutShardC7deliveryyF+0x1a (/srv/channelstream)

        """

    @Test("a sample is its frames, innermost first, without offsets")
    func stacks() throws {
        let samples = PerfScript(Self.text).samples
        try #require(samples.map(\.count) == [6, 1])
        #expect(samples[0][0] == PerfScript.Frame(symbol: "_raw_spin_unlock_irqrestore", object: "[kernel.kallsyms]"))
        #expect(samples[1][0].symbol == "$s6Server11FanOutShardC7deliveryyF")
    }

    @Test("text without samples gives none", arguments: ["", "\n\n", "comm 1\n", "comm 1\n\tnot-an-address x (y)\n"])
    func noSamples(text: String) {
        #expect(PerfScript(text).samples.isEmpty)
    }

    @Test("the kernel's time counts for what it was asked, whatever it did meanwhile")
    func kernelGroups() {
        #expect(CostGroup.name(PerfScript(Self.text).samples[0]) == "kernel: writing to sockets")
        let interrupt = [PerfScript.Frame(symbol: "handle_softirqs", object: "[kernel.kallsyms]")]
        #expect(CostGroup.name(interrupt) == "kernel: interrupts, faults, scheduling")
    }

    @Test(
        "other time counts for whoever's function it was",
        arguments: [
            ("$s6Server11FanOutShardC7deliveryyF", "Server"), ("$s8NIOPosix18SelectableEventLoopC", "SwiftNIO"),
            ("swift_retain", "retain and release"), ("_int_malloc", "allocation"),
            ("$sSS1poiyS2S_SStFZ", "Swift's library"),
            ("LZ4_compress_fast_extState", "LZ4"), ("__memmove_avx512_unaligned_erms", "copying and comparing bytes"),
            ("main", "elsewhere"),
        ]
    )
    func ownGroups(symbol: String, group: String) {
        #expect(CostGroup.name([PerfScript.Frame(symbol: symbol, object: "/srv/channelstream")]) == group)
    }

    @Test(
        "a mangled name that is cut gives no module, and traps nowhere",
        arguments: ["$s", "$s6Serv", "$s99999999999999999999999Server", "swift_retain", ""]
    )
    func cutNames(symbol: String) {
        #expect(CostGroup.module(symbol) != "Server")
    }
}
