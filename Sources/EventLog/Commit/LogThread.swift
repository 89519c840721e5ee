import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A thread of the log's own, for what blocks.
///
/// The new thread gets the body as a pointer that is retained, and releases it.
enum LogThread {
    /// Runs `body` on a new thread, which ends with it.
    ///
    /// - Parameters:
    ///   - path: What the thread works on, for the error's message.
    ///   - body: What to do; kept until it returns.
    /// - Throws: ``EventLogError/fileSystem(_:)`` if the system has no thread left.
    static func start(for path: FilePath, _ body: @escaping @Sendable () -> Void) throws(EventLogError) {
        let owned = unsafe Unmanaged.passRetained(Body(run: body))
        #if canImport(Darwin)
            var handle: pthread_t?
        #else
            var handle = pthread_t()
        #endif
        let code = unsafe pthread_create(&handle, nil, logThreadMain, owned.toOpaque())
        guard code == 0 else {
            unsafe owned.release()
            throw .fileSystem(FileSystemError(.startThread, path, Errno(rawValue: code)))
        }
        #if canImport(Darwin)
            if let handle { pthread_detach(handle) }
        #else
            pthread_detach(handle)
        #endif
    }

    fileprivate final class Body: Sendable {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    fileprivate static func runOwned(_ pointer: UnsafeMutableRawPointer) {
        unsafe Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run()
    }
}

#if canImport(Darwin)
    private func logThreadMain(_ pointer: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        unsafe LogThread.runOwned(pointer)
        return nil
    }
#else
    private func logThreadMain(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let pointer = unsafe pointer { unsafe LogThread.runOwned(pointer) }
        return nil
    }
#endif
