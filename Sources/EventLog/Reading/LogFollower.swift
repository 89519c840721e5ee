package import LogValues
package import SystemPackage

/// Reads lines from any on, and then waits at the live end for what is appended, by this process or by another.
///
/// It looks at the files again and again, since another process cannot tell it. Like any reader it sees lines as soon as
/// they are written, perhaps before they are synced. If the writer dies and recovery cuts off what it was writing, the
/// follower has not handed that out, and goes on with what is written instead. One thread at a time.
package struct LogFollower: ~Copyable {
    private let reader: LogReader
    private let pause: () -> Bool
    private var cursor: LogCursor?
    /// Nil before the first line, if that is to be the first that is kept.
    private var nextLine: SequenceNumber?
    /// The fault that a fresh look at the whole segment is to confirm.
    private var suspected: EventLogError?

    /// Follows a log, and looks for more at this interval.
    package init(
        _ directory: FilePath,
        from first: SequenceNumber? = nil,
        every interval: Duration,
        fileSystem: any FileSystem = PosixFileSystem()
    ) {
        self.init(directory, from: first, fileSystem: fileSystem) {
            PosixClock.sleep(for: interval)
            return true
        }
    }

    /// Follows a log.
    ///
    /// - Parameters:
    ///   - directory: The data directory; there need not be a log yet.
    ///   - first: The first line to hand out; nil: the first that is kept.
    ///   - fileSystem: Where the files are.
    ///   - pause: Called when there is nothing more; returns after some time. If it says false, ``next()`` gives up.
    package init(
        _ directory: FilePath,
        from first: SequenceNumber? = nil,
        fileSystem: any FileSystem = PosixFileSystem(),
        pause: @escaping () -> Bool
    ) {
        self.reader = LogReader(directory, fileSystem: fileSystem)
        self.pause = pause
        self.nextLine = first
    }

    /// The next line; nil only if `pause` said to give up.
    ///
    /// After nil it may be called again.
    ///
    /// - Throws: ``EventLogError/damaged(file:offset:_:)`` if what stands at the live end is no crash's work.
    @_lifetime(&self)
    package mutating func next() throws(EventLogError) -> LogLine? {
        try self.advance() ? self.cursor?.line : nil
    }

    private mutating func advance() throws(EventLogError) -> Bool {
        while true {
            do throws(EventLogError) {
                if try self.read() {
                    self.nextLine = self.cursor?.line.sequenceNumber.next
                    self.suspected = nil
                    return true
                }
            } catch .damaged(let file, let offset, let damage) {
                // What looks wrong may be what recovery wrote over a torn end that had been read before. A reader that
                // begins anew sees the file as it is; only what it finds wrong too is.
                let error = EventLogError.damaged(file: file, offset: offset, damage)
                self.cursor = nil
                guard self.suspected == error else {
                    self.suspected = error
                    continue
                }
                throw error
            }
            guard self.pause() else { return false }
        }
    }

    private mutating func read() throws(EventLogError) -> Bool {
        if try self.cursor?.resume() == false { self.cursor = nil }
        if self.cursor == nil { self.cursor = try self.reader.cursor(from: self.nextLine) }
        return try self.cursor?.advance() ?? false
    }
}
