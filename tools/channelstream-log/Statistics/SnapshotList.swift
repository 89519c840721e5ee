import Archive
import EventLog
import LogValues
import RawJSON
import SystemPackage

/// Snapshots as they are shown; each was read.
struct SnapshotList {
    private struct Row {
        let name: SnapshotName
        let fileSizeBytes: UInt64
        let made: String
        let isWhole: Bool
    }

    /// The first line of the log that is kept.
    let firstLine: SequenceNumber
    private let rows: [Row]

    /// - Throws: ``EventLogError`` if the directory cannot be read.
    init(_ directory: FilePath) throws {
        let snapshots = try ConfirmedSnapshots(in: directory)
        self.firstLine = try snapshots.firstLine()
        self.rows = try snapshots.store.names().map { name in
            let isWhole = (try? snapshots.read(name)) != nil
            return Row(
                name: name,
                fileSizeBytes: FileSizes.size(of: snapshots.store.path(of: name)),
                made: isWhole ? (try? snapshots.store.open(name).header.made) ?? "" : "",
                isWhole: isWhole
            )
        }
    }

    func rendered(_ format: ListCommand.Format) -> [UInt8] {
        switch format {
        case .table: self.rows.isEmpty ? [] : self.table
        case .csv: []
        case .ndjson: self.ndjson
        }
    }

    private var table: [UInt8] {
        var table = TextTable([
            TextTable.Column("SNAPSHOT"), TextTable.Column("AS OF LINE", .right), TextTable.Column("ON DISK", .right),
            TextTable.Column("STATE"), TextTable.Column("MADE"),
        ])
        for row in self.rows {
            let cells = [
                row.name.fileName, "\(row.name.through)", Quantity.size(row.fileSizeBytes), Self.state(row),
                String(row.made.prefix(19)),
            ]
            table.append(cells.map { Array($0.utf8) })
        }
        return [UInt8(ascii: "\n")] + table.text
    }

    private var ndjson: [UInt8] {
        self.rows.flatMap { row in
            JSONWriter.line { writer in
                writer.member("snapshot", row.name.fileName)
                writer.member("through", row.name.through.rawValue)
                writer.member("disk_bytes", row.fileSizeBytes)
                writer.member("state", Self.state(row))
                writer.member("made", row.made)
            }
        }
    }

    private static func state(_ row: Row) -> String { row.isWhole ? "whole" : "damaged" }
}
