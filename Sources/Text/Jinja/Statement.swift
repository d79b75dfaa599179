import JSON

extension Jinja {
  /// A statement or a piece of text, with its line in the template.
  struct Statement: Sendable {
    indirect enum Kind: Sendable {
      case text(String)
      case output(Expression)
      case loop(ForLoop)
      case conditional([(test: Expression, body: [Statement])], otherwise: [Statement])
      case set(Target, Expression)
      /// `{% set x %}…{% endset %}`; the expression is the captured text, filtered.
      case capture(Target, Expression, body: [Statement])
      case filter(Expression, body: [Statement])
      case macro(Macro)
      /// `{% call(…) m(…) %}…{% endcall %}`: the body is handed to the macro as `caller`.
      case callBlock(Expression, Arguments, Macro)
      case with([(target: Target, value: Expression)], body: [Statement])
      /// `{% generation %}…{% endgeneration %}`
      case generation([Statement])
      /// `{% do … %}`
      case evaluate(Expression)
      case leaveLoop
      case nextIteration
    }

    let kind: Kind
    let line: Int
  }

  /// What a value is assigned to.
  indirect enum Target: Sendable {
    case name(String)
    /// An attribute of a namespace.
    case attribute(String, String)
    case tuple([Target])
  }

  /// `{% for target in items if filter %}…{% else %}…{% endfor %}`
  struct ForLoop: Sendable {
    let target: Target
    let items: Expression
    let filter: Expression?
    let isRecursive: Bool
    let body: [Statement]
    let otherwise: [Statement]
  }

  /// A macro, or the body of a call block, which has no name.
  struct Macro: Sendable {
    var name: String
    var parameters: [(name: String, standard: Expression?)]
    var body: [Statement]
    /// Which of the names `caller`, `varargs` and `kwargs` the body reads: only then may they be passed.
    var implicit: Set<TextKey>
  }
}
