import JSON

extension LayerAttention {
  /// Each layer's, as a `config.json` says.
  static func layers(
    _ fields: JSONFile, _ family: Family, count: Int, rope: RopeFields
  ) throws -> [LayerAttention] {
    let turns = try family.hasLayersWithoutRotary ? rotaryLayers(fields, count: count) : nil
    let (window, slides) = try slidingLayers(fields, family, count: count, turns: turns)
    return (0..<count).map { layer in
      let slides = window != nil && slides(layer)
      return LayerAttention(
        window: slides ? window : nil, rope: turns?[layer] == false ? nil : slides ? rope.sliding : rope.full)
    }
  }

  /// `no_rope_layers` has a 1 for each layer that turns; without it every fourth, or `no_rope_layer_interval`-th, does not.
  private static func rotaryLayers(_ fields: JSONFile, count: Int) throws -> [Bool] {
    guard let list = fields.value("no_rope_layers") else {
      let interval = try fields.int("no_rope_layer_interval", in: 1...LlamaConfig.largestPosition) ?? 4
      return (1...count).map { $0 % interval != 0 }
    }
    let layers = (list.array ?? []).compactMap { $0.int ?? $0.bool.map { $0 ? 1 : 0 } }
    guard layers.count == list.array?.count, layers.count >= count, layers.allSatisfy({ $0 == 0 || $0 == 1 }) else {
      throw ModelFileError(fields.path, "no_rope_layers must hold a 0 or 1 for each of \(count) layers")
    }
    return layers.prefix(count).map { $0 == 1 }
  }

  private static func slidingLayers(
    _ fields: JSONFile, _ family: Family, count: Int, turns: [Bool]?
  ) throws -> (window: Int?, slides: (Int) -> Bool) {
    // An absent key means the family's default, null means none.
    func window(_ fallback: Int?) throws -> Int? {
      let given = try fields.int("sliding_window", in: 1...LlamaConfig.largestPosition)
      return fields.json["sliding_window"] == nil ? fallback : given
    }
    switch family.sliding {
    case .never: return (nil, { _ in false })
    case .everywhere(let fallback): return (try window(fallback), { _ in true })
    case .listed(let fallback, let fullEvery, let key):
      let listed = try listedLayers(fields, count: count)
      let every = try key.flatMap { try fields.int($0, in: 1...LlamaConfig.largestPosition) } ?? fullEvery
      return (try window(fallback), { layer in listed?[layer] ?? every.map { (layer + 1) % $0 != 0 } ?? true })
    case .onDemand(let fallback):
      guard try fields.bool("use_sliding_window") ?? false else { return (nil, { _ in false }) }
      let listed = try listedLayers(fields, count: count)
      let first = try fields.int("max_window_layers", in: 0...LlamaConfig.largestPosition) ?? 28
      return (try window(fallback), { listed?[$0] ?? ($0 >= first) })
    case .withoutRotary:
      guard try fields.bool("use_sliding_window") ?? false else { return (nil, { _ in false }) }
      let listed = try listedLayers(fields, count: count)
      return (try window(nil), { listed?[$0] ?? (turns?[$0] == false) })
    }
  }

  /// Whether each layer slides, where `layer_types` says it.
  private static func listedLayers(_ fields: JSONFile, count: Int) throws -> [Bool]? {
    guard let types = fields.value("layer_types") else { return nil }
    guard let names = types.array else { throw fields.error("layer_types", "must be a list", types) }
    for name in names where name != "full_attention" && name != "sliding_attention" {
      throw fields.error("layer_types", "must hold full_attention and sliding_attention only", name)
    }
    guard names.count == count else {
      throw ModelFileError(fields.path, "layer_types names \(names.count) layers, num_hidden_layers is \(count)")
    }
    return names.map { $0 == "sliding_attention" }
  }
}
