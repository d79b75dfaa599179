import JSON
import ModelFiles

/// The matrices of each layer that an adapter changes.
public enum AdapterTargets: SettingValue {
  /// All of them: seven, or in Phi-3, whose files join some, four.
  case all
  /// Queries, keys, values and the attention's output.
  case attention
  /// Some, by their names in Hugging Face's files.
  case named([String])

  // Phi-3's files join some.
  private static let knownNames = [
    "q_proj", "k_proj", "v_proj", "qkv_proj", "o_proj", "gate_proj", "up_proj", "gate_up_proj", "down_proj",
  ]

  /// `all`, `attention`, or names with commas between them.
  public init?(text: String) {
    switch text {
    case "all": self = .all
    case "attention": self = .attention
    default:
      let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard names.allSatisfy({ Self.knownNames.contains($0) }), Set(names).count == names.count else { return nil }
      self = .named(names)
    }
  }

  /// The matrices' names in a model's files.
  public func names(in model: LlamaConfig) -> [String] {
    func names(of weights: [Architecture.Tensor]) -> [String] {
      weights.compactMap { $0.module.split(separator: ".").last.map(String.init) }
    }
    guard let layer = model.architecture.layers.first else { return [] }
    let attention = names(of: layer.queryKeyValue.weights + layer.output.weights)
    return switch self {
    case .all: attention + names(of: layer.gateUp.weights + layer.down.weights)
    case .attention: attention
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
