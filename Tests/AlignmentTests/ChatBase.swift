import Alignment
import Datasets
import Foundation
import JSON
import Llama
import TestSupport
import Testing
import Text

/// A tokenizer over bytes to which the markers of chat formats were added, as people add them to base models.
enum ChatBase {
  static let markers = ["<|im_start|>", "<|im_end|>", "<think>", "</think>", "[INST]", "[/INST]"]

  static let tokenizer: Tokenizer = {
    do {
      let folder = try TemporaryFolder()
      let model = folder.url("model")
      try FileManager.default.copyItem(at: Checkout.tinyModel, to: model)
      var json = try #require(JSON(file: model.appending(path: "tokenizer.json")).object)
      var added = try #require(json["added_tokens"]?.array)
      for (index, marker) in markers.enumerated() {
        added.append([
          "id": .integer(288 + index), "content": .string(marker), "special": .bool(marker.hasPrefix("<|")),
        ])
      }
      json["added_tokens"] = .array(added)
      try folder.write("model/tokenizer.json", JSON.object(json).text)
      return try Tokenizer(folder: model)
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  static func format(_ template: String) throws -> ChatFormat {
    ChatFormat(tokenizer: tokenizer, template: try ChatTemplate(source: template, name: "template"))
  }

  static func conversation(_ messages: [(String, String)], context: ChatContext = ChatContext()) -> Conversation {
    Conversation(
      messages: messages.map { Message(role: $0, content: $1) }, context: context,
      location: RecordLocation(file: "a.jsonl", line: 1))
  }

  /// The scored stretches of a sequence, as text.
  static func scored(_ sequence: TokenSequence) -> [String] {
    var stretches: [[Int32]] = []
    var wasScored = false
    for (token, isScored) in zip(sequence.tokens, sequence.isScored) {
      if isScored, !wasScored { stretches.append([]) }
      if isScored { stretches[stretches.count - 1].append(token) }
      wasScored = isScored
    }
    return stretches.map { tokenizer.decode($0, skippingSpecialTokens: false) }
  }

  /// What a template has scored of a conversation, and what is said about it.
  static func outcome(
    _ template: String, _ conversation: Conversation, mask: LossMask = .auto
  ) throws -> (scored: [String], lines: [String]) {
    let builder = try SequenceBuilder(format: format(template), mask: mask)
    let made = try builder.examples([conversation], limits: .init(maximumLength: 4096, vocabularySize: 294))
    return (made.examples.flatMap { $0.sequences.flatMap(scored) }, made.report.lines)
  }
}
