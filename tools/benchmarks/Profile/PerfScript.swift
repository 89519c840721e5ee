/// What `perf script -F comm,tid,ip,sym,dso` prints: one stack for each sample, innermost frame first.
struct PerfScript {
    struct Frame: Equatable {
        /// As linked, without its offset: `tcp_sendmsg`, `$s6Server…`.
        let symbol: String
        /// File that holds it; `[kernel.kallsyms]` for the kernel.
        let object: String
    }

    private(set) var samples: [[Frame]] = []

    init(_ text: String) {
        var stack: [Frame] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.allSatisfy(\.isWhitespace) {
                if !stack.isEmpty { self.samples.append(stack) }
                stack = []
            } else if line.first == "\t" || line.first == " ", let frame = Self.frame(line) {
                stack.append(frame)
            }
        }
        if !stack.isEmpty { self.samples.append(stack) }
    }

    /// `  ffffffff81234567 tcp_sendmsg+0x1f ([kernel.kallsyms])`; nil for the line that begins a sample.
    private static func frame(_ line: Substring) -> Frame? {
        let words = line.drop(while: \.isWhitespace).split(separator: " ", maxSplits: 1)
        guard words.count == 2, UInt64(words[0], radix: 16) != nil, words[1].last == ")",
            let opening = words[1].lastIndex(of: "(")
        else { return nil }
        var symbol = words[1][..<opening]
        while symbol.last == " " { symbol.removeLast() }
        if let plus = symbol.lastIndex(of: "+"), symbol[plus...].hasPrefix("+0x") { symbol = symbol[..<plus] }
        return Frame(symbol: String(symbol), object: String(words[1][words[1].index(after: opening)...].dropLast()))
    }
}
