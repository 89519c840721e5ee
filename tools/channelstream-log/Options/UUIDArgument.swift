import ArgumentParser
import LogValues
import Projections

/// A message's uuid on the command line, in any of the usual spellings.
struct UUIDArgument: ExpressibleByArgument {
    let uuid: UUID128

    init?(argument: String) {
        guard let uuid = UUID128(lenient: argument.utf8) else { return nil }
        self.uuid = uuid
    }
}
