import Alignment
import CKernels
import Datasets
import Llama
import ModelFiles
import Objectives
import Testing
import Torch

@testable import Training

/// Products in bfloat16 over float32 parameters: close to float32, and nowhere narrower than autocasting is.
@Suite struct BFloat16Tests {
  private func train(_ dtype: DType) throws -> (loss: Double, gradient: [Float]) {
    let model = try TinyModel.make(dtype: dtype)
    let pairs = TinyModel.pairs(9).enumerated().map { $1.referenced(chosen: -Double($0), rejected: -3) }
    let pass = BatchPass(
      model: model, objective: try PreferenceObjective(.sigmoid, beta: 0.5), microTokens: 60)
    let result = try pass.train(pairs)
    return (result.loss, try #require(model.parameters.gradients).array)
  }

  /// Each factor and the result are rounded once, by at most 2⁻⁹ of themselves; the sum between them is float32.
  @Test func productsAreRoundedOncePerFactor() throws {
    var generator = SplitMix64(seed: 3)
    func matrix(_ rows: Int, _ columns: Int) throws -> Tensor {
      try Tensor((0..<rows * columns).map { _ in Float.random(in: -1...1, using: &generator) }, shape: [rows, columns])
    }
    let (a, b) = (try matrix(37, 65), try matrix(29, 65))
    let sizes = try multiply(
      Tensor(a.array.map(abs), shape: a.shape), transposed: Tensor(b.array.map(abs), shape: b.shape)
    ).array
    let (wide, narrow) = (try multiply(a, transposed: b).array, try multiply(a, transposed: b, dtype: .bfloat16).array)
    for (index, size) in sizes.enumerated() {
      #expect(abs(wide[index] - narrow[index]) <= 3.02 * size / 512)
    }
    #expect(wide != narrow)
  }

  @Test func gradientsPointTheSameWay() throws {
    let (wide, narrow) = (try train(.float32), try train(.bfloat16))
    func dot(_ x: [Float], _ y: [Float]) -> Double { zip(x, y).map { Double($0) * Double($1) }.reduce(0, +) }
    let cosine =
      dot(wide.gradient, narrow.gradient)
      / (dot(wide.gradient, wide.gradient) * dot(narrow.gradient, narrow.gradient)).squareRoot()
    #expect(cosine > 0.999)
    #expect(abs(wide.loss - narrow.loss) < 1e-2 * wide.loss)
  }

  /// Weights enter products rounded by their places in the model: those of a layer's joined matrices, of the projection, and of
  /// matrices that are frozen in float32.
  @Test func productsSeeDitheredWeights() throws {
    let (model, rounded) = (try TinyModel.make(dtype: .bfloat16), try TinyModel.make(dtype: .bfloat16))
    var changed = 0
    for tensor in model.config.architecture.adaptable + [model.config.architecture.projection].compactMap(\.self) {
      let (own, place) = (
        try rounded.parameters.joinedValues([tensor]), try #require(model.config.architecture.places[tensor.name])
      )
      ck_dither_floats(own.floats, Int64(place), 0, Int64(own.count))
      changed += try own.array == model.parameters.joinedValues([tensor]).array ? 0 : 1
    }
    #expect(changed > 0)
    let pairs = TinyModel.pairs(5)
    func values(_ model: LlamaModel) throws -> [[[Float]]] {
      try BatchPass(model: model, objective: SupervisedObjective(), microTokens: 60).values(of: pairs)
    }
    #expect(try values(model) == values(rounded))
    #expect(try values(model) != values(TinyModel.make()))
  }

  @Test func policyAndReferenceAgreeToTheBit() throws {
    let model = try TinyModel.make(dtype: .bfloat16)
    var pairs = TinyModel.pairs(9)
    let pass = BatchPass(model: model, objective: SupervisedObjective(), microTokens: 60)
    try ReferenceScores(pass: pass, cache: nil).add(to: &pairs, in: [Array(pairs.indices)]) { _ in }
    let objective = try PreferenceObjective(.sigmoid, beta: 0.1)
    let training = BatchPass(model: model, objective: objective, microTokens: 60)
    #expect(Float(try training.train(pairs).loss) == 0.6931471824645996)
  }
}
