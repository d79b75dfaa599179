import JSON

/// The fields that are wanted, each a path of names as in the JSON of a row.
struct Projection {
  private let paths: [ArraySlice<String>]?

  /// - Parameter paths: nil for all fields.
  init(_ paths: [[String]]?) { self.paths = paths.map { $0.map { ArraySlice($0) } } }

  private init(paths: [ArraySlice<String>]?) { self.paths = paths }

  /// What is wanted of the field `name`; nil for nothing.
  private func inner(_ name: String) -> Projection? {
    guard let paths else { return self }
    let inner = paths.filter { $0.first == name }.map { $0.dropFirst() }
    if inner.isEmpty { return nil }
    return Projection(paths: inner.contains { $0.isEmpty } ? nil : inner)
  }

  /// What is wanted of each of a group's fields. A group that has none of the wanted fields is wanted whole, so that
  /// whoever looks for them can say what is there instead.
  func inner(_ names: [String]) -> [Projection?] {
    let inner = names.map { self.inner($0) }
    return inner.contains { $0 != nil } ? inner : names.map { _ in Projection(nil) }
  }
}
