import JSON
import Wording

extension Sweep: Codable {
  static var bestName: String { "best" }

  /// The recipe's record, with what varies (`sweep: [beta=0.05,0.1]`) and the measure of the best.
  public var record: TextKeyed<JSON> {
    var record = recipe.record
    record[RunRecord.sweepName] = .array(values.map { .string("\($0.key)=\(Self.joined($0.value))") })
    record[Self.bestName] = best.map(JSON.string)
    return record
  }

  /// The sweep of a record, as in its `config.yaml`.
  /// - Throws: `SettingError` for what the recipe does not have, and for a value that cannot be.
  public init(record: TextKeyed<JSON>) throws {
    var record = record
    let texts = record.removeValue(forKey: RunRecord.sweepName)?.array?.compactMap(\.string) ?? []
    let best = record.removeValue(forKey: Self.bestName)?.string
    try self.init(Recipe(record: record), texts: texts, best: best)
  }

  /// Runs with all combinations of some values.
  /// - Parameter texts: each setting with its values, as `beta=0.05,0.1`; with semicolons between them where values have commas.
  /// - Throws: `SettingError` for a text of another form.
  public init(_ recipe: Recipe, texts: [String], best: String? = nil) throws {
    self.init(recipe, varying: [:], best: best)
    for text in texts {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw SettingError(
          "\(setting: RunRecord.sweepName) takes a setting with its values, as beta=0.05,0.1, not '\(text)'")
      }
      let name = String(text[..<equals]).replacing("_", with: "-")
      guard values.updateValue(Self.split(text[equals...].dropFirst()), forKey: name) == nil else {
        throw SettingError(
          "\(setting: RunRecord.sweepName): \(setting: name) is named twice; give all its values at once")
      }
    }
  }

  /// Encodes the record.
  public func encode(to encoder: any Encoder) throws { try JSON.object(record).encode(to: encoder) }

  /// Decodes a record.
  public init(from decoder: any Decoder) throws { try self.init(record: JSON(from: decoder).object ?? [:]) }

  private static func split(_ text: Substring) -> [String] {
    func parts(_ separator: Character) -> [String] {
      text.split(separator: separator, omittingEmptySubsequences: false).map { String($0) }
    }
    guard text.contains(";") else { return parts(",") }
    // A semicolon may also end the list.
    return text.hasSuffix(";") ? parts(";").dropLast() : parts(";")
  }

  private static func joined(_ values: [String]) -> String {
    values.contains { $0.contains(",") } ? values.map { $0 + ";" }.joined() : values.joined(separator: ",")
  }
}
