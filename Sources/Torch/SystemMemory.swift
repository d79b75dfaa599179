import Foundation

/// What the system says of memory, in bytes.
public enum SystemMemory {
  /// The largest resident size of this process so far. It never falls.
  public static var peak: Int {
    // On Linux `getrusage` counts in what the parent had when it started this program; the high-water mark does not.
    bytes("VmHWM", in: "/proc/self/status") ?? largestResidentSize
  }

  /// The resident size of this process now, but for the pages of tensors, which later ones take again.
  public static var outsideTensors: Int {
    max(0, (bytes("VmRSS", in: "/proc/self/status") ?? largestResidentSize) - HostMemory.touchedBytes)
  }

  /// What this machine can still give: what the system says is available, or else all that it has; where the process runs in
  /// a container with a limit, at most what that leaves.
  public static var available: Int {
    let machine = bytes("MemAvailable", in: "/proc/meminfo") ?? Int(clamping: ProcessInfo.processInfo.physicalMemory)
    guard let limit = number(in: "/sys/fs/cgroup/memory.max"), let used = number(in: "/sys/fs/cgroup/memory.current")
    else { return machine }
    return min(machine, max(0, limit - used))
  }

  /// The number that a file holds; nil where there is no such file, or it says `max`.
  private static func number(in path: String) -> Int? {
    (try? String(contentsOfFile: path, encoding: .utf8)).flatMap {
      Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
    }
  }

  /// The figure of a line like `VmHWM:   1024 kB`; nil where there is none.
  private static func bytes(_ name: String, in path: String) -> Int? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") })
    else { return nil }
    return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }

  private static var largestResidentSize: Int {
    var usage = rusage()
    // 0 is RUSAGE_SELF, whose imported type differs between C libraries.
    guard getrusage(0, &usage) == 0 else { return 0 }
    #if os(Linux)
      let unit = 1024
    #else
      let unit = 1
    #endif
    return Int(usage.ru_maxrss) * unit
  }
}
