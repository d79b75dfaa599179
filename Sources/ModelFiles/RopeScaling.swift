import Foundation
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
  /// Frequencies that turn less than `betaSlow` times in `originalMaxPositions` tokens are divided by `factor`, those that
  /// turn more than `betaFast` times kept, and those between blended; cosines and sines are multiplied by `attentionFactor`
  /// (Peng et al. 2023, arXiv 2309.00071).
  case yarn(Yarn)
  /// Each frequency divided by a factor of its own, one for sequences up to `originalMaxPositions` and one for longer ones;
  /// cosines and sines are multiplied by `attentionFactor` (Ding et al. 2024, arXiv 2402.13753).
  case longrope(LongRope)

  /// The numbers of YaRN.
  public struct Yarn: Sendable, Equatable {
    /// What slow frequencies are divided by.
    public let factor: Double
    /// The positions of the first training.
    public let originalMaxPositions: Int
    /// The turns in these positions from which on a frequency is kept.
    public let betaFast: Double
    /// The turns in these positions up to which a frequency is divided.
    public let betaSlow: Double
    /// What cosines and sines are multiplied by.
    public let attentionFactor: Double
    /// Whether the ends of the blended range are whole numbers.
    public let truncates: Bool
  }

  /// The numbers of LongRoPE.
  public struct LongRope: Sendable, Equatable {
    /// A factor for each frequency.
    public let short: [Double], long: [Double]
    /// The positions of the first training.
    public let originalMaxPositions: Int
    /// What cosines and sines are multiplied by.
    public let attentionFactor: Double
  }

  /// What cosines and sines are multiplied by.
  public var attentionFactor: Double {
    switch self {
    case .yarn(let yarn): yarn.attentionFactor
    case .longrope(let rope): rope.attentionFactor
    case .none, .linear, .dynamic, .llama3: 1
    }
  }

  /// The length beyond which a sequence's frequencies are others; nil where they never change.
  public var changesBeyond: Int? {
    switch self {
    case .dynamic(_, let limit): limit
    case .longrope(let rope): rope.originalMaxPositions
    case .none, .linear, .llama3, .yarn: nil
    }
  }
}

extension RopeScaling {
  static let names = "default, linear, dynamic, llama3, yarn, longrope"
  static let factors = 1e-6...1e6

  /// Reads the object that transformers 4 writes as `rope_scaling` and transformers 5 as `rope_parameters`.
  /// - Parameters:
  ///   - maxPositions: the model's.
  ///   - original: the positions it was first trained on, where the configuration says so beside the object.
  ///   - size: the numbers of a head that turn.
  ///   - isLongRope: whether the older names `su` and `yarn` mean `longrope`, as in Phi-3.
  init(_ fields: JSONFile, maxPositions: Int, original: Int? = nil, size: Int, isLongRope: Bool = false) throws {
    let typeKey = fields.json["rope_type"] == nil ? "type" : "rope_type"
    guard fields.json[typeKey] != .null else {
      throw ModelFileError(
        fields.path,
        "\(fields.prefix)\(typeKey) is null, which transformers refuses too; name one (supported: \(Self.names)), or remove \(fields.prefix.dropLast())"
      )
    }
    func factor() throws -> Double { try fields.required("factor", fields.double("factor", in: 1...1e6)) }
    func originalMaxPositions() throws -> Int {
      let inner = try fields.int("original_max_position_embeddings", in: 1...LlamaConfig.largestPosition)
      return original ?? inner ?? maxPositions
    }

    let name = try fields.string(typeKey) ?? "default"
    switch isLongRope && ["su", "yarn"].contains(name) ? "longrope" : name {
    case "default":
      self = .none
    case "linear":
      self = .linear(factor: try factor())
    case "dynamic":
      // transformers takes the length from the model, whatever else stands in the object.
      self = .dynamic(factor: try factor(), originalMaxPositions: maxPositions)
    case "llama3":
      let low = try fields.required("low_freq_factor", fields.double("low_freq_factor", in: Self.factors))
      let high = try fields.required("high_freq_factor", fields.double("high_freq_factor", in: Self.factors))
      guard low < high else {
        throw ModelFileError(
          fields.path, "\(fields.prefix)high_freq_factor \(high) must be greater than low_freq_factor \(low)")
      }
      self = .llama3(
        factor: try factor(), lowFrequencyFactor: low, highFrequencyFactor: high,
        originalMaxPositions: try originalMaxPositions())
    case "yarn":
      self = .yarn(try Yarn(fields, factor: factor(), originalMaxPositions: originalMaxPositions()))
    case "longrope":
      self = .longrope(
        try LongRope(fields, maxPositions: maxPositions, originalMaxPositions: originalMaxPositions(), count: size / 2))
    default:
      throw ModelFileError(
        fields.path, "\(fields.prefix)\(typeKey) \(quoted(name)) is not supported (supported: \(Self.names))")
    }
  }
}

extension RopeScaling.Yarn {
  fileprivate init(_ fields: JSONFile, factor: Double, originalMaxPositions: Int) throws {
    /// As transformers does, 0 is taken for what is absent.
    func number(_ key: String, in range: ClosedRange<Double>) throws -> Double? {
      try fields.double(key, in: range).flatMap { $0 == 0 ? nil : $0 }
    }
    self.factor = factor
    self.originalMaxPositions = originalMaxPositions
    betaFast = try number("beta_fast", in: 0...1e6) ?? 32
    betaSlow = try number("beta_slow", in: 0...1e6) ?? 1
    truncates = try fields.bool("truncate") ?? true
    guard betaSlow <= betaFast else {
      throw ModelFileError(
        fields.path, "\(fields.prefix)beta_fast \(betaFast) must not be less than beta_slow \(betaSlow)")
    }
    func scale(_ weight: Double) -> Double { factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1 }
    let (own, all) = try (number("mscale", in: 0...1e3), number("mscale_all_dim", in: 0...1e3))
    attentionFactor =
      try fields.double("attention_factor", in: RopeScaling.factors)
      ?? (own.flatMap { own in all.map { scale(own) / scale($0) } } ?? scale(1))
  }
}

extension RopeScaling.LongRope {
  fileprivate init(_ fields: JSONFile, maxPositions: Int, originalMaxPositions: Int, count: Int) throws {
    func factors(_ key: String) throws -> [Double] {
      let list = try fields.required(key, fields.value(key))
      let numbers = (list.array ?? []).compactMap(\.double).filter(RopeScaling.factors.contains)
      guard numbers.count == list.array?.count, numbers.count == count else {
        throw ModelFileError(
          fields.path, "\(fields.prefix)\(key) must be a list of positive numbers, one for each of \(count) frequencies"
        )
      }
      return numbers
    }
    (short, long) = (try factors("short_factor"), try factors("long_factor"))
    self.originalMaxPositions = originalMaxPositions
    let factor =
      try fields.double("factor", in: RopeScaling.factors) ?? Double(maxPositions) / Double(originalMaxPositions)
    attentionFactor =
      try fields.double("attention_factor", in: RopeScaling.factors)
      ?? (factor <= 1 || originalMaxPositions < 2
        ? 1 : (1 + log(factor) / log(Double(originalMaxPositions))).squareRoot())
  }
}
