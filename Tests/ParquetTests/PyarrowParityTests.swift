import Foundation
import JSON
import Parquet
import Testing

/// Files that pyarrow wrote, one for each encoding, codec and nesting, give the rows that pyarrow reads from them.
@Suite struct PyarrowParityTests {
  static let names = Fixtures.names

  @Test(arguments: names) func givesTheSameRows(name: String) throws {
    let expected = try Fixtures.rows(of: name)
    let found = try rows(Fixtures.path(name))
    #expect(found.count == expected.count)
    // As text, where NaN equals NaN and 1 differs from 1.0.
    for (found, expected) in zip(found, expected) { #expect(found.text == expected.text) }
    #expect(try ParquetFile(Fixtures.path(name)).rowCount == expected.count)
  }

  @Test func findsAllFixtures() { #expect(Self.names.count == 58) }

  @Test func readsOnlyTheFieldsAskedFor() throws {
    let path = Fixtures.path("nested@snappy-v2-dictionary")
    let whole = try rows(path)
    let found = try rows(path, [["prompt"], ["chosen", "role"], ["no such field"], ["origin", "none", "either"]])
    for (row, whole) in zip(found, whole) {
      #expect(row.object.map { Array($0.keys) } == ["prompt", "chosen", "origin"])
      #expect(row["prompt"] == whole["prompt"])
      #expect(row["chosen"]?.array?.map { $0["role"] } == whole["chosen"]?.array?.map { $0["role"] })
      #expect(row["chosen"]?.array?.allSatisfy { $0["content"] == nil } == true)
      #expect(row["origin"] == whole["origin"])
    }
    #expect(try rows(path, [["no such column"]]) == whole)
  }
}
