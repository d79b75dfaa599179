import Foundation
import JSON
import Wording

extension Hub {
  /// Compares a folder with a repository, by sizes and hashes; nothing is sent.
  /// - Parameters:
  ///   - patterns: which files, where `*` stands for anything, slashes too; none for all but hidden ones, checkpoints, the state
  ///     of optimizers, and what may be a key or a token.
  /// - Throws: `HubError`.
  public func uploadPlan(_ folder: URL, to repository: HubRepository, matching patterns: [String] = []) async throws
    -> UploadPlan
  {
    let transport = try uploading()
    let found = try FolderFiles(folder, matching: patterns, token: settings.token)
    guard !found.files.isEmpty else {
      throw HubError(
        patterns.isEmpty
          ? "\(folder.path) has no files to upload"
          : "\(folder.path) has no files that match \(patterns.joined(separator: ", "))")
    }
    return try await plan(found, to: repository, transport)
  }

  /// Sends what a plan says has changed, in one commit. What is on the hub and not in the folder stays there.
  ///
  /// A repository that does not exist is made: a private one, unless it is to be public. What was sent before a break is not
  /// sent again.
  /// - Returns: the address of the commit; nil where nothing had changed.
  /// - Throws: `HubError`, also where the repository is public and was not to be.
  public func upload(_ plan: UploadPlan, isPublic: Bool = false) async throws -> String? {
    let transport = try uploading()
    var (seen, base) = (plan.isPublic, plan.base)
    if seen == nil {
      try await make(plan.repository, isPublic: isPublic, transport)
      let state = try await state(plan.repository, transport)
      guard let state else {
        throw HubError(
          "\(Transport.host(settings.endpoint)) has made no \(plan.repository.title), and does not say why")
      }
      (seen, base) = (state.isPublic, state.listing.commit)
    }
    // An upload meant for few is not to be seen by all.
    guard isPublic || seen == false else {
      throw HubError(
        "\(plan.repository.title) is public: everyone would see the files; say \(setting: "public") if they may, or name another repository"
      )
    }
    guard !plan.changed.isEmpty else { return nil }
    let upload = RepositoryUpload(hub: self, transport: transport, repository: plan.repository, base: base ?? "")
    guard let commit = try await upload.send(plan.changed) else { return nil }
    return "\(settings.endpoint)/\(plan.repository.page)/commit/\(commit)"
  }

  private func uploading() throws(HubError) -> Transport {
    guard !settings.isOffline else { throw HubError("nothing can be uploaded: HF_HUB_OFFLINE is set") }
    guard settings.token != nil else {
      throw HubError(
        "uploading needs a token that may write: \(settings.endpoint)/settings/tokens makes one; set HF_TOKEN to it")
    }
    return Transport(connections: try Connections(settings, patience), settings: settings)
  }

  private func plan(_ found: FolderFiles, to repository: HubRepository, _ transport: Transport) async throws
    -> UploadPlan
  {
    let state = try await state(repository, transport)
    let there = TextKeyed((state?.listing.files ?? []).map { ($0.path, $0) })
    var (files, changed): ([UploadPlan.File], [LocalFile]) = ([], [])
    for file in found.files {
      let change: UploadPlan.File.Change
      if let old = there[file.path] {
        change = try file.isEqual(to: old) ? .unchanged : .changed
      } else {
        change = .new
      }
      files.append(UploadPlan.File(path: file.path, size: file.size, change: change))
      if change != .unchanged { changed.append(file) }
    }
    return UploadPlan(
      repository: repository, files: files, leftOut: found.leftOut, isPublic: state?.isPublic, changed: changed,
      base: state?.listing.commit)
  }

  /// What is in a repository now, and whether everyone sees it; nil where there is none.
  func state(_ repository: HubRepository, _ transport: Transport) async throws -> (
    listing: HubListing, isPublic: Bool
  )? {
    do {
      let answer = try await listingAnswer(repository, "main", transport)
      guard let isPrivate = answer["private"]?.bool else {
        throw HubError("the hub's answer does not say whether \(repository.title) is private; nothing was sent")
      }
      return (try HubListing(answer: answer), !isPrivate)
    } catch let error as HubError where error.isAbsent {
      return nil
    }
  }

  /// Makes an empty repository.
  private func make(_ repository: HubRepository, isPublic: Bool, _ transport: Transport) async throws {
    let refusal = UploadRefusal(repository: repository, settings: settings)
    let parts = repository.name.split(separator: "/").map(String.init)
    let request: JSON = [
      "name": .string(parts[1]), "organization": .string(parts[0]), "type": .string(repository.kind.rawValue),
      "visibility": isPublic ? "public" : "private",
    ]
    _ = try await repeating(repository.title) {
      do {
        return try await transport.post(request, to: "api/repos/create") { response in
          // An earlier attempt may have made it, though its answer was lost.
          response.status == 409 ? HubError("exists", isAbsent: true) : refusal.creating(response)
        }
      } catch let error as HubError where error.isAbsent {
        return .null
      }
    }
    events(.note("made the \(isPublic ? "public" : "private") \(repository.title)"))
  }
}
