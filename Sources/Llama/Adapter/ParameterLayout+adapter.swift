import ModelFiles

extension ParameterLayout {
  /// The factors of matrices of some ranks: of those that one product serves the A's beside one another, and then the B's. At last a
  /// score that replaces the base's.
  init(adapting weights: [(weight: Architecture.Tensor, rank: Int)], score: Architecture.Tensor?) {
    var tensors: [Architecture.Tensor] = []
    var rest = weights[...]
    while let first = rest.first {
      let joint = rest.prefix {
        $0.weight.group == first.weight.group && $0.weight.role.product == first.weight.role.product
      }
      let factors = joint.map { $0.weight.factors(rank: $0.rank) }
      tensors += factors.map(\.a) + factors.map(\.b)
      rest = rest.dropFirst(joint.count)
    }
    self.init(tensors + [score?.replaced].compactMap(\.self))
  }
}

extension Architecture.Role {
  /// The first role of those that one product serves.
  fileprivate var product: Architecture.Role {
    switch self {
    case .query, .key, .value: .query
    case .gate, .up: .gate
    default: self
    }
  }
}
