#if canImport(Glibc)
    import Glibc
    import Server
    import Testing

    @Suite("Large allocations")
    struct LargeAllocationsTests {
        /// Whether `malloc` is glibc's: the sanitizers have their own.
        private static var isOfGlibc: Bool {
            unsafe dlsym(nil, "__asan_init") == nil && dlsym(nil, "__tsan_init") == nil
        }

        /// What stands before an allocation says whether it has pages of its own (malloc.c, `IS_MMAPPED`).
        private static func hasPagesOfItsOwn(_ memory: UnsafeMutableRawPointer) -> Bool {
            unsafe (memory - MemoryLayout<UInt>.size).load(as: UInt.self) & 2 != 0
        }

        @Test(
            "they have pages of their own, which the system gets back, whatever was freed before",
            .enabled(if: isOfGlibc)
        )
        func pages() throws {
            LargeAllocations.havePagesOfTheirOwn()
            // This is what makes glibc keep larger ones.
            unsafe free(malloc(30 << 20))
            // The first may find room that other tests have left, but not all of them.
            let all = unsafe (0..<30).compactMap { _ in unsafe malloc(20 << 20) }
            defer { for index in unsafe all.indices { unsafe free(all[index]) } }
            #expect(unsafe all.contains { unsafe Self.hasPagesOfItsOwn($0) })
        }
    }
#endif
