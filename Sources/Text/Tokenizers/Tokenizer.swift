import JSON

/// Turns text into the tokens of a model and back, exactly as the reference libraries (Hugging Face's tokenizers,
/// SentencePiece) do: byte-pair encoding over bytes (GPT-2, Llama 3, Qwen2) or over characters with byte fallback
/// (Llama 2, Mistral).
public final class Tokenizer: Sendable {
  /// The number of ids: one more than the largest.
  public var vocabularySize: Int { vocabulary.idCount }
  /// The token that begins a sequence.
  public let bos: Int32?
  /// The token that ends a sequence.
  public let eos: Int32?
  /// The token that fills up shorter sequences; may be the same as `eos`.
  public let pad: Int32?
  /// The token that stands for characters the vocabulary lacks, as far as a file names one.
  package let unknown: Int32?
  /// Whether the reference puts `bos` in front of a text by default. `encode` never does.
  public let addsBOS: Bool
  /// The special tokens that a file names, as chat templates read them: `bos_token`, `eos_token` and what else there is,
  /// in the order and with the names that transformers 5 has them.
  public let specialTokens: TextKeyed<JSON>
  /// Special tokens that a file names and the vocabulary lacks; transformers would give them ids beyond it.
  public let missingTokens: [(name: String, text: String)]
  /// What should be known about the files, a sentence each: where they contradict each other or cannot be followed.
  public let remarks: [String]

  let vocabulary: Vocabulary
  let addedTokens: AddedTokens
  let normalizer: Normalizer?
  let preTokenizer: PreTokenizer?
  let encoder: BytePairEncoder
  private let decoder: [DecoderStage]
  let caches = WordCaches()
  private let templates: FolderTemplates

  init(_ definition: TokenizerDefinition, _ settings: TokenizerSettings) throws(TokenizerProblem) {
    var definition = definition
    for token in settings.addedTokens where definition.vocabulary.id(of: token.content) == nil {
      try definition.add(token)
    }
    vocabulary = definition.vocabulary
    normalizer = definition.normalizer
    preTokenizer = definition.preTokenizer
    encoder = definition.encoder
    addedTokens = AddedTokens(definition.addedTokens, normalizer: definition.normalizer)
    decoder = DecoderStage.stages(definition.decoder)
    var tokens = settings.specialTokens
    tokens.complete(with: definition.specialTokens)
    specialTokens = tokens.named.mapValues(JSON.string)
    missingTokens = tokens.missing(in: definition.vocabulary)
    bos = tokens.named["bos_token"].flatMap(definition.vocabulary.id)
    eos = tokens.named["eos_token"].flatMap(definition.vocabulary.id)
    pad = tokens.named["pad_token"].flatMap(definition.vocabulary.id)
    unknown = tokens.named["unk_token"].map(definition.vocabulary.id) ?? definition.encoder.unknown
    addsBOS = bos != nil && definition.addsBOS
    templates = settings.templates
    remarks = settings.remarks + Self.remarks(definition, settings, missing: missingTokens)
  }

  /// The tokens of a text. Special and other added tokens within it are recognised; nothing is added to it.
  public func encode(_ text: String) -> [Int32] { encode(text, locating: []).tokens }

  /// The text of tokens; ids without a token are passed over, bytes that are no valid UTF-8 become U+FFFD.
  /// - Parameter skippingSpecialTokens: whether special tokens such as `</s>` are left out.
  public func decode(_ ids: some Sequence<Int32>, skippingSpecialTokens: Bool = true) -> String {
    var decoder = streamingDecoder(skippingSpecialTokens: skippingSpecialTokens)
    var output: [UInt8] = []
    for id in ids { decoder.append(id, to: &output) }
    decoder.finish(to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  /// A decoder for tokens that come one at a time.
  public func streamingDecoder(skippingSpecialTokens: Bool = true) -> StreamingDecoder {
    StreamingDecoder(tokenizer: self, stages: decoder, skipsSpecialTokens: skippingSpecialTokens)
  }

  /// A decoder that gives out what tokens add to the text of those before them, in which a first space is no beginning.
  /// - Parameter shown: special tokens that are not left out.
  public func streamingDecoder(
    continuing ids: some Sequence<Int32>, showing shown: Set<Int32> = []
  ) -> StreamingDecoder {
    var decoder = StreamingDecoder(streamingDecoder(), continuing: ids)
    decoder.shown = shown
    return decoder
  }

  /// The bytes of text that a token stands for by itself, whatever its neighbours; none where the id has no token.
  public func textBytes(of id: Int32) -> [UInt8] {
    decoder.reduce(bytes(of: id).map(Array.init) ?? []) { $1.bytes(of: $0) }
  }

  /// The token with this id as the vocabulary spells it, nil if there is none.
  public func token(for id: Int32) -> String? { bytes(of: id).map { String(decoding: $0, as: UTF8.self) } }

  /// The id of a token as the vocabulary spells it.
  public func id(for token: String) -> Int32? { vocabulary.id(of: token) }

  /// Whether the id is that of a special token, such as `<s>`, which stands for no text.
  public func isSpecial(_ id: Int32) -> Bool { addedTokens.isSpecial(id) }

  /// Whether the id is that of an added token, special or not: one that is looked for in text before everything else.
  package func isAdded(_ id: Int32) -> Bool { addedTokens.contains(id) }

  /// The first special token whose text stands in a text, and so becomes that token; nil where there is none.
  package func specialToken(in text: String) -> Int32? {
    for segment in addedTokens.split(Array(text.utf8).span, isNormalized: false) {
      if case .token(let token, _) = segment, isSpecial(token) { return token }
    }
    return nil
  }

  /// The Jinja template for conversations that came with the tokenizer, among several the one named "default".
  public var chatTemplate: String? { templates.standard }

  /// The Jinja template for conversations that came with the tokenizer, as transformers chooses it: among several the one
  /// named "tool_use" for tools, else the one named "default"; nil where there is none at all.
  /// - Throws: `TokenizerError`, with the names, where there are some but not these.
  public func chatTemplate(withTools: Bool) throws(TokenizerError) -> String? {
    try templates.template(withTools: withTools)
  }

  /// The text of `bos`.
  public var bosToken: String? { bos.flatMap(token) }
  /// The text of `eos`.
  public var eosToken: String? { eos.flatMap(token) }

  func bytes(of id: Int32) -> ArraySlice<UInt8>? { vocabulary.token(of: id) }
}
