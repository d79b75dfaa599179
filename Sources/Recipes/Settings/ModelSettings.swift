import Text

/// The model that a run begins from, and how conversations are written for it.
public struct ModelSettings: SettingGroup {
  /// The model's folder, or its name where a locator knows more than folders.
  public var model = ""
  /// A LoRA adapter of the model: its folder, or its name.
  public var adapter: String?
  /// The chat template's name or file; the tokenizer's own without it.
  public var chatTemplate: String?
  /// Whether the beginning-of-text token comes first.
  public var bos = ChatFormat.BeginningRule.auto

  /// No model yet.
  public init() {}

  /// The same in all runs that are compared.
  public static var meaning: SettingMeaning { .common }

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting(
      "model", \.model, "The model: a Hugging Face folder, or OWNER/NAME on the hub.",
      valueName: "folder",
      isRequired: true),
    Setting(
      "adapter", \.adapter,
      """
      A LoRA adapter of the model, as PEFT writes it: a folder, or OWNER/NAME on the hub. A folder of an adapter may also be the \
      model itself, where it names a base that is found.
      """, valueName: "folder"),
    Setting(
      "chat-template", \.chatTemplate,
      """
      How conversations are written: \(ChatTemplate.names.joined(separator: ", ")), or a Jinja file. By default the \
      tokenizer's own template, or tulu if it has none.
      """,
      valueName: "name or file"),
    Setting("bos", \.bos, "Whether the beginning-of-text token comes first; auto does as the tokenizer does."),
  ]
}
