import JSON
import Text

/// How a tokenizer over bytes splits text, by the names that llama.cpp has for it.
struct GGUFSplit: Sendable {
  /// The names; a file is written with the first.
  let names: [String]
  /// The steps, of which one spells bytes.
  let steps: [TokenizerContents.Split]
  /// Whether a word that is a token is taken as it is.
  var ignoresMerges = false
  /// Whether texts begin with a token unless the file says otherwise.
  var addsBOS = false
  /// Whether text is normalized before it is split (NFC), which a file does not say.
  var composes = false

  /// The split of a name; nil for one that is not known.
  init?(named name: String) {
    guard let known = Self.known.first(where: { $0.names.contains(name) }) else { return nil }
    self = known
  }

  /// The split of a tokenizer; nil where llama.cpp has no name for it.
  init?(_ steps: [TokenizerContents.Split], ignoresMerges: Bool) {
    let known = Self.known.first { $0.steps == steps && $0.ignoresMerges == ignoresMerges }
    guard let known else { return nil }
    self = known
  }

  private init(
    _ names: String..., steps: [TokenizerContents.Split], ignoresMerges: Bool = false, addsBOS: Bool = false,
    composes: Bool = false
  ) {
    (self.names, self.steps) = (names, steps)
    (self.ignoresMerges, self.addsBOS, self.composes) = (ignoresMerges, addsBOS, composes)
  }

  /// All that are known, each of which is another.
  static let known: [GGUFSplit] = [
    GGUFSplit(
      "gpt-2", "phi-2", "roberta-bpe", "mpt", "olmo", "jais", "mellum", "trillion", "exaone4", "granite-docling",
      "a.x-4.0", steps: [.expression(splitExpressionOfGPT2), .bytes]),
    GGUFSplit(
      "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2",
      steps: [.digits(each: true), .expression(splitExpressionOfGPT2), .bytes]),
    GGUFSplit(
      "llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral", "midm-2.0",
      steps: [.expression(splitExpressionOfCL100K(digits: #"\p{N}{1,3}"#)), .bytes], ignoresMerges: true, addsBOS: true),
    GGUFSplit(
      "dbrx", "smaug-bpe", steps: [.expression(splitExpressionOfCL100K(digits: #"\p{N}{1,3}"#)), .bytes]),
    GGUFSplit(
      "qwen2", "deepseek-r1-qwen", "stablelm2", "megrez", "kormo",
      steps: [.expression(splitExpressionOfCL100K(digits: #"\p{N}"#)), .bytes], composes: true),
    GGUFSplit("qwen35", steps: [.expression(words35), .bytes], composes: true),
    GGUFSplit(
      "tekken", steps: [.expression(cased(digits: #"\p{N}"#, contractions: "")), .bytes], ignoresMerges: true,
      addsBOS: true),
    GGUFSplit(
      "gpt-4o", "llama4", "kanana2",
      steps: [
        .expression(cased(digits: #"\p{N}{1,3}"#, contractions: #"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"#)), .bytes,
      ]),
    GGUFSplit(
      "deepseek-llm",
      steps: [
        .expression("[\r\n]"), .expression(#"\s?["# + deepSeekLetters + "]+"),
        .expression(#"\s?[!-/:-~！-／：-～‘-‟　-。]+"#), .expression(#"\s+$"#), .expression(ideographs),
        .digits(each: true), .bytes,
      ]),
    GGUFSplit(
      "deepseek-coder",
      steps: [
        .expression("[\r\n]"), .expression(#"\s?\p{L}+"#), .expression(#"\s?\p{P}+"#), .expression(ideographs),
        .digits(each: true), .bytes,
      ]),
    GGUFSplit(
      "deepseek-v3", "hunyuan-dense",
      steps: [
        .expression(#"\p{N}{1,3}"#), .expression("[一-龥\u{3040}-ゟ゠-ヿ]+"), .expression(deepSeekWords), .bytes,
      ]),
    GGUFSplit(
      "falcon",
      steps: [
        .punctuation, .expression(splitExpressionOfGPT2), .bytes, .digits(each: false), .expression("[0-9][0-9][0-9]"),
      ]),
  ]

  /// As cl100k's, where marks belong to words.
  private static let words35 =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"#
    + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// Words end where small letters are followed by large ones.
  private static func cased(digits: String, contractions: String) -> String {
    let (large, small) = (#"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#, #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#)
    return #"[^\r\n\p{L}\p{N}]?"# + large + "*" + small + "+" + contractions + #"|[^\r\n\p{L}\p{N}]?"# + large + "+"
      + small + "*" + contractions + "|" + digits + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  // As in DeepSeek's files, whose expressions have the characters themselves for line ends.
  private static let deepSeekWords =
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
    + "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"

  private static let ideographs = "[一-龥ࠀ-一가-퟿]+"

  /// The letters of scripts with two cases, as DeepSeek LLM lists them.
  private static let deepSeekLetters =
    "A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝ"
    + "Ὗ-ώᾀ-ᾴᾶ-ᾼιῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚ"
    + "ａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃"
}

extension GGUFSplit {
  /// The pre-tokenizer as tokenizer.json has it.
  var json: JSON {
    let steps: [JSON] = steps.map { step in
      switch step {
      case .expression(let text):
        ["type": "Split", "pattern": ["Regex": .string(text)], "behavior": "Isolated", "invert": false]
      case .digits(let each): ["type": "Digits", "individual_digits": .bool(each)]
      case .punctuation: ["type": "Punctuation", "behavior": "Contiguous"]
      case .bytes: Self.byteLevel
      }
    }
    return ["type": "Sequence", "pretokenizers": .array(steps)]
  }

  /// Spells bytes as characters; as a decoder, the other way.
  static let byteLevel: JSON = [
    "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false,
  ]
}
