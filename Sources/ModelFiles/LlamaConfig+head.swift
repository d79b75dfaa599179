import JSON

extension LlamaConfig {
  /// What a model makes of its last hidden states.
  public enum Head: Sendable, Equatable {
    /// The logits of the next token: `…ForCausalLM`.
    case vocabulary
    /// So many numbers of a text, read at its last token; a reward model has one: `…ForSequenceClassification`.
    case text(labels: Int)
    /// So many numbers of each token; a value model has one: `…ForTokenClassification`.
    case token(labels: Int)

    /// The numbers of a text or token; nil for a language model.
    public var labels: Int? {
      switch self {
      case .vocabulary: nil
      case .text(let labels), .token(let labels): labels
      }
    }

    /// The end of the name of transformers' class.
    fileprivate var classSuffix: String {
      switch self {
      case .vocabulary: "ForCausalLM"
      case .text: "ForSequenceClassification"
      case .token: "ForTokenClassification"
      }
    }
  }

  /// The names of the labels, in their order; transformers' own, `LABEL_0` and so on, where `id2label` has none. Empty for a
  /// language model.
  public var labelNames: [String] {
    let names = json["id2label"]?.object ?? [:]
    return (0..<(head.labels ?? 0)).map { names["\($0)"]?.string ?? "LABEL_\($0)" }
  }

  /// Whether labels are independent of each other, each with a probability of its own: transformers'
  /// `multi_label_classification`.
  public var hasIndependentLabels: Bool { json["problem_type"]?.string == "multi_label_classification" }

  /// The class that transformers loads the model with: `LlamaForCausalLM` or the like.
  public var modelClass: String {
    (head == .vocabulary ? family.className : family.headedClassName ?? family.className) + head.classSuffix
  }

  /// The head that a configuration names: by its class, and by its labels, of which transformers has two unless told otherwise.
  static func head(_ fields: JSONFile) throws -> Head {
    let classes = (fields.value("architectures")?.array ?? []).compactMap(\.string)
    func names(_ head: Head) -> Bool { classes.contains { $0.hasSuffix(head.classSuffix) } }
    guard !names(.vocabulary), names(.text(labels: 1)) || names(.token(labels: 1)) else { return .vocabulary }
    let named = fields.value("id2label")?.object?.count
    let labels = try named ?? fields.int("num_labels", in: 1...1 << 16) ?? 2
    guard (1...1 << 16).contains(labels) else {
      throw fields.error("id2label", "must name at least one label", .integer(labels))
    }
    return names(.text(labels: 1)) ? .text(labels: labels) : .token(labels: labels)
  }

  /// The same model with a head of one number in the place of its own, to be written as transformers, TRL and RewardBench read it.
  /// - Parameters:
  ///   - head: what the number is of.
  ///   - padTokenID: a token that no text ends with; transformers reads the number at the last token that is another.
  public func scoring(_ head: Head, padTokenID: Int?) -> LlamaConfig {
    var config = self
    config.head = head
    config.padTokenID = padTokenID
    guard var members = json.object else { return config }
    members["id2label"] = ["0": "LABEL_0"]
    members["label2id"] = ["LABEL_0": 0]
    members["num_labels"] = nil
    members["pad_token_id"] = padTokenID.map(JSON.integer) ?? .null
    members["architectures"] = [.string(config.modelClass)]
    config.json = .object(members)
    return config
  }
}

extension ModelFolder {
  /// Refuses a model whose numbers are no language.
  /// - Throws: `ModelFileError` naming what it is.
  public func requireLanguageModel() throws {
    let kind: String
    switch config.head {
    case .vocabulary: return
    case .text(labels: 1): kind = "a reward model, which scores answers and gives none"
    case .token(labels: 1): kind = "a value model, which scores tokens and gives none"
    case .text, .token: kind = "a classifier, which gives no answers"
    }
    throw ModelFileError(url.path, "is \(kind) (\(config.modelClass)); name a language model")
  }

  /// Refuses a model that classifies no texts.
  /// - Throws: `ModelFileError` naming what it is.
  public func requireClassifier() throws {
    guard case .text = config.head else {
      throw ModelFileError(
        url.path, "is no classifier of texts (\(config.modelClass)); name a model for sequence classification")
    }
  }

  /// Refuses a model that scores no texts.
  /// - Throws: `ModelFileError` naming what it is.
  public func requireRewardModel() throws {
    guard config.head == .text(labels: 1) else {
      let labels = config.head.labels.map { ", of \($0) labels" } ?? ""
      throw ModelFileError(
        url.path,
        "is no reward model (\(config.modelClass)\(labels)); name a model for sequence classification with one label, as "
          + "'caravan reward' trains one")
    }
  }
}
