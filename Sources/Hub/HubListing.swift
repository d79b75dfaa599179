import JSON

/// All files of a repository at one commit, which never change.
public struct HubListing: Sendable {
  /// The commit, as 40 hexadecimal digits.
  public let commit: String
  /// Its files, by path.
  public let files: [HubFile]

  /// - Throws: `HubError` where two files have the same path.
  package init(commit: String, files: [HubFile]) throws(HubError) {
    self.commit = commit
    self.files = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    var paths: Set<TextKey> = []
    for file in files where !paths.insert(TextKey(file.path)).inserted {
      throw HubError("the hub lists '\(plainLine(file.path))' twice")
    }
  }

  /// Reads the hub's answer about a revision.
  /// - Throws: `HubError`.
  init(answer: JSON) throws(HubError) {
    guard let commit = answer["sha"]?.string, HubRevision.isCommit(commit), let siblings = answer["siblings"]?.array
    else { throw HubError("the hub's answer names no commit and files; is HF_ENDPOINT the address of a hub?") }
    var files: [HubFile] = []
    for file in siblings {
      let (path, large) = (file["rfilename"]?.string ?? "", file["lfs"])
      guard let size = large?["size"]?.int ?? file["size"]?.int else {
        throw HubError("the hub lists '\(plainLine(path))' without a size")
      }
      files.append(
        try HubFile(
          path: path, size: size, sha256: large?["sha256"]?.string, gitID: file["blobId"]?.string ?? ""))
    }
    try self.init(commit: commit, files: files)
  }

  /// Reads what `treeText` wrote, or huggingface_hub; nil where it is of another form.
  init?(commit: String, tree: JSON) {
    guard tree["format_version"]?.int == 1, let members = tree["files"]?.object else { return nil }
    var files: [HubFile] = []
    for (path, file) in members {
      guard let size = file["lfs_size"]?.int ?? file["size"]?.int,
        let file = try? HubFile(
          path: path, size: size, sha256: file["lfs_sha256"]?.string, gitID: file["blob_id"]?.string ?? "")
      else { return nil }
      files.append(file)
    }
    guard let listing = try? HubListing(commit: commit, files: files) else { return nil }
    self = listing
  }

  /// The listing as huggingface_hub keeps it in `trees/COMMIT.json`.
  var treeText: String {
    var members: TextKeyed<JSON> = [:]
    for file in files {
      var member: TextKeyed<JSON> = ["size": .integer(file.size), "blob_id": .string(file.gitID)]
      if case .sha256(let hash) = file.hash {
        member["lfs_sha256"] = .string(hash)
        member["lfs_size"] = .integer(file.size)
      }
      members[file.path] = .object(member)
    }
    return JSON.object(["format_version": 1, "files": .object(members)]).text
  }
}
