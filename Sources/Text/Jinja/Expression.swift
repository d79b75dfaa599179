extension Jinja {
  /// An expression, with the height of its tree, which the parser bounds.
  struct Expression: Sendable {
    indirect enum Kind: Sendable {
      case none
      case bool(Bool)
      case integer(Int)
      case float(Double)
      case string(String)
      case name(String)
      case list([Expression])
      case tuple([Expression])
      case dictionary([(key: Expression, value: Expression)])
      /// `base.name`
      case attribute(Expression, String)
      /// `base[key]`
      case item(Expression, Expression)
      /// `base[start:stop:step]`
      case slice(Expression, start: Expression?, stop: Expression?, step: Expression?)
      case call(Expression, Arguments)
      case filter(Expression, String, Arguments)
      case test(Expression, String, Arguments)
      /// The text of the block that a filter block or a block `set` filters.
      case captured
      case not(Expression)
      case negative(Expression)
      case positive(Expression)
      case and(Expression, Expression)
      case or(Expression, Expression)
      case arithmetic(String, Expression, Expression)
      /// `a ~ b ~ c`
      case concatenation([Expression])
      /// `a < b <= c`, each operand evaluated once.
      case comparison(Expression, [(symbol: String, operand: Expression)])
      /// `a if test else b`
      case conditional(test: Expression, then: Expression, otherwise: Expression?)
    }

    let kind: Kind
    let depth: Int

    init(_ kind: Kind) {
      self.kind = kind
      depth = 1 + kind.children.reduce(0) { max($0, $1.depth) }
    }
  }

  /// The arguments of a call as they are written.
  struct Arguments: Sendable {
    var positional: [Expression] = []
    var keywords: [(name: String, value: Expression)] = []
    /// `*values`
    var spread: Expression?
    /// `**values`
    var keywordSpread: Expression?

    var expressions: [Expression] {
      positional + keywords.map(\.value) + [spread, keywordSpread].compactMap { $0 }
    }
  }
}

extension Jinja.Expression.Kind {
  fileprivate var children: [Jinja.Expression] {
    switch self {
    case .none, .bool, .integer, .float, .string, .name, .captured: []
    case .list(let elements), .tuple(let elements), .concatenation(let elements): elements
    case .dictionary(let items): items.flatMap { [$0.key, $0.value] }
    case .attribute(let base, _), .not(let base), .negative(let base), .positive(let base): [base]
    case .item(let a, let b), .and(let a, let b), .or(let a, let b), .arithmetic(_, let a, let b): [a, b]
    case .slice(let base, let start, let stop, let step): [base] + [start, stop, step].compactMap { $0 }
    case .call(let base, let arguments), .filter(let base, _, let arguments), .test(let base, _, let arguments):
      [base] + arguments.expressions
    case .comparison(let first, let rest): [first] + rest.map(\.operand)
    case .conditional(let test, let then, let otherwise): [test, then] + [otherwise].compactMap { $0 }
    }
  }
}
