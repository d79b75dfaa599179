import Foundation
import ModelFiles

/// A file of a folder that may be uploaded.
struct LocalFile: Sendable {
  /// Its path in the folder, and in the repository.
  let path: String
  /// Where it is.
  let place: String
  /// Its size in bytes.
  let size: Int
  /// When it was last changed, in nanoseconds.
  let changed: Int

  /// Opens it, as it was found.
  /// - Throws: `HubError` where it cannot be read, or is not what it was.
  func open() throws(HubError) -> FileHandle {
    let descriptor = Foundation.open(place, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(place, "cannot be read") }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try check(handle)
    return handle
  }

  /// Makes sure that it has not changed since it was found.
  /// - Throws: `HubError`.
  func check(_ handle: FileHandle) throws(HubError) {
    var status = stat()
    guard fstat(handle.fileDescriptor, &status) == 0, Int(status.st_size) == size, Self.changed(status) == changed
    else {
      throw HubError("\(plainLine(path)) changed while it was uploaded; wait until nothing writes to it, and try again")
    }
  }

  /// The hash that the hub publishes for such a content.
  /// - Throws: `HubError` where it cannot be read, or changes meanwhile.
  func hash(like kind: PublishedHash) throws -> String {
    let handle = try open()
    let hasher = ContentHasher(like: kind, size: size)
    let body = HTTPBody.file(handle, 0..<size)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { room.deallocate() }
    var done = 0
    while done < size {
      try Task.checkCancellation()
      guard let count = body.copy(from: done, to: room) else { throw HubError.system(place, "cannot be read") }
      hasher.update(UnsafeRawBufferPointer(rebasing: room[..<count]))
      done += count
    }
    try check(handle)
    return hasher.finalize()
  }

  /// Whether its content is that of a file on the hub.
  func isEqual(to file: HubFile) throws -> Bool { try size == file.size && hash(like: file.hash) == file.hash.text }

  static func changed(_ status: stat) -> Int {
    #if os(macOS)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    return Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
  }
}

/// What a folder has, and which of it is uploaded.
struct FolderFiles {
  /// The files to upload, by path.
  private(set) var files: [LocalFile] = []
  /// What stays here, and why; a folder ends with a slash.
  private(set) var leftOut: [UploadPlan.LeftOut] = []

  /// No repository has more.
  private static let most = 100_000

  /// Looks through a folder.
  /// - Parameters:
  ///   - patterns: files whose paths match one of them are uploaded, whatever they are; none for all but what is usually not
  ///     meant for others.
  ///   - token: what no file may hold.
  /// - Throws: `HubError`.
  init(_ folder: URL, matching patterns: [String], token: String?) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) else {
      throw HubError("\(folder.path): there is no such folder")
    }
    guard isFolder.boolValue else { throw HubError("\(folder.path) is a file; name the folder that it is in") }
    try add("", of: folder.path, homes: CarriedFiles.homes(of: folder), patterns, token.map { Array($0.utf8) })
    files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    leftOut.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  private mutating func add(
    _ prefix: String, of folder: String, homes: [String], _ patterns: [String], _ token: [UInt8]?
  ) throws {
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: Path.join(folder, prefix)).sorted() } catch {
      throw HubError("\(Path.join(folder, prefix)): the folder cannot be read")
    }
    for name in names {
      try Task.checkCancellation()
      let (path, place) = (prefix + name, Path.join(folder, prefix + name))
      var (link, status) = (stat(), stat())
      guard lstat(place, &link) == 0 else { continue }
      let isLink = link.st_mode & S_IFMT == S_IFLNK
      let isThere = stat(place, &status) == 0
      if isThere, status.st_mode & S_IFMT == S_IFDIR {
        if isLink {
          leave(path + "/", "a link to a folder")
        } else if let reason = patterns.isEmpty ? Self.reason(folder: name) : nil {
          leave(path + "/", reason)
        } else {
          try add(path + "/", of: folder, homes: homes, patterns, token)
        }
        continue
      }
      guard
        patterns.isEmpty
          || patterns.contains(where: { fnmatch($0.hasSuffix("/") ? $0 + "*" : $0, path, FNM_NOESCAPE) == 0 })
      else { continue }
      guard isThere, status.st_mode & S_IFMT == S_IFREG else {
        leave(path, isLink ? "a link to nothing" : "not a file")
        continue
      }
      // What a stranger's folder points to, a key perhaps, is not to be published with it.
      if isLink, CarriedFiles.realPath(place).map({ CarriedFiles.isWithin(homes, $0) }) != true {
        leave(path, "a link to a file elsewhere")
        continue
      }
      guard HubFile.isSafe(path) else {
        leave(plainLine(path), "the hub cannot have such a name")
        continue
      }
      if let reason = patterns.isEmpty ? Self.reason(file: name) : nil {
        leave(path, reason)
        continue
      }
      let file = LocalFile(path: path, place: place, size: Int(status.st_size), changed: LocalFile.changed(status))
      if let token, try Self.holds(token, file) {
        leave(path, "it holds your token")
        continue
      }
      files.append(file)
      guard files.count <= Self.most else {
        throw HubError("\(folder) has more than \(Self.most) files; the hub takes no more in a repository")
      }
    }
  }

  private mutating func leave(_ path: String, _ reason: String) {
    leftOut.append(UploadPlan.LeftOut(path: path, reason: reason))
  }

  private static let shownHidden: Set<String> = [".gitattributes", ".gitignore", ".eval_results"]

  /// Why a folder is not meant for others; nil where it is.
  private static func reason(folder name: String) -> String? {
    if name.hasPrefix("."), !shownHidden.contains(name) { return "hidden" }
    if name.hasPrefix("checkpoint-") { return "a checkpoint, with the state of its optimizer" }
    if name.hasPrefix("global_step") { return "the state of an optimizer" }
    return nil
  }

  private static func reason(file name: String) -> String? {
    let small = name.lowercased()
    if name.hasPrefix("."), !shownHidden.contains(name) { return "hidden" }
    if ["optimizer.", "value_optimizer.", "scheduler.", "scaler.", "rng_state"].contains(where: small.hasPrefix) {
      return "the state of an optimizer"
    }
    let keys = [".pem", ".key", ".token", ".p12", ".pfx"].contains(where: small.hasSuffix)
    if keys || ["token", "stored_tokens", "hf_token", "credentials"].contains(small) || small.hasPrefix("id_rsa")
      || small.hasPrefix("id_ed25519")
    {
      return "it may be a key or a token"
    }
    return nil
  }

  /// Whether a short file has a text in it.
  private static func holds(_ token: [UInt8], _ file: LocalFile) throws -> Bool {
    guard !token.isEmpty, file.size <= 1 << 20, let bytes = try file.open().readToEnd() else { return false }
    return bytes.range(of: Data(token)) != nil
  }
}
