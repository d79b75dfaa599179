import JSON
import Text

/// How a tokenizer over bytes splits text, by the name that llama.cpp has for it, in the words of tokenizer.json.
struct GGUFSplit {
  /// The pre-tokenizer.
  let steps: JSON
  /// The normalizer.
  var normalizer = JSON.null
  /// Whether a word that is a token is taken as it is.
  var ignoresMerges = false
  /// Whether texts begin with a token unless the file says otherwise.
  var addsBOS = false

  /// The split of a name; nil for one that is not known.
  init?(named name: String) {
    switch name {
    case "default", "gpt-2", "phi-2", "roberta-bpe", "mpt", "olmo", "jais":
      steps = Self.byteLevel(splits: true)
    case "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b":
      steps = Self.sequence(["type": "Digits", "individual_digits": true], Self.byteLevel(splits: true))
    case "llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral":
      steps = Self.split(splitExpressionOfCL100K(digits: #"\p{N}{1,3}"#))
      (ignoresMerges, addsBOS) = (true, true)
    case "dbrx", "smaug-bpe":
      steps = Self.split(splitExpressionOfCL100K(digits: #"\p{N}{1,3}"#))
    case "qwen2", "deepseek-r1-qwen", "stablelm2", "megrez":
      steps = Self.split(splitExpressionOfCL100K(digits: #"\p{N}"#))
      normalizer = ["type": "NFC"]
    case "tekken":
      steps = Self.split(Self.cased(digits: #"\p{N}"#, contractions: ""))
      (ignoresMerges, addsBOS) = (true, true)
    case "gpt-4o", "llama4":
      steps = Self.split(Self.cased(digits: #"\p{N}{1,3}"#, contractions: #"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"#))
    default: return nil
    }
  }

  /// Spells bytes as characters, and splits as GPT-2 does where `splits`.
  static func byteLevel(splits: Bool) -> JSON {
    ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": .bool(splits)]
  }

  private static func sequence(_ steps: JSON...) -> JSON { ["type": "Sequence", "pretokenizers": .array(steps)] }

  private static func split(_ expression: String) -> JSON {
    sequence(
      ["type": "Split", "pattern": ["Regex": .string(expression)], "behavior": "Isolated", "invert": false],
      byteLevel(splits: false))
  }

  /// Words end where small letters are followed by large ones.
  private static func cased(digits: String, contractions: String) -> String {
    let (large, small) = (#"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#, #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#)
    return #"[^\r\n\p{L}\p{N}]?"# + large + "*" + small + "+" + contractions + #"|[^\r\n\p{L}\p{N}]?"# + large + "+"
      + small + "*" + contractions + "|" + digits + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }
}
