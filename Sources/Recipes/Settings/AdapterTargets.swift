import JSON

/// The matrices of each layer that an adapter changes.
public enum AdapterTargets: SettingValue {
  /// All seven.
  case all
  /// Queries, keys, values and the attention's output.
  case attention
  /// Some, by their names in Hugging Face's files.
  case named([String])

  private static let attentionNames = ["q_proj", "k_proj", "v_proj", "o_proj"]
  private static let allNames = attentionNames + ["gate_proj", "up_proj", "down_proj"]

  /// `all`, `attention`, or names with commas between them.
  public init?(text: String) {
    switch text {
    case "all": self = .all
    case "attention": self = .attention
    default:
      let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard names.allSatisfy({ Self.allNames.contains($0) }), Set(names).count == names.count else { return nil }
      self = .named(names)
    }
  }

  /// The matrices' names.
  public var names: [String] {
    switch self {
    case .all: Self.allNames
    case .attention: Self.attentionNames
    case .named(let names): names
    }
  }

  /// A text.
  public var json: JSON {
    switch self {
    case .all: "all"
    case .attention: "attention"
    case .named(let names): .string(names.joined(separator: ","))
    }
  }
}
