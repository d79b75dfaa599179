/// How inference keeps a model's matrices. Whatever it is, sums are float32.
public enum WeightFormat: String, Sendable, CaseIterable {
  /// As the model was trained.
  case float32
  /// Half the memory, and half the time of a token: 8 significant bits.
  case bfloat16
  /// A quarter of the memory: integers of 8 bits with one scale a row.
  case int8
}
