/// How large the blocks of a segment's frame may be.
///
/// What shares a sync is one block, since a crash must not tear two (`docs/log-format.md`, "Torn tails"); so the width of
/// the frame bounds what can share one. Wide frames are for times of pressure: reading a line of theirs costs more.
package enum FrameWidth: Sendable {
    case narrow
    case wide

    /// Most decoded bytes of a block that is written.
    ///
    /// LZ4 knows no size between 1 and 4 MiB. Above 2 MiB nothing is gained (at a million lines a second that is more
    /// than comes in during a sync of 6 ms), and the search for what a crash tore grows with the square of it.
    package var blockSizeBytes: Int {
        switch self {
        case .narrow: 256 << 10
        case .wide: 2 << 20
        }
    }

    /// The frame's header: linked blocks of at most 256 KiB or 4 MiB, block and content checksums.
    var header: [UInt8] {
        switch self {
        case .narrow: [0x04, 0x22, 0x4D, 0x18, 0x54, 0x50, 0xC0]
        case .wide: [0x04, 0x22, 0x4D, 0x18, 0x54, 0x70, 0xE1]
        }
    }
}
