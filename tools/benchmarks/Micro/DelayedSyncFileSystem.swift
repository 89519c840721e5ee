import EventLog
import LogValues
import SystemPackage
import TestSupport

/// The operating system's files on a disk whose sync takes as long as is asked for, and does nothing else: so figures do not
/// depend on the disk of the machine, nor on who else uses it.
struct DelayedSyncFileSystem: FileSystemLayer {
    let disk = PosixFileSystem()
    let delay: Duration

    func sync(_ file: OpenFile) throws(FileSystemError) {
        if self.delay > .zero { PosixClock.sleep(for: self.delay) }
    }

    func flushDirectory(_ path: FilePath) throws(FileSystemError) {}
}
