import Alignment
import JSON
import ModelFiles
import Text
import Wording

/// How the folder of a trained model says what training did: a chat template that writes the very tokens, and a generation
/// config that stops where the learned answers end. So other programs use the model as it was taught.
struct WrittenFormat {
  /// The chat template's source.
  let template: String
  /// The object of `generation_config.json`; nil where the base has none and needs none.
  let generationConfig: JSON?
  /// What a person should know, a line each.
  let notes: [Wording]

  init(_ format: ChatFormat, _ ending: AnswerEnding?, base: ModelFolder) {
    let (template, beginning) = Self.template(format)
    let (generationConfig, end) = Self.generationConfig(format, ending, base)
    self.template = template
    self.generationConfig = generationConfig
    notes = [beginning, end].compactMap(\.self)
  }

  /// Puts both into what writes the model.
  func apply(to writer: inout ModelFolderWriter, _ tokenizer: Tokenizer) {
    if tokenizer.chatTemplate != template { writer.files["chat_template.jinja"] = Array(template.utf8) }
    writer.generationConfig = generationConfig
  }

  /// The template, with the beginning-of-text token before all else where training put it there by itself: other programs
  /// take what the template writes, and add nothing.
  private static func template(_ format: ChatFormat) -> (source: String, note: Wording?) {
    let source = format.template.source
    let user = Message(role: "user", content: "a")
    let probes = [
      [user], [user, Message(role: "assistant", content: "b")], [Message(role: "system", content: "c"), user],
    ]
    let adds = probes.compactMap { probe in
      (try? format.text(probe, addingGenerationPrompt: false)).map(format.addsBeginning)
    }
    guard adds.contains(true) else { return (source, nil) }
    guard !adds.contains(false) else {
      return (
        source,
        "the chat template writes the beginning-of-text token in some conversations only, and training in all; with other "
          + "programs the trained model misses it in those"
      )
    }
    return ("{{ bos_token }}" + source, nil)
  }

  private static func generationConfig(
    _ format: ChatFormat, _ ending: AnswerEnding?, _ base: ModelFolder
  ) -> (JSON?, note: Wording?) {
    let old = base.generationConfig.json
    guard let ending else {
      return (old, "the chat template refuses a question with an answer, so it is unknown where answers end")
    }
    guard let token = ending.token else {
      let end =
        ending.text.isEmpty ? "nothing" : "\(ending.text.debugDescription), which is plain text to this tokenizer"
      return (
        old,
        "answers have no end to learn that could stop the model: the chat template writes \(end) after them; it will talk on "
          + "until \(setting: "max-tokens"), here and elsewhere"
      )
    }
    let stops = base.generationConfig.eosTokenIDs
    guard !stops.contains(Int(token)) else { return (old, nil) }
    var members = old?.object ?? [:]
    if members.isEmpty, let bos = base.config.bosTokenID { members["bos_token_id"] = .integer(bos) }
    // What transformers derived from config.json it would derive again.
    members["_from_model_config"] = nil
    members["eos_token_id"] = .array(([Int(token)] + stops).map(JSON.integer))
    let name = format.tokenizer.token(for: token) ?? ""
    return (
      .object(members),
      "answers end with \(name) (token \(token)): the trained model's generation_config.json stops there, as the base's did not"
    )
  }
}
