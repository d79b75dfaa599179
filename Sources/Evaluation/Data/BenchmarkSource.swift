/// Where a benchmark's data are published.
public struct BenchmarkSource: Sendable, Equatable {
  /// The data set's name on the hub; nil where it is not there as the task needs it.
  public let repository: String?
  /// The configuration of the data set; nil where it has one only.
  public let configuration: String?
  /// The commit or branch of the hub's repository.
  public let revision: String
  /// The split with the questions.
  public let split: String
  /// The split with solved examples; nil where there is none.
  public let exampleSplit: String?
  /// Where else the data are, for people.
  public let address: String
  /// The files of the hub's repository that hold it all, where it has no splits; nil where it has.
  public let files: [String]?
  /// How many items there are as papers report them; nil where the number is the user's.
  public let count: Int?

  /// A place of data.
  public init(
    repository: String? = nil, configuration: String? = nil, revision: String = "main", split: String = "test",
    exampleSplit: String? = nil, files: [String]? = nil, address: String, count: Int? = nil
  ) {
    (self.repository, self.configuration, self.revision) = (repository, configuration, revision)
    (self.split, self.exampleSplit, self.files) = (split, exampleSplit, files)
    (self.address, self.count) = (address, count)
  }

  /// The same data in another repository of the hub, or at another commit.
  public func at(_ repository: String, revision: String) -> BenchmarkSource {
    BenchmarkSource(
      repository: repository, configuration: configuration, revision: revision, split: split,
      exampleSplit: exampleSplit, files: files, address: address, count: count)
  }

  /// The name under which the hub has a split: OWNER/NAME/CONFIGURATION@REVISION:SPLIT; nil where it has none.
  public func hubName(of split: String) -> String? {
    guard let repository else { return nil }
    let version = revision == "main" ? "" : "@" + revision
    return repository + (configuration.map { "/" + $0 } ?? "") + version + ":" + split
  }
}
