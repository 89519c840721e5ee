import LogValues
import RawJSON
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A page behind which nothing may be read: a scanner that looks one byte too far ends the process.
@safe
private final class GuardedPage {
    private let start: UnsafeMutableRawPointer
    private let size = Int(sysconf(Int32(_SC_PAGESIZE)))

    init?() {
        let pages = unsafe mmap(nil, self.size * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
        guard let pages = unsafe pages, unsafe pages != MAP_FAILED,
            unsafe mprotect(pages + self.size, self.size, PROT_NONE) == 0
        else { return nil }
        unsafe self.start = unsafe pages
    }

    deinit {
        unsafe munmap(self.start, self.size * 2)
    }

    /// Lends a copy of the text that ends where the page does.
    func withText<Result>(_ text: [UInt8], _ body: (Bytes) -> Result) -> Result {
        let place = unsafe UnsafeMutableRawBufferPointer(start: self.start + self.size - text.count, count: text.count)
        unsafe place.copyBytes(from: text)
        return unsafe body(Bytes(_unsafeBytes: UnsafeRawBufferPointer(place)))
    }
}

@Suite("Scanner: memory")
struct MemoryBoundsTests {
    @Test("nothing behind the text is read, wherever it is cut")
    func readsNothingBehind() throws {
        let page = try #require(GuardedPage())
        for vector in JSONVector.all where vector.text.count < 200 {
            for size in 0...vector.text.count {
                let text = Array(vector.text.prefix(size))
                let guarded = page.withText(text) { Text.trouble(with: $0) }
                #expect(guarded == Text.trouble(with: text))
            }
        }
    }

    @Test("a buffer without an address is an empty text")
    func noAddress() {
        #expect(Text.trouble(with: Bytes()) == .unexpectedEnd(offset: 0))
    }
}
