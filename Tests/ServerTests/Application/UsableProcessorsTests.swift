import NIOCore
import Testing

@testable import Server

@Suite("The processors that the process may use")
struct UsableProcessorsTests {
    @Test(
        "are counted in the affinity mask",
        arguments: [("3", 2), ("2", 1), ("ffffffff,00000000", 32), ("f0,00000003", 6)]
    )
    func mask(text: String, count: Int) {
        let status = "Name:\thub\nCpus_allowed:\t\(text)\nCpus_allowed_list:\t0-7\n"
        #expect(UsableProcessors.permitted(by: status) == count)
    }

    @Test("are not known from a text that does not tell", arguments: ["", "Name:\thub\n", "Cpus_allowed:\t0\n"])
    func unknown(status: String) {
        #expect(UsableProcessors.permitted(by: status) == nil)
    }

    @Test("are at least one, and no more than the machine has")
    func bounds() {
        #expect((1...System.coreCount).contains(UsableProcessors.count))
    }
}
