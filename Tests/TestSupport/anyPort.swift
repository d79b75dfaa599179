import Synchronization

/// A port as launchers name one. Ranks meet at one of the sixteen above it, which no other test is given and which lie below
/// those that systems give to connections.
public func anyPort() -> Int { 20_000 + nextPort.wrappingAdd(1, ordering: .relaxed).newValue % 700 * 17 }

private let nextPort = Atomic(Int.random(in: 0..<700))
