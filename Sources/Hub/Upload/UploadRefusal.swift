import Wording

/// What it means that the hub refuses to take something, and what to do about it.
struct UploadRefusal {
  let repository: HubRepository
  let settings: HubSettings

  private var host: String { Transport.host(settings.endpoint) }

  /// Explains why there is to be no such repository.
  func creating(_ response: HTTPResponse) -> HubError {
    guard response.status == 400 || response.status == 404 else { return callAsFunction(response) }
    return HubError("\(host) makes no \(repository.title)\(said(response))")
  }

  /// Explains an answer of status 4xx to something that was sent.
  func callAsFunction(_ response: HTTPResponse) -> HubError {
    let title = repository.title
    switch response.status {
    case 401:
      return HubError(
        "\(host) does not accept your token; \(settings.endpoint)/settings/tokens makes new ones (HF_TOKEN)")
    case 403:
      return HubError(
        "your token may not write to \(title)\(said(response)); \(settings.endpoint)/settings/tokens makes one that may"
      )
    case 404: return HubError("\(host) has no \(title) any more that your token may see; try again")
    case 409, 412:
      return HubError("\(title) was changed while files were uploaded; upload again to compare with what it has now")
    case 413:
      return HubError(
        "\(host) does not take as much at once for \(title)\(said(response)); upload fewer files at a time")
    default: return HubError("\(host) answers \(response.status) about \(title)\(said(response))")
    }
  }

  private func said(_ response: HTTPResponse) -> String {
    response.headers["x-error-message"].map { " (it says: \(plainLine($0)))" } ?? ""
  }
}
