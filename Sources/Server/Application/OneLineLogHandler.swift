package import Logging
import Web

/// Hands log events on with every text in them made fit for one line (``ForeignText``).
///
/// Here, and not where something is logged, since it must not be forgotten anywhere: errors carry what a peer, a client or
/// a disk has said.
package struct OneLineLogHandler: LogHandler {
    private var base: any LogHandler

    package init(_ base: any LogHandler) {
        self.base = base
    }

    package var logLevel: Logger.Level {
        get { self.base.logLevel }
        set { self.base.logLevel = newValue }
    }

    package var metadata: Logger.Metadata {
        get { self.base.metadata }
        set { self.base.metadata = newValue.mapValues { $0.onOneLine } }
    }

    package var metadataProvider: Logger.MetadataProvider? {
        get { self.base.metadataProvider }
        set { self.base.metadataProvider = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.base[metadataKey: key] }
        set { self.base[metadataKey: key] = newValue?.onOneLine }
    }

    package func log(event: LogEvent) {
        var event = event
        event.message = "\(ForeignText.shown(event.message.description))"
        event.metadata = event.metadata?.mapValues { $0.onOneLine }
        if let error = event.error {
            event.error = nil
            event.metadata = (event.metadata ?? [:]).merging(["error": "\(ForeignText.shown("\(error)"))"]) { old, _ in
                old
            }
        }
        self.base.log(event: event)
    }
}

extension Logger.MetadataValue {
    fileprivate var onOneLine: Self {
        switch self {
        case .string(let text): .string(ForeignText.shown(text))
        case .stringConvertible(let value): .string(ForeignText.shown("\(value)"))
        case .dictionary(let values): .dictionary(values.mapValues { $0.onOneLine })
        case .array(let values): .array(values.map { $0.onOneLine })
        }
    }
}
