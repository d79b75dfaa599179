import JSON

/// The rotary embedding of a `config.json`, settled as transformers settles it.
struct RopeFields {
  /// How layers turn that see all.
  let full: Rope
  /// How layers turn that see a window; in most families the same.
  let sliding: Rope
  /// What the file says and does not count, a line each.
  let remarks: [String]

  /// transformers prefers `rope_scaling` (4) to `rope_parameters` (5), and a `rope_theta` in the object to one beside it.
  init(_ fields: JSONFile, _ family: Family, headSize: Int, maxPositions: Int) throws {
    let reader = try Reader(fields, family, headSize: headSize, maxPositions: maxPositions)
    if family.slidingRopeTheta != nil {
      (full, sliding) = try reader.byLayerType()
      remarks = []
    } else {
      (full, remarks) = try reader.forAllLayers()
      sliding = full
    }
  }
}

private struct Reader {
  let fields: JSONFile
  let family: Family
  let headSize: Int
  let maxPositions: Int
  /// What stands beside the objects.
  let theta: Double?
  let original: Int?

  init(_ fields: JSONFile, _ family: Family, headSize: Int, maxPositions: Int) throws {
    (self.fields, self.family, self.headSize, self.maxPositions) = (fields, family, headSize, maxPositions)
    theta = try Self.theta(fields)
    original =
      try fields.int("original_max_position_embeddings", in: 1...LlamaConfig.largestPosition)
      ?? family.originalMaxPositions
  }

  /// One object for all layers.
  func forAllLayers() throws -> (Rope, remarks: [String]) {
    let objects = try ["rope_scaling", "rope_parameters"].compactMap { try fields.object($0) }
      .filter { $0.json.object?.isEmpty == false }
    guard let object = objects.first else {
      return (Rope(theta: theta ?? family.ropeTheta, scaling: .none, size: try turned(nil)), [])
    }
    if let nested = object.json.object?.first(where: { $0.value.object != nil }) {
      throw ModelFileError(
        fields.path,
        "\(object.prefix)\(oneLine(nested.key, limit: 80)): parameters by layer type are not those of a \(family.className) model"
      )
    }
    let rope = try rope(object, beside: theta, fallback: family.ropeTheta)
    var remarks: [String] = []
    func ignore(_ what: String, for winner: String) {
      remarks.append("\(what) is not read: \(winner) is used, as in transformers")
    }
    if let theta, let inner = try Self.theta(object), theta != inner {
      ignore("rope_theta \(theta)", for: "\(object.prefix)rope_theta \(inner)")
    }
    if let other = objects.dropFirst().first, (try? self.rope(other, beside: theta, fallback: family.ropeTheta)) != rope
    {
      ignore("rope_parameters", for: "rope_scaling, which is another,")
    }
    if let old = object.value("type")?.string, let new = object.value("rope_type")?.string, old != new {
      ignore("\(object.prefix)type \(quoted(old))", for: "\(object.prefix)rope_type \(quoted(new))")
    }
    if rope.scaling == .none, let factor = object.value("factor")?.double, factor != 1 {
      ignore("\(object.prefix)factor \(factor)", for: "rope_type 'default', which has none,")
    }
    return (rope, remarks)
  }

  /// `rope_parameters` with an object for each kind of layer. In the spelling of transformers 4 `rope_theta` and
  /// `rope_scaling` are those of layers that see all.
  func byLayerType() throws -> (full: Rope, sliding: Rope) {
    let parameters = try fields.object("rope_parameters")
    for key in (parameters?.json.object ?? [:]).keys where key != "full_attention" && key != "sliding_attention" {
      throw ModelFileError(
        fields.path,
        "rope_parameters.\(oneLine(key, limit: 80)): a \(family.className) model has parameters for full_attention and sliding_attention"
      )
    }
    func object(_ key: String, adding more: JSON? = nil) throws -> JSONFile {
      let own = try parameters?.object(key)
      var members = own?.json.object ?? [:]
      members.merge(more?.object ?? [:]) { $1 }
      let prefix = more == nil ? own?.prefix ?? "" : "rope_scaling."
      return try JSONFile(path: fields.path, json: .object(members), prefix: prefix)
    }
    let scaling = try fields.object("rope_scaling")?.json
    let local = try family.slidingRopeKey.flatMap { try fields.double($0, in: Self.thetas) }
    return (
      try rope(object("full_attention", adding: scaling), beside: theta, fallback: family.ropeTheta),
      try rope(object("sliding_attention"), beside: local, fallback: family.slidingRopeTheta ?? family.ropeTheta)
    )
  }

  private func rope(_ object: JSONFile, beside outer: Double?, fallback: Double) throws -> Rope {
    let size = try turned(object)
    let theta = try Self.theta(object) ?? outer ?? fallback
    let scaling = try RopeScaling(
      object, maxPositions: maxPositions, original: family.slidingRopeTheta == nil ? original : nil, size: size,
      isLongRope: family.turnsPartly)
    if case .yarn = scaling, theta <= 1 {
      throw ModelFileError(fields.path, "\(object.prefix)rope_theta \(theta) must be greater than 1 for yarn")
    }
    return Rope(theta: theta, scaling: scaling, size: size)
  }

  /// The numbers of a head that turn.
  private func turned(_ object: JSONFile?) throws -> Int {
    let key = "partial_rotary_factor"
    let (inner, outer) = (try object?.double(key, in: 0...1), try fields.double(key, in: 0...1))
    guard let share = inner ?? outer, share != 1 else { return headSize }
    let prefix = inner == nil ? "" : object?.prefix ?? ""
    guard family.turnsPartly else {
      throw ModelFileError(
        fields.path, "\(prefix)\(key) \(share) is not supported: heads of a \(family.className) model are rotated whole"
      )
    }
    let size = Int(Double(headSize) * share)
    guard size > 0, size % 2 == 0 else {
      throw ModelFileError(
        fields.path, "\(prefix)\(key) \(share) turns \(size) of a head's \(headSize) numbers; it must be an even number"
      )
    }
    return size
  }

  private static let thetas = 1e-3...1e12
  private static func theta(_ fields: JSONFile) throws -> Double? { try fields.double("rope_theta", in: thetas) }
}
