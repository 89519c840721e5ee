import Foundation

/// The counter of `tools/allocations`, if this process was started with it loaded.
struct AllocationCounter {
    private let read: @convention(c) () -> UInt64

    static let loaded: AllocationCounter? = {
        guard let program = unsafe dlopen(nil, RTLD_NOW),
            let symbol = unsafe dlsym(program, "channelstream_allocation_count")
        else {
            return nil
        }
        return unsafe AllocationCounter(read: unsafeBitCast(symbol, to: (@convention(c) () -> UInt64).self))
    }()

    /// Allocations of the whole process so far.
    var count: UInt64 { self.read() }
}
