/// The quickstart's tokenizer, made by `Scripts/quickstart_tokenizer.py`: byte-level BPE with 512 entries, in which
/// almost every word of the shop is one token. `<s>` is 1, `</s>` is 2.
public enum QuickstartTokenizer {
  /// The files that belong into a model folder, by name.
  public static let files: [String: [UInt8]] = [
    "tokenizer.json": PackageResources.tokenizer_json,
    "tokenizer_config.json": PackageResources.tokenizer_config_json,
  ]
}
