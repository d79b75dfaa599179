/// A function that an answer calls.
struct ToolCall: Sendable, Equatable {
  /// Which one of the answer's calls it is.
  let index: Int
  /// What the result will be addressed to.
  let id: String
  let name: String
  /// The arguments as JSON.
  let arguments: String

  init(index: Int, name: String, arguments: String) {
    self.index = index
    self.name = name
    self.arguments = arguments
    // Mistral's chat templates take nine letters and digits, nothing else.
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    id = String((0..<9).map { _ in letters[Int.random(in: letters.indices)] })
  }
}
