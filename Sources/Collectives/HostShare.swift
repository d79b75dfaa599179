import Foundation

/// What a rank has of its host: a name, and cores that it may share with others.
public struct HostShare: Sendable, Equatable {
  /// Its name.
  public let name: String
  /// The ranks on it.
  public let ranks: [Int]
  /// How many threads this rank has of its cores: of each that it may run on a part, where others may run on it too.
  public let threads: Int
  /// Cores that the launcher may run on and none of its ranks, as where it binds each to one.
  public let idleCores: Int

  /// The name of this process's host, as its own network has it.
  public static var current: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension Communicator {
  /// The hosts of all ranks, in the order of the ranks.
  public func hosts() throws -> [String] {
    try gather(Array(HostShare.current.utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// This rank's host.
  public func host() throws -> HostShare {
    let hosts = try hosts()
    let cores: [[Int32]] = try gather(allowedCores(of: 0))
    let ranks = (0..<count).filter { hosts[$0] == hosts[rank] }
    let shares = cores[rank].map { core in 1 / Double(ranks.count { cores[$0].contains(core) }) }
    let unused = Set(allowedCores(of: getppid())).subtracting(ranks.flatMap { cores[$0] })
    return HostShare(
      name: hosts[rank], ranks: ranks, threads: max(1, Int(shares.reduce(0, +).rounded(.down))),
      idleCores: unused.count)
  }
}

/// The cores that a process may run on; 0 is this one.
private func allowedCores(of process: pid_t) -> [Int32] {
  // As in `Cpus_allowed_list: 0-3,8`.
  let status = FileManager.default.contents(atPath: "/proc/\(process == 0 ? "self" : String(process))/status") ?? Data()
  let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
  let ranges = line?.split(whereSeparator: \.isWhitespace).last?.split(separator: ",") ?? []
  let cores = ranges.flatMap { range -> [Int32] in
    let ends = range.split(separator: "-").compactMap { Int32($0) }
    guard let first = ends.first, let last = ends.last, first <= last, last < 1 << 16 else { return [] }
    return Array(first...last)
  }
  return cores.isEmpty ? Array(0..<Int32(ProcessInfo.processInfo.activeProcessorCount)) : cores
}
