import Foundation

extension Error {
  /// What the operating system said, or else Foundation's sentence, on one line.
  var reasonOnOneLine: String {
    if let posix = (self as NSError).userInfo[NSUnderlyingErrorKey] as? NSError, posix.domain == NSPOSIXErrorDomain {
      return String(cString: strerror(Int32(posix.code)))
    }
    return localizedDescription.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
