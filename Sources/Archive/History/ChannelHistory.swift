import EventLog
package import LogValues
package import Projections

/// A page of a channel's messages, out of all of time.
package struct HistoryPage: Sendable, Equatable {
    /// In the order in which they are answered.
    package var messages: [MessageRecord]
    package let isNewestFirst: Bool
    /// Whether more follow in that order.
    package var hasMore: Bool
    /// What the messages are as of.
    package let asOf: SequenceNumber
}

/// Which of a channel's messages a page has.
package struct HistoryRange: Equatable, Sendable {
    /// Only events before this one.
    package var before: SequenceNumber?
    /// Only events after this one.
    package var after: UInt64?
    package var limit: Int

    package init(before: SequenceNumber? = nil, after: UInt64? = nil, limit: Int) {
        self.before = before
        self.after = after
        self.limit = limit
    }

    /// Newest first, unless only `after` is given: then from there on.
    package var isNewestFirst: Bool { self.before != nil || self.after == nil }
}

/// Makes pages of a channel's messages.
package struct ChannelHistory {
    package let view: IndexView
    package let channel: ChannelName
    package let range: HistoryRange
    /// What the messages are to be as of; the last event to look at.
    package let asOf: SequenceNumber

    package init(view: IndexView, channel: ChannelName, range: HistoryRange, asOf: SequenceNumber) {
        self.view = view
        self.channel = channel
        self.range = range
        self.asOf = asOf
    }

    /// - Returns: The page; nil if the log names no such channel up to then.
    /// - Throws: ``StaleIndex``, ``EventLogError``, and ``EventCodingError`` if a line cannot be read.
    package func page() throws -> HistoryPage? {
        guard let first = self.view.first, self.asOf.rawValue >= first.rawValue else { return nil }
        var decoder = EventDecoder()
        var records = try self.records(from: first, &decoder)
        if records.isEmpty {
            guard try self.view.isKnown(self.channel, through: self.asOf) else { return nil }
        }
        let hasMore = records.count > self.range.limit
        if hasMore {
            if self.range.isNewestFirst { records.removeFirst() } else { records.removeLast() }
        }
        try self.applyChanges(to: &records, &decoder)
        if self.range.isNewestFirst { records.reverse() }
        return HistoryPage(
            messages: records,
            isNewestFirst: self.range.isNewestFirst,
            hasMore: hasMore,
            asOf: self.asOf
        )
    }

    /// The messages as posted, in order, one more than asked for if there are more.
    private func records(from first: SequenceNumber, _ decoder: inout EventDecoder) throws -> [MessageRecord] {
        var lower = max(first.rawValue, (self.range.after ?? 0) + 1)
        var upper = self.asOf.rawValue
        if let before = self.range.before { upper = min(upper, max(before.rawValue, 1) - 1) }
        var records: [MessageRecord] = []
        let wanted = self.range.limit + 1
        let isNewestFirst = self.range.isNewestFirst
        while lower <= upper, records.count < wanted {
            let lines = try self.view.posts(
                toChannel: self.channel,
                in: SequenceNumber(lower)...SequenceNumber(upper),
                limit: wanted - records.count,
                fromEnd: isNewestFirst
            )
            guard let firstFound = lines.first, let lastFound = lines.last else { break }
            self.view.prepare(lines)
            var found: [MessageRecord] = []
            for line in lines {
                guard let record = try self.record(at: line, &decoder) else { continue }
                found.append(record)
            }
            // Fewer than were found if another channel has the same hash; then there may be more to find.
            if isNewestFirst {
                records = found + records
                upper = firstFound.rawValue - 1
            } else {
                records += found
                lower = lastFound.rawValue + 1
            }
        }
        return records
    }

    private func record(at line: SequenceNumber, _ decoder: inout EventDecoder) throws -> MessageRecord? {
        let decoded = try self.view.line(at: line) { try decoder.decode($0) }
        guard let record = MessageRecord(decoded.event, at: decoded.position) else {
            throw StaleIndex(segment: self.view.segment(of: line))
        }
        return record.message.addressing.channel == self.channel ? record : nil
    }

    /// Applies edits and deletions to the messages, which are in order.
    private func applyChanges(to records: inout [MessageRecord], _ decoder: inout EventDecoder) throws {
        guard let first = records.first else { return }
        var indices: [UUID128: [Int]] = [:]
        for (index, record) in records.enumerated() { indices[record.message.uuid, default: []].append(index) }
        let changes = try self.view.changes(
            ofMessages: Set(indices.keys),
            after: first.posted.position,
            through: self.asOf
        )
        self.view.prepare(changes)
        for line in changes {
            let decoded = try self.view.line(at: line) { try decoder.decode($0) }
            guard let uuid = decoded.event.payload.aboutMessages?.message?.uuid else { continue }
            for index in indices[uuid, default: []] { records[index].apply(decoded.event, at: decoded.position) }
        }
    }
}
