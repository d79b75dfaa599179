import Datasets
import TestSupport
import Testing

@Suite struct ReportTests {
  let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  @Test func skippedRecordsAreCountedByReason() throws {
    let path = try scratch.write(
      """
      {"prompt": "a", "chosen": "b", "rejected": "c"}
      {"prompt": "a", "chosen": 1, "rejected": "c"}
      {"prompt": "a", "chosen": 2, "rejected": "c"}
      not JSON
      {"prompt": "a", "chosen": [{"role": "user", "content": "b"}, {"role": "assistant", "content": "c"}], "rejected": [{"role": "user", "content": "b"}, {"role": "assistant", "content": "d"}]}
      {"chosen": [{"role": "user", "content": null}], "rejected": "c"}
      {"chosen": [{"role": "user", "content": "a"}, {"role": "user", "content": null}], "rejected": "c"}
      {"prompt": "a", "chosen": 1, "rejected": "c"}
      {"prompt": "a", "chosen": 1, "rejected": "c"}
      {"prompt": "a", "cho
      """, to: "x.jsonl")
    let reader = try DatasetReader<PreferencePair>([path], skipInvalid: true)
    #expect(try reader.readAll().map(\.location.line) == [1, 5])
    #expect(
      scratch.relative(reader.report.description) == """
        read 10 records, kept 2
        skipped 4: 'chosen' must be a list of messages or a string, found a number (x.jsonl:2, x.jsonl:3, x.jsonl:8, …)
        skipped 1: not valid JSON (x.jsonl:4)
        skipped 2: 'chosen[].content' must be a string, found null (x.jsonl:6, x.jsonl:7)
        skipped 1: the last line is incomplete: the file was cut off while it was written (x.jsonl:10)
        kept 1: 'prompt' is not part of the conversation in 'chosen', and is ignored (x.jsonl:5)
        """)
  }

  @Test func nothingValidIsAnError() throws {
    let path = try scratch.write("[]\n{}\n", to: "x.jsonl")
    let reader = try DatasetReader<PreferencePair>([path], skipInvalid: true)
    let error = #expect(throws: DatasetError.self) { try reader.readAll() }
    #expect(
      error.map { scratch.relative($0.description) }
        == "x.jsonl: none of the 2 records is valid; "
        + "the first: x.jsonl:1: expected an object with 'chosen' and 'rejected', found a list")
  }
}
