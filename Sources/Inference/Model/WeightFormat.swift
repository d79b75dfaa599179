/// How inference keeps a model's matrices, and computes with them.
public enum WeightFormat: String, Sendable, CaseIterable {
  /// As the model was trained.
  case float32
  /// Half the memory, and half the time of a token: 8 significant bits. Inputs of products, keys and values are rounded to
  /// it too; sums are float32.
  case bfloat16
  /// A quarter of the memory: integers of 8 bits with one scale a row. So are inputs of products, with a scale for every 128
  /// numbers of a token; their sums are exact. Keys and values are bfloat16.
  case int8
}
