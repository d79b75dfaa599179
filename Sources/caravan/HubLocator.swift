import Foundation
import Recipes

/// Finds models and data on this machine, and else on the hub.
struct HubLocator: Locator {
  func model(_ name: String) throws -> URL { try Named.model(name) }
  func data(_ names: [String]) throws -> (paths: [String], remarks: [String]) { (try Named.data(names), []) }
  func title(_ name: String) -> String { Named.title(name) }
}
