import Foundation
import JSON
import Logging

/// Makes each entry of the log one line of JSON.
public struct JSONLogHandler: LogHandler {
  /// What every entry has.
  public var metadata: Logger.Metadata = [:]
  /// The least level that is written.
  public var logLevel = Logger.Level.info
  private let write: @Sendable (String) -> Void

  /// A handler that hands its lines to `write`, without the newline.
  public init(write: @escaping @Sendable (String) -> Void) { self.write = write }

  /// A field that every entry has.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes an entry.
  public func log(event: LogEvent) {
    var line: TextKeyed<JSON> = [
      "time": .string(Date.now.ISO8601Format(.init(includingFractionalSeconds: true))),
      "level": .string(event.level.rawValue), "event": .string(event.message.description),
    ]
    for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }
    ) {
      line[key] = Self.json(value)
    }
    write(JSON.object(line).text)
  }

  private static func json(_ value: Logger.Metadata.Value) -> JSON {
    switch value {
    case .string(let text): .string(text)
    case .stringConvertible(let value as Int): .integer(value)
    case .stringConvertible(let value as Double): .number(value)
    case .stringConvertible(let value): .string(value.description)
    case .array(let values): .array(values.map(json))
    case .dictionary(let members):
      .object(TextKeyed(members.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) }) { $1 })
    }
  }
}
