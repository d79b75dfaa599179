import CKernels
import Torch

/// logits = x · Wᵀ, divided and capped where the family does that, and the log-probabilities of given tokens under the softmax
/// of logits / T.
///
/// Only scored tokens come here, so the widest matrix of the model has no row that nobody asked for.
/// Shapes: x is M×D, W is V×D (the embedding where the model ties them), logits are M×V.
struct VocabularyProjection {
  let weight: Weight
  /// What the products are computed in; softmax and log-probabilities are float32 whatever it is.
  let dtype: DType
  /// What becomes of the products.
  var shaping = LogitShaping.none
  /// What logits are divided by (T) before they are log-probabilities.
  var temperature: Float = 1

  /// What the backward needs.
  struct Activations {
    let x: Tensor
    let labels: [Int32]
    let logits: Tensor
    let logSumExp: Tensor
  }

  /// The logits of M hidden states.
  func logits(_ x: Tensor) throws -> Tensor {
    // Into memory of our own, which the next logits use again: they are the largest result of all.
    let logits = try Tensor(uninitialized: [x.shape[0], weight.rows])
    try weight.multiply(x, into: logits, dtype: dtype)
    try shaping.forward(logits)
    return logits
  }

  /// log softmax(logits / T)[label] for each of M rows, and what the backward needs.
  func forward(_ x: Tensor, labels: [Int32]) throws -> (logProbabilities: Tensor, Activations) {
    let (logits, V) = (try logits(x), weight.rows)
    try logits.divide(by: temperature)
    let logSumExp = try Tensor(uninitialized: [labels.count])
    let logProbabilities = try Tensor(uninitialized: [labels.count])
    try parallel(labels.count) { rows in
      ck_log_probability_forward(
        logits.floats, labels, logSumExp.floats, logProbabilities.floats, Int64(V), Int64(rows.lowerBound),
        Int64(rows.upperBound))
    }
    return (logProbabilities, Activations(x: x, labels: labels, logits: logits, logSumExp: logSumExp))
  }

  /// log Σp² over the vocabulary for each of M rows.
  func logSumOfSquares(_ activations: Activations) throws -> Tensor {
    let result = try Tensor(uninitialized: [activations.labels.count])
    try parallel(activations.labels.count) { rows in
      ck_log_sum_of_squares(
        activations.logits.floats, activations.logSumExp.floats, result.floats, Int64(weight.rows),
        Int64(rows.lowerBound), Int64(rows.upperBound))
    }
    return result
  }

  /// −Σ p log p over the vocabulary for each of M rows.
  func entropy(_ activations: Activations) throws -> Tensor {
    let result = try Tensor(uninitialized: [activations.labels.count])
    try parallel(activations.labels.count) { rows in
      ck_entropy(
        activations.logits.floats, activations.logSumExp.floats, result.floats, Int64(weight.rows),
        Int64(rows.lowerBound), Int64(rows.upperBound))
    }
    return result
  }

  /// Adds the gradient of W, where it trains, for dLoss/dlogProbability = `coefficients`; returns dx where it is asked for. The
  /// logits become the gradient of x · Wᵀ in place: coefficient / T · (1{label} − softmax), and what shaping makes of it.
  func backward(_ coefficients: [Float], activations: Activations, ofInput: Bool) throws -> Tensor? {
    let (logits, V) = (activations.logits, weight.rows)
    let divisor = temperature * shaping.divisor
    let coefficients = divisor == 1 ? coefficients : coefficients.map { $0 / divisor }
    try parallel(coefficients.count) { rows in
      let (begin, end) = (Int64(rows.lowerBound), Int64(rows.upperBound))
      if let cap = shaping.cap {
        // The logits that are kept are those divided by the temperature.
        ck_capped_log_probability_backward(
          logits.floats, activations.labels, activations.logSumExp.floats, coefficients, cap / temperature, Int64(V),
          begin, end)
      } else {
        ck_log_probability_backward(
          logits.floats, activations.labels, activations.logSumExp.floats, coefficients, Int64(V), begin, end)
      }
    }
    if let dW = weight.gradient {
      try multiply(logits.transposed, activations.x, into: dW, accumulating: true, dtype: dtype)
    }
    return ofInput ? try weight.multiply(gradient: logits, dtype: dtype) : nil
  }
}
