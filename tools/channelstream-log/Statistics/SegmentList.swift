import EventLog
import LogValues
import RawJSON

/// Segments as they are shown.
struct SegmentList {
    let rows: [SegmentSurvey.Row]

    func rendered(_ format: ListCommand.Format) -> [UInt8] {
        switch format {
        case .table: self.table
        case .csv: self.csv
        case .ndjson: self.ndjson
        }
    }

    private var table: [UInt8] {
        var table = TextTable([
            TextTable.Column("SEGMENT"), TextTable.Column("LINES", .right), TextTable.Column("ON DISK", .right),
            TextTable.Column("TEXT", .right), TextTable.Column("RATIO", .right), TextTable.Column("STATE"),
            TextTable.Column("FROM"), TextTable.Column("TO"),
        ])
        for row in self.rows {
            let cells = [
                row.name.fileName, "\(row.lineCount)", Quantity.size(row.fileSizeBytes),
                Quantity.size(row.textSizeBytes),
                Quantity.ratio(row.textSizeBytes, row.fileSizeBytes), row.state.rawValue,
            ]
            // To the second: people read this.
            table.append(cells.map { Array($0.utf8) } + [Array(row.earliest.prefix(19)), Array(row.latest.prefix(19))])
        }
        return table.text
    }

    private var csv: [UInt8] {
        var text = Array("segment,base,lines,disk_bytes,text_bytes,state,opened,earliest,latest\r\n".utf8)
        for row in self.rows {
            let cells = [
                row.name.fileName, "\(row.name.base)", "\(row.lineCount)", "\(row.fileSizeBytes)",
                "\(row.textSizeBytes)",
                row.state.rawValue, row.opened,
            ]
            for cell in cells {
                CSV.append(Array(cell.utf8), to: &text)
                text.append(UInt8(ascii: ","))
            }
            CSV.append(row.earliest, to: &text)
            text.append(UInt8(ascii: ","))
            CSV.append(row.latest, to: &text)
            text.append(contentsOf: "\r\n".utf8)
        }
        return text
    }

    private var ndjson: [UInt8] {
        self.rows.flatMap { row in
            JSONWriter.line { writer in
                writer.member("segment", row.name.fileName)
                writer.member("base", row.name.base.rawValue)
                writer.member("lines", row.lineCount)
                writer.member("disk_bytes", row.fileSizeBytes)
                writer.member("text_bytes", row.textSizeBytes)
                writer.member("state", row.state.rawValue)
                writer.member("opened", row.opened)
                writer.member("earliest", utf8: row.earliest)
                writer.member("latest", utf8: row.latest)
            }
        }
    }
}
