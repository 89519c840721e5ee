import NIOCore
import SystemPackage

/// Processors that this process may use.
enum UsableProcessors {
    /// Those of the machine that the control group grants, less those that the process is kept from (`taskset`): two event
    /// loops on one processor only wait for each other.
    static var count: Int {
        let permitted = (try? self.status()).flatMap { self.permitted(by: $0) }
        return min(System.coreCount, permitted ?? .max)
    }

    /// Processors in the affinity mask of a process.
    ///
    /// - Parameter status: As Linux gives it, see proc_pid_status(5): among its lines one like `Cpus_allowed:\tff,00000003`.
    /// - Returns: Nil if it says nothing of it.
    static func permitted(by status: String) -> Int? {
        let name = "Cpus_allowed:"
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
        let count = line.dropFirst(name.count).reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
        return count > 0 ? count : nil
    }

    private static func status() throws -> String {
        let file = unsafe try FileDescriptor.open("/proc/self/status", .readOnly)
        return try file.closeAfter {
            // The kernel makes it anew for every read from the beginning, so it is taken in one; it is told how much room there is.
            unsafe try String(unsafeUninitializedCapacity: 16 << 10) { buffer in
                unsafe try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
        }
    }
}
