extension SupervisedObjective {
  /// Supervised fine-tuning, of conversations.
  public var words: ObjectiveWords {
    ObjectiveWords(
      tag: "sft", unit: "conversations",
      method:
        "by supervised fine-tuning (SFT) on conversations, of which only the assistant's words are learned",
      meaning: """
        The loss is the mean negative log-probability, in nats, of the assistant's tokens: the model finds a token as \
        surprising as a fair choice among e^loss tokens.
        """)
  }
}
