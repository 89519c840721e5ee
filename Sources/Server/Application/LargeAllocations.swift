#if canImport(Glibc)
    import Glibc

    /// The memory of large bodies and answers, which the system is to have back.
    package enum LargeAllocations {
        /// From this size on, in bytes, an allocation has pages of its own, which go as soon as it is freed.
        private static let size: CInt = 1 << 20
        /// As much may stay free at a heap's end.
        private static let trimSize: CInt = 4 << 20

        // As malloc.h numbers them, which Swift's module of the C library leaves out.
        private static let trimThreshold: CInt = -1
        private static let mmapThreshold: CInt = -3

        /// Makes it so, for the whole process; to be called before there are other threads.
        ///
        /// By itself glibc does so at first only: each large allocation that is freed raises the size, up to 32 MiB, and with it
        /// what stays at a heap's end. Then an answer of 8 MiB, which grows by doubling, leaves three times its size behind.
        package static func havePagesOfTheirOwn() {
            guard let symbol = unsafe dlsym(nil, "mallopt") else { return }
            // It is what malloc.h declares: `int mallopt(int, int)`.
            let mallopt = unsafe unsafeBitCast(symbol, to: (@convention(c) (CInt, CInt) -> CInt).self)
            // Where it refuses, memory is kept as it was before; nothing else depends on it.
            _ = mallopt(self.mmapThreshold, self.size)
            _ = mallopt(self.trimThreshold, self.trimSize)
        }
    }
#endif
