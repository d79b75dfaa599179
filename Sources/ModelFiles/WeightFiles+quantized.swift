extension WeightFiles {
  // What quantizers call the tensors that they leave in place of a weight.
  private static let quantizers = [
    (".qweight", "GPTQ or AWQ"), (".qzeros", "GPTQ or AWQ"), (".g_idx", "GPTQ"), (".absmax", "bitsandbytes"),
    (".quant_map", "bitsandbytes"), (".SCB", "bitsandbytes"), (".weight_packed", "compressed-tensors"),
    (".weight_scale", "FP8"), (".scales", "GPTQ, AWQ or MLX"),
  ]

  /// Refuses weights that were quantized otherwise than to NF4, whose tensors would else seem to be missing.
  func refuseQuantized() throws {
    for name in names {
      let isState = name.contains(".quant_state.")
      guard let method = isState ? "bitsandbytes" : Self.quantizers.first(where: { name.hasSuffix($0.0) })?.1 else {
        continue
      }
      throw ModelFileError(
        folder.path,
        "holds quantized weights (\(method), by tensor \(quoted(name))), but its config.json does not say so; use the unquantized model"
      )
    }
  }
}
