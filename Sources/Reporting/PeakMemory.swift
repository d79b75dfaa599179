import Foundation

/// The memory that this process has used.
public enum PeakMemory {
  /// The largest resident size so far, in bytes. It never falls.
  public static var bytes: Int {
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
