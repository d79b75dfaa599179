import Text

/// llama.cpp's types of tokens (`llama_token_type`).
enum GGUFTokenKind: Int32 {
  case normal = 1
  case unknown = 2
  case control = 3
  case userDefined = 4
  case unused = 5
  case byte = 6

  init(_ kind: TokenizerContents.Kind) {
    self =
      switch kind {
      case .normal: .normal
      case .unknown: .unknown
      case .control: .control
      case .userDefined: .userDefined
      case .byte: .byte
      }
  }
}
