import JSON
import YAML
import Yams

/// What a model card (a folder's README.md) says in its YAML header that also holds for models trained from it.
public struct BaseCard: Sendable, Equatable {
  /// The values of `language`, `license`, `license_name` and `license_link`, where the card has them.
  public let inherited: TextKeyed<JSON>

  /// Reads the card's text. A card without a header, or with one that is not YAML, says nothing.
  public init(_ markdown: String) {
    let root = YAML.header(ofCard: markdown).flatMap { try? YAML.compose($0) }
    var inherited: TextKeyed<JSON> = [:]
    for key in ["language", "license", "license_name", "license_link"] {
      inherited[key] = root?.mapping?[key].flatMap(Self.textOrList)
    }
    self.inherited = inherited
  }

  /// Values as they are written: the language `no` is Norwegian.
  private static func textOrList(_ node: Node) -> JSON? {
    guard node.null == nil else { return nil }
    if let scalar = node.scalar { return .string(scalar.string) }
    guard let elements = node.sequence?.compactMap({ $0.scalar?.string }), !elements.isEmpty else { return nil }
    return .array(elements.map(JSON.string))
  }
}
