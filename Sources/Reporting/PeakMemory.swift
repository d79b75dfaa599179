import Foundation

/// The memory that this process has used.
public enum PeakMemory {
  /// The largest resident size so far, in bytes. It never falls.
  public static var bytes: Int { highWaterMark ?? largestResidentSize }

  /// What Linux says of the program itself. `getrusage` counts in what its parent had when it started it.
  private static var highWaterMark: Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return kibibytes * 1024
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
