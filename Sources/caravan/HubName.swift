import Hub

/// What people write for something of the hub: OWNER/NAME, and for the records of a data set
/// OWNER/NAME:SPLIT or OWNER/NAME/CONFIGURATION:SPLIT; each with @REVISION before the colon where it is not the newest.
struct HubName {
  /// OWNER/NAME.
  let repository: String
  let configuration: String?
  let revision: String
  /// Whether the name says which revision.
  let namesRevision: Bool
  let split: String?

  /// Reads a name; nil for what has another form, as paths have.
  init?(_ text: String) {
    let colon = text.lastIndex(of: ":") ?? text.endIndex
    let split = text[colon...].dropFirst()
    let named = text[..<colon].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = (named.first ?? "").split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2, HubRepository.isName("\(parts[0])/\(parts[1])"), !split.contains("/"),
      split.isEmpty == (colon == text.endIndex), parts.count == 2 || !split.isEmpty
    else { return nil }
    repository = "\(parts[0])/\(parts[1])"
    configuration = parts.count == 3 ? String(parts[2]) : nil
    namesRevision = named.count == 2
    revision = named.count == 2 ? String(named[1]) : "main"
    self.split = split.isEmpty ? nil : String(split)
  }
}
