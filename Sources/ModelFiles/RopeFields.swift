import JSON

/// The rotary embedding of a `config.json`, settled as transformers settles it.
struct RopeFields {
  /// The base of the frequencies.
  let theta: Double
  /// How they are stretched.
  let scaling: RopeScaling
  /// What the file says and does not count, a line each.
  let remarks: [String]

  /// transformers prefers `rope_scaling` (4) to `rope_parameters` (5), and a `rope_theta` in the object to one beside it.
  init(_ fields: JSONFile, maxPositions: Int) throws {
    let outer = try Self.theta(fields)
    let objects = try ["rope_scaling", "rope_parameters"].compactMap { try fields.object($0) }
      .filter { $0.json.object?.isEmpty == false }
    guard let object = objects.first else {
      theta = outer ?? 10_000
      scaling = .none
      remarks = []
      return
    }
    if let nested = object.json.object?.first(where: { $0.value.object != nil }) {
      throw ModelFileError(
        fields.path, "\(object.prefix)\(oneLine(nested.key, limit: 80)): parameters by layer type are not supported")
    }
    let inner = try Self.theta(object)
    let theta = inner ?? outer ?? 10_000
    let scaling = try RopeScaling(object, maxPositions: maxPositions)

    var remarks: [String] = []
    func ignore(_ what: String, for winner: String) {
      remarks.append("\(what) is not read: \(winner) is used, as in transformers")
    }
    if let outer, let inner, outer != inner {
      ignore("rope_theta \(outer)", for: "\(object.prefix)rope_theta \(inner)")
    }
    if let other = objects.dropFirst().first {
      let isSame =
        (try? RopeScaling(other, maxPositions: maxPositions)) == scaling
        && (try? Self.theta(other) ?? outer ?? 10_000) == theta
      if !isSame { ignore("rope_parameters", for: "rope_scaling, which is another,") }
    }
    if let old = object.value("type")?.string, let new = object.value("rope_type")?.string, old != new {
      ignore("\(object.prefix)type \(quoted(old))", for: "\(object.prefix)rope_type \(quoted(new))")
    }
    if scaling == .none, let factor = object.value("factor")?.double, factor != 1 {
      ignore("\(object.prefix)factor \(factor)", for: "rope_type 'default', which has none,")
    }
    self.theta = theta
    self.scaling = scaling
    self.remarks = remarks
  }

  private static func theta(_ fields: JSONFile) throws -> Double? { try fields.double("rope_theta", in: 1e-3...1e12) }
}
