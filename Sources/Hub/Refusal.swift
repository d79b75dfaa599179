import JSON
import Wording

/// What it means that the hub refuses, and what to do about it.
struct Refusal {
  let repository: HubRepository
  let revision: String
  let settings: HubSettings

  /// Explains an answer of status 4xx about the repository, or about one of its files.
  func callAsFunction(_ response: HTTPResponse) -> HubError {
    explain(
      response.status, code: response.headers["x-error-code"] ?? "",
      message: response.headers["x-error-message"])
  }

  private func explain(_ status: Int, code: String, message: String?) -> HubError {
    let (title, hub) = (repository.title, Transport.host(settings.endpoint))
    let page = "\(settings.endpoint)/\(repository.page)"
    switch (status, code) {
    case (_, "GatedRepo"):
      return HubError(
        settings.token == nil
          ? "\(title) is gated: ask for access at \(page), then set HF_TOKEN to a token of your account"
          : "\(title) is gated, and your token has no access yet: ask for it at \(page)")
    case (404, "RevisionNotFound"):
      return HubError("\(title) has no revision '\(revision)'; \(page) lists its branches and tags")
    case (404, "EntryNotFound"):
      return HubError("\(title) no longer has a file that it lists; try again")
    case (401, _) where settings.token != nil && code != "RepoNotFound":
      return HubError(
        "\(hub) does not accept your token; \(settings.endpoint)/settings/tokens makes new ones (HF_TOKEN)")
    // The hub does not tell strangers whether a name is taken.
    case (_, "RepoNotFound"), (404, _), (401, _):
      let others: Wording = repository.kind == .model ? "\(setting: "dataset") fetches data sets; " : ""
      return HubError(
        settings.token == nil
          ? "\(hub) has no public \(title); check the name (\(others)a private one needs HF_TOKEN)"
          : "\(hub) has no \(title) that your token may read; check the name",
        isAbsent: status == 404)
    case (403, _):
      return HubError(
        "\(hub) denies access to \(title); see \(page), and what your token allows" + Wording(said(message)))
    default:
      return HubError("\(hub) answers \(status) about \(title)" + Wording(said(message)))
    }
  }

  private func said(_ message: String?) -> String { message.map { " (it says: \(plainLine($0)))" } ?? "" }
}
