import Foundation

/// Logistic regression of probabilities with a penalty on absolute values and without a constant: the w that minimizes
///
///     |w|₁ + C Σᵢ sᵢ (pᵢ log(1 + exp(-zᵢ)) + (1 - pᵢ) log(1 + exp(zᵢ))),  zᵢ = w·xᵢ.
///
/// liblinear's solver stops at a tolerance; this goes on to the optimum, by Newton steps whose quadratic model is minimized
/// coordinate by coordinate (Yuan, Ho and Lin 2012, "An Improved GLMNET for L1-regularized Logistic Regression").
struct LassoLogistic {
  /// Shapes: n rows, each with the same d features, its probability p and its weight s.
  struct Row {
    let features: [Double]
    let probability: Double
    let weight: Double
  }

  private let rows: [Row]
  private let penalty: Double

  /// A problem with C = `penalty`.
  init(_ rows: [Row], penalty: Double) { (self.rows, self.penalty) = (rows, penalty) }

  /// The coefficients, d of them.
  func fit() -> [Double] {
    let d = rows.first?.features.count ?? 0
    var w = [Double](repeating: 0, count: d)
    var value = objective(w)
    for _ in 0..<200 {
      let (gradient, hessian) = derivatives(w)
      let step = self.step(w, gradient, hessian)
      let promised = zip(gradient, step).reduce(0) { $0 + $1.0 * $1.1 } + norm(zip(w, step).map { $0 + $1 }) - norm(w)
      guard promised < -1e-13 * max(1, abs(value)) else { break }
      var length = 1.0
      while length > 1e-10 {
        let next = zip(w, step).map { $0 + length * $1 }
        let nextValue = objective(next)
        if nextValue <= value + 0.01 * length * promised {
          (w, value) = (next, nextValue)
          break
        }
        length /= 2
      }
      if length <= 1e-10 { break }
    }
    return w
  }

  /// log(1 + exp(z)), for any z.
  static func softplus(_ z: Double) -> Double { max(z, 0) + log1p(exp(-abs(z))) }
  /// 1/(1 + exp(-z)).
  static func sigmoid(_ z: Double) -> Double { exp(-softplus(-z)) }

  static func dot(_ w: [Double], _ x: [Double]) -> Double { zip(w, x).reduce(0) { $0 + $1.0 * $1.1 } }

  private func norm(_ w: [Double]) -> Double { w.reduce(0) { $0 + abs($1) } }

  private func objective(_ w: [Double]) -> Double {
    norm(w)
      + penalty
      * rows.reduce(0) { sum, row in
        let z = Self.dot(w, row.features)
        return sum + row.weight
          * (row.probability * Self.softplus(-z) + (1 - row.probability) * Self.softplus(z))
      }
  }

  private func derivatives(_ w: [Double]) -> (gradient: [Double], hessian: [[Double]]) {
    let d = w.count
    var (gradient, hessian) = (
      [Double](repeating: 0, count: d), [[Double]](repeating: .init(repeating: 0, count: d), count: d)
    )
    for row in rows {
      let p = Self.sigmoid(Self.dot(w, row.features))
      let (slope, curve) = (penalty * row.weight * (p - row.probability), penalty * row.weight * p * (1 - p))
      for a in 0..<d {
        gradient[a] += slope * row.features[a]
        for b in 0..<d { hessian[a][b] += curve * row.features[a] * row.features[b] }
      }
    }
    return (gradient, hessian)
  }

  /// The step that minimizes g·s + ½ s·Hs + |w + s|₁.
  private func step(_ w: [Double], _ gradient: [Double], _ hessian: [[Double]]) -> [Double] {
    var s = [Double](repeating: 0, count: w.count)
    for _ in 0..<1000 {
      var change = 0.0
      for a in s.indices {
        let curve = max(hessian[a][a], 1e-12)
        let slope = gradient[a] + Self.dot(hessian[a], s)
        let target = w[a] + s[a] - slope / curve
        // The penalty draws to 0 by 1/curve.
        let next = (target > 0 ? 1 : -1) * max(0, abs(target) - 1 / curve) - w[a]
        change = max(change, abs(next - s[a]))
        s[a] = next
      }
      if change < 1e-14 { break }
    }
    return s
  }
}
