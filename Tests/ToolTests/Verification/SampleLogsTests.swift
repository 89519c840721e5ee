import Testing

/// The logs in `data/logs` stay as they are: what once was written has to be read in the same way for ever.
@Suite("The sample logs")
struct SampleLogsTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let name: String
        let line: Int
        let state: String
        let root: String
        let erasedCount: Int

        var testDescription: String { self.name }
    }

    private static let samples = [
        Sample(
            name: "evening",
            line: 2941,
            state: "maKu92btvuDNKkfqX0rfDX8qZRMyVY0lkuR8A4pi8Yk",
            root: "qY-dgICYJwNUVyfUKROC49Kt_QYNUicV3hWCi64aZ1k",
            erasedCount: 0
        ),
        Sample(
            name: "erased",
            line: 578,
            state: "-GSjVFMxtKV4Pfhxqko90AH1GPkv3mh4Nf02rQxv79Q",
            root: "g45FPr9ZPegMJf1x5K4pzNu7gghjUL4woXsbPnn9_I4",
            erasedCount: 67
        ),
    ]

    private func path(of sample: Sample) -> String {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        return "\(root)/data/logs/\(sample.name)"
    }

    @Test("verify, and give the digests that they recorded and that were written down here", arguments: samples)
    func areWhatTheyWere(sample: Sample) throws {
        let log = self.path(of: sample)
        let verified = try ToolProcess("verify", log, "--key", "\(log)/node.pub", "--state")
        #expect(verified.status == 0, "\(verified.errors)")
        #expect(verified.output.contains("\nerased  ") == (sample.erasedCount > 0))
        let replayed = try ToolProcess("replay", "--check", log)
        #expect(replayed.status == 0)
        #expect(replayed.output.contains(#""unknown_types":0"#))
        let digest = try ToolProcess("digest", log)
        #expect(digest.output.contains(#""position":\#(sample.line),"#))
        #expect(digest.output.contains(#""state":"\#(sample.state)","root":"\#(sample.root)""#))
    }

    @Test("the erased words are nowhere in the erased one, and its order says which lines lost them")
    func erased() throws {
        let log = self.path(of: Self.samples[1])
        let lines = try ToolProcess("cat", log).output.split(separator: "\n")
        #expect(lines.filter { $0.contains(#""commit":""#) }.count == Self.samples[1].erasedCount)
        #expect(lines.filter { $0.contains(#""type":"content.erased""#) }.count == 3)
        let posted = lines.filter { $0.contains(#""type":"message.posted""#) && $0.contains(#""channel":"football""#) }
        let order = lines.firstIndex { $0.contains(#""type":"channel.forgotten""#) } ?? 0
        #expect(posted.count > 10)
        #expect(lines[..<order].allSatisfy { !($0.contains(#""channel":"football""#) && $0.contains(#""content":"#)) })
    }
}
