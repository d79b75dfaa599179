import JSON

/// A JSON file whose top level is an object, and its fields, read with errors that name file and key.
struct JSONFile {
  let path: String
  let json: JSON
  /// The key that holds `json` in the file, with a point at its end; empty at the top level.
  var prefix = ""

  init(path: String, json: JSON, prefix: String = "") throws {
    guard json.object != nil else {
      throw ModelFileError(path, "\(prefix.isEmpty ? "the file" : String(prefix.dropLast())) is not a JSON object")
    }
    self.path = path
    self.json = json
    self.prefix = prefix
  }

  /// Reads the file at `path`.
  init(_ path: String) throws {
    let file = try MappedFile(path)
    do {
      try self.init(path: path, json: JSON(parsing: file.bytes))
    } catch let error as JSONError {
      throw ModelFileError(path, "is not JSON: \(error)")
    }
  }

  /// The value of `key`; nil where it is absent or null.
  func value(_ key: String) -> JSON? { json[key].flatMap { $0 == .null ? nil : $0 } }

  /// The object under `key`; nil where it is absent or null.
  func object(_ key: String) throws -> JSONFile? {
    try value(key).map { try JSONFile(path: path, json: $0, prefix: prefix + key + ".") }
  }

  func string(_ key: String) throws -> String? {
    try value(key).map { value in
      guard let string = value.string else { throw error(key, "must be a string", value) }
      return string
    }
  }

  func bool(_ key: String) throws -> Bool? {
    try value(key).map { value in
      guard let bool = value.bool else { throw error(key, "must be true or false", value) }
      return bool
    }
  }

  func int(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
    try value(key).map { value in
      guard let number = value.int, range.contains(number) else {
        throw error(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)", value)
      }
      return number
    }
  }

  func double(_ key: String, in range: ClosedRange<Double>) throws -> Double? {
    try value(key).map { value in
      guard let number = value.double, range.contains(number) else {
        throw error(key, "must be a number from \(range.lowerBound) to \(range.upperBound)", value)
      }
      return number
    }
  }

  /// The token ids under `key`, which may hold one or a list of them.
  func tokenIDs(_ key: String) throws -> [Int]? {
    try value(key).map { value in
      try (value.array ?? [value]).map { item in
        guard let id = item.int, tokenIDRange.contains(id) else {
          throw error(key, "must be a token id or a list of them", item)
        }
        return id
      }
    }
  }

  /// The token id under `key`; a negative one, which some old folders hold, stands for none.
  func tokenID(_ key: String) throws -> Int? {
    try int(key, in: -1...tokenIDRange.upperBound).flatMap { $0 < 0 ? nil : $0 }
  }

  func required<Value>(_ key: String, _ value: Value?) throws -> Value {
    guard let value else { throw ModelFileError(path, "\(prefix)\(key) is missing") }
    return value
  }

  func error(_ key: String, _ expectation: String, _ found: JSON) -> ModelFileError {
    let shown =
      switch found {
      case .array, .object: found.kind
      default: oneLine(found.text, limit: 80)
      }
    return ModelFileError(path, "\(prefix)\(key) \(expectation), not \(shown)")
  }
}

/// Token ids that fit the 32 bits every tokenizer stores them in.
private let tokenIDRange = 0...Int(Int32.max)
