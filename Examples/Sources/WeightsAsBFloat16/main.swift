// Lists a model's tensors and writes the model again as bfloat16.
import Foundation
import ModelFiles

let folder = try ModelFolder(URL(filePath: "tiny"))
print("\(folder.config.layerCount) layers, \(folder.config.architecture.parameterCount) parameters")

let weights = try folder.openWeights()
for name in weights.names {
  let tensor = try weights.tensor(name)
  print(name, tensor.elementType, tensor.shape)
}

let tensors = try folder.config.architecture.tensors.map { try OutputTensor(weights.tensor($0.name), as: .bfloat16) }
try ModelFolderWriter(carryingOver: folder).write(tensors, to: URL(filePath: "tiny-bfloat16"))
