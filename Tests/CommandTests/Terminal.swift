import Foundation

/// A terminal that a test types into.
final class Terminal {
  private let keyboard: FileHandle
  /// What a program reads from.
  let device: FileHandle

  init() throws {
    let descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    // The requests that grantpt() and ptsname() are made of, which Swift does not see.
    var (lock, number): (CInt, CInt) = (0, 0)
    guard descriptor >= 0, ioctl(descriptor, 0x4004_5431, &lock) == 0, ioctl(descriptor, 0x8004_5430, &number) == 0
    else { throw TestFailure("there is no terminal to be had") }
    keyboard = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    let device = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    guard device >= 0 else { throw TestFailure("the terminal cannot be opened") }
    self.device = FileHandle(fileDescriptor: device, closeOnDealloc: true)
  }

  func type(_ keys: String) throws { try keyboard.write(contentsOf: Data(keys.utf8)) }
}
