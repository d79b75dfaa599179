/// A sentence for people that may name settings, which every face of Caravan shows in its own way: a program's reader sees
/// `'learning-rate'`, the command line says `--learning-rate`.
///
///     throw TrainingError("the loss is not a number; lower \(setting: "learning-rate")")
public struct Wording: Sendable, Equatable {
  private enum Part: Sendable, Equatable {
    case text(String)
    case setting(String)
  }

  private var parts: [Part] = []

  /// The sentence, with the names of settings as `name` writes them.
  public func text(_ name: (String) -> String) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .setting(let setting): name(setting)
      }
    }.joined()
  }

  /// One sentence after the other.
  public static func + (left: Wording, right: Wording) -> Wording {
    var both = left
    both.parts += right.parts
    return both
  }
}

extension Wording: CustomStringConvertible {
  /// The sentence, with the names of settings in quotes.
  public var description: String { text { "'\($0)'" } }
}

extension Wording: ExpressibleByStringInterpolation {
  /// A sentence that names no setting.
  public init(stringLiteral text: String) { parts = [.text(text)] }

  /// A sentence with what was interpolated.
  public init(stringInterpolation: Interpolation) { parts = stringInterpolation.wording.parts }

  /// A sentence that names no setting.
  public init(_ text: String) { self.init(stringLiteral: text) }

  /// Builds a sentence of texts, values, settings and other sentences.
  public struct Interpolation: StringInterpolationProtocol {
    fileprivate var wording = Wording("")

    /// An empty sentence.
    public init(literalCapacity: Int, interpolationCount: Int) { wording.parts = [] }

    /// A text.
    public mutating func appendLiteral(_ text: String) { if !text.isEmpty { wording.parts.append(.text(text)) } }

    /// A value, as it describes itself; of an error with a wording, that.
    public mutating func appendInterpolation(_ value: some Any) {
      switch value {
      case let error as any Worded: wording = wording + error.wording
      case let sentence as Wording: wording = wording + sentence
      default: appendLiteral("\(value)")
      }
    }

    /// A setting, by its name.
    public mutating func appendInterpolation(setting name: String) { wording.parts.append(.setting(name)) }
  }
}

/// An error whose sentence may name settings.
public protocol Worded: Error, CustomStringConvertible {
  /// One line: what is wrong, where, and what to do.
  var wording: Wording { get }
}

extension Worded {
  /// The line, with the names of settings in quotes.
  public var description: String { wording.description }
}
