/// A port as launchers name one. Ranks meet at one of the sixteen above it, which are hardly another test's.
public func anyPort() -> Int { 20_000 + Int.random(in: 0..<2000) * 17 }
