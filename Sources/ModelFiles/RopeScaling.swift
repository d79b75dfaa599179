import JSON

/// How rotary frequencies are stretched for sequences longer than the model was first trained on.
public enum RopeScaling: Sendable, Equatable {
  /// Not at all.
  case none
  /// Positions divided by `factor` (position interpolation, arXiv 2306.15595).
  case linear(factor: Double)
  /// The base grows with the sequence beyond `originalMaxPositions` ("NTK-aware" scaling).
  case dynamic(factor: Double, originalMaxPositions: Int)
  /// Llama 3.1: wavelengths above `originalMaxPositions / lowFrequencyFactor` are stretched by `factor`, those below
  /// `originalMaxPositions / highFrequencyFactor` kept, those between interpolated.
  case llama3(
    factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalMaxPositions: Int)
}

extension RopeScaling {
  static let names = "default, linear, dynamic, llama3"

  /// Reads the object that transformers 4 writes as `rope_scaling` and transformers 5 as `rope_parameters`.
  init(_ fields: JSONFile, maxPositions: Int) throws {
    let typeKey = fields.json["rope_type"] == nil ? "type" : "rope_type"
    guard fields.json[typeKey] != .null else {
      throw ModelFileError(
        fields.path,
        "\(fields.prefix)\(typeKey) is null, which transformers refuses too; name one (supported: \(Self.names)), or remove \(fields.prefix.dropLast())"
      )
    }
    if let share = try fields.double("partial_rotary_factor", in: 0...1), share != 1 {
      throw ModelFileError(
        fields.path, "\(fields.prefix)partial_rotary_factor \(share) is not supported: heads must be rotated whole")
    }
    func factor() throws -> Double { try fields.required("factor", fields.double("factor", in: 1...1e6)) }

    switch try fields.string(typeKey) ?? "default" {
    case "default":
      self = .none
    case "linear":
      self = .linear(factor: try factor())
    case "dynamic":
      // transformers takes the length from the model, whatever else stands in the object.
      self = .dynamic(factor: try factor(), originalMaxPositions: maxPositions)
    case "llama3":
      let low = try fields.required("low_freq_factor", fields.double("low_freq_factor", in: 1e-6...1e6))
      let high = try fields.required("high_freq_factor", fields.double("high_freq_factor", in: 1e-6...1e6))
      guard low < high else {
        throw ModelFileError(
          fields.path, "\(fields.prefix)high_freq_factor \(high) must be greater than low_freq_factor \(low)")
      }
      let original = try fields.int("original_max_position_embeddings", in: 1...LlamaConfig.largestPosition)
      self = .llama3(
        factor: try factor(), lowFrequencyFactor: low, highFrequencyFactor: high,
        originalMaxPositions: original ?? maxPositions)
    case let name:
      throw ModelFileError(
        fields.path, "\(fields.prefix)\(typeKey) \(quoted(name)) is not supported (supported: \(Self.names))")
    }
  }
}
