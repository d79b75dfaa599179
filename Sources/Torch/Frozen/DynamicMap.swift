/// The 256 values of "dynamic tree" numbers of 8 bits (arXiv 2110.02861), ascending, as bitsandbytes makes them: seven decades,
/// each with twice as many values as the one below.
package enum DynamicMap {
  /// From -0.993 to 1.
  package static let signed = values(isSigned: true)
  /// From 0 to 1.
  package static let unsigned = values(isSigned: false)

  private static func values(isSigned: Bool) -> [Float] {
    var values: [Float] = [0, 1]
    for decade in 0..<7 {
      let power = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1][decade] as Float
      let bounds = spread(over: 1 << (isSigned ? decade : decade + 1))
      for (low, high) in zip(bounds, bounds.dropFirst()) {
        let value = power * ((low + high) / 2)
        values += isSigned ? [value, -value] : [value]
      }
    }
    return values.sorted()
  }

  /// The ends of so many equal parts of 0.1...1, from either side and rounded once, as PyTorch's `linspace` does it.
  private static func spread(over parts: Int) -> [Float] {
    let (low, high, step) = (0.1 as Float, 1 as Float, (1 - 0.1 as Float) / Float(parts))
    return (0...parts).map {
      $0 < (parts + 1) / 2 ? low.addingProduct(step, Float($0)) : high.addingProduct(-step, Float(parts - $0))
    }
  }
}
