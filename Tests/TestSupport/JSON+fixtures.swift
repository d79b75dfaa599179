import Foundation
import JSON

extension JSON {
  /// The value in a file.
  public init(file: URL) throws { try self.init(parsing: [UInt8](Data(contentsOf: file))) }

  /// The tokens of an array of numbers.
  public var tokens: [Int32] { (array ?? []).compactMap { $0.int.map(Int32.init) } }
}
