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
        private static func hasPagesOfItsOwn(size: Int) throws -> Bool {
            let memory = unsafe try #require(malloc(size))
            defer { unsafe free(memory) }
            return unsafe (memory - MemoryLayout<UInt>.size).load(as: UInt.self) & 2 != 0
        }

        @Test(
            "they have pages of their own, which the system gets back, whatever was freed before",
            .enabled(if: isOfGlibc)
        )
        func pages() throws {
            LargeAllocations.havePagesOfTheirOwn()
            // This is what makes glibc keep larger ones.
            unsafe free(malloc(30 << 20))
            // A smaller one might find room that other tests have left.
            #expect(try Self.hasPagesOfItsOwn(size: 20 << 20))
        }
    }
#endif
