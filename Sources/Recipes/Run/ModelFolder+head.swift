import Inference
import ModelFiles
import Text
import Wording

extension ModelFolder {
  /// The shape in which a model is trained under a head: its own, or a language model's with another head in the place of its own.
  /// - Parameter head: what the trained model makes of its hidden states.
  /// - Throws: `ModelFileError` where the model has another head already.
  func config(under head: LlamaConfig.Head, _ format: ChatFormat) throws -> LlamaConfig {
    if config.head != head { try requireLanguageModel() }
    return head == .vocabulary ? config : config.scoring(head, padTokenID: padToken(format))
  }

  /// A token to fill texts up with that ends none: the model's or tokenizer's own, or one that is kept for such things.
  private func padToken(_ format: ChatFormat) -> Int? {
    let (tokenizer, ends) = (format.tokenizer, format.stopTokens(of: self))
    let named = ["pad_token", "unk_token"].map { tokenizer.specialTokens[$0]?.string.flatMap(tokenizer.id) }
    let reserved = ["<|finetune_right_pad_id|>", "<|reserved_special_token_0|>"].map(tokenizer.id)
    let candidates = [config.padTokenID.map(Int32.init), named[0], reserved[0], named[1], reserved[1]]
    return candidates.compactMap(\.self).first { !ends.contains($0) && Int($0) < config.vocabularySize }.map(Int.init)
  }
}
