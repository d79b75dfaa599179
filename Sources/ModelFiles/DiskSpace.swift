import Foundation

/// Room on the disk, asked for before work begins that would be lost without it.
public enum DiskSpace {
  /// Bytes that this user can still write to the disk that holds `url`, or will hold it once it is created.
  /// - Throws: `ModelFileError` where the disk cannot be asked.
  public static func available(at url: URL) throws -> Int {
    var place = url.standardizedFileURL
    while !FileManager.default.fileExists(atPath: place.path), place.path != "/" { place.deleteLastPathComponent() }
    var status = statvfs()
    guard statvfs(place.path, &status) == 0 else {
      throw ModelFileError.system(place.path, "its free space cannot be read")
    }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return overflow ? .max : Int(clamping: bytes)
  }

  /// Checks that `bytes` can be written below `url`.
  /// - Throws: `ModelFileError`, naming the bytes needed and available.
  public static func require(_ bytes: Int, at url: URL) throws {
    let free = try available(at: url)
    guard bytes <= free else {
      throw ModelFileError(url.path, "needs \(bytes) bytes (\(readable(bytes))), the disk has \(readable(free)) left")
    }
  }

  /// A number of bytes for people: `1.5 GB`.
  package static func readable(_ bytes: Int) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return unit == 0 ? "\(bytes) bytes" : "\((value * 10).rounded() / 10) \(units[unit])"
  }
}
