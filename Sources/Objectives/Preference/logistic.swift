import Foundation

/// 1 / (1 + e^−x).
func sigmoid(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

/// log σ(x) without overflow.
func logSigmoid(_ x: Double) -> Double { min(x, 0) - log1p(exp(-abs(x))) }

/// −(1 − ε) log σ(z) − ε log σ(−z), and its derivative: the logistic loss where a share ε of the labels is taken to be wrong.
func logisticLoss(_ z: Double, smoothing ε: Double) -> (loss: Double, slope: Double) {
  (-(1 - ε) * logSigmoid(z) - ε * logSigmoid(-z), -(1 - ε) * sigmoid(-z) + ε * sigmoid(z))
}
