import Foundation

/// Where what can be made again is kept between runs.
package enum CacheFolder {
  /// A folder in `CARAVAN_CACHE`, or in `caravan` in the user's folder for caches.
  package static func named(_ name: String) -> URL {
    let environment = ProcessInfo.processInfo.environment
    let caches =
      environment["CARAVAN_CACHE"].map { URL(filePath: $0) }
      ?? (environment["XDG_CACHE_HOME"].map { URL(filePath: $0) }
      ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache")).appending(path: "caravan")
    return caches.appending(path: name)
  }
}
