import Datasets
import Foundation
import JSON
import Serving
import TestSupport
import Testing

@Suite struct RatingTests {
  private let folder: TemporaryFolder
  private var file: String { folder.path("ratings.jsonl") }

  init() throws { folder = try TemporaryFolder() }

  private func body(_ rating: String, _ content: String = "A tent.", id: String? = nil, finish: String = "stop")
    -> String
  {
    var body: TextKeyed<JSON> = [
      "prompt": [["role": "system", "content": "Be kind."], ["role": "user", "content": "What?"]],
      "answer": ["model": "model", "content": .string(content), "finish_reason": .string(finish)],
      "rating": .string(rating),
    ]
    if let id { body["id"] = .string(id) }
    return JSON.object(body).text
  }

  private func rows(_ path: String) throws -> [JSON] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { try JSON(parsing: String($0)) }
  }

  @Test func ratingsBecomeRowsForKTO() async throws {
    try await RunningServer.with(ratings: file) { server in
      let before = try await server.get("/ratings")
      #expect(before.json == ["taken": true, "good": 0, "bad": 0])
      let first = try await server.post("/ratings", body("good", "A tent\n\u{1F42A}.")).json
      #expect(first["good"] == 1 && first["bad"] == 0)
      let second = try await server.post("/ratings", body("bad", "No.")).json
      #expect(second["good"] == 1 && second["bad"] == 1)
      #expect(throws: VoteFileError.self) { try RatingBook(path: file) }
      let metrics = try await server.get("/metrics")
      #expect(metrics.body.contains(#"caravan_ratings_total{rating="good"} 1"#))
    }
    let ratings = try DatasetReader<RatedAnswers>([file]).readAll().flatMap(\.ratings)
    #expect(ratings.map(\.isGood) == [true, false])
    #expect(ratings[0].completion.map(\.content) == ["A tent\n\u{1F42A}."])
    #expect(ratings[0].prompt.map(\.role) == ["system", "user"])
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func aRatingIsChangedAndTakenBack() async throws {
    try await RunningServer.with(ratings: file) { server in
      let id = try #require(try await server.post("/ratings", body("good")).json["id"]?.string)
      _ = try await server.post("/ratings", body("good", "Another."))
      let changed = try await server.post("/ratings", body("bad", id: id)).json
      #expect(changed["id"]?.string == id && changed["good"] == 1 && changed["bad"] == 1)
      #expect(try rows(file).map { $0["label"] } == [false, true])
      let withdrawn = try await server.post("/ratings", body("none", id: id)).json
      #expect(withdrawn["id"] == nil && withdrawn["good"] == 1 && withdrawn["bad"] == 0)
      #expect(try rows(file).map { $0["completion"]?.array?[0]["content"] } == ["Another."])
      // The file that took its place is still this server's, and still grows.
      #expect(throws: VoteFileError.self) { try RatingBook(path: file) }
      _ = try await server.post("/ratings", body("bad", "A third."))
      #expect(try rows(file).count == 2)
      let gone = try await server.post("/ratings", body("bad", id: id))
      #expect(gone.status == 404 && gone.json["error"]?["code"] == "rating_not_found")
    }
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func cutAnswersLieApart() async throws {
    try await RunningServer.with(ratings: file) { server in
      let id = try #require(
        try await server.post("/ratings", body("good", "Half a", finish: "length")).json["id"]?.string)
      #expect(try [rows(file).count, rows(file + ".cut").count] == [0, 1])
      _ = try await server.post("/ratings", body("good", "Half a tent.", id: id))
      #expect(try [rows(file).count, rows(file + ".cut").count] == [1, 0])
    }
  }

  @Test func whatIsNoRatingIsRefused() async throws {
    try await RunningServer.with(ratings: file) { server in
      for wrong in [
        "{}", body("great"), body("none"),
        body("good").replacingOccurrences(of: #""model": "model""#, with: #""model": "x""#),
        body("good", finish: "stopped"), body("good").replacingOccurrences(of: "\"user\"", with: "\"assistant\""),
      ] {
        let reply = try await server.post("/ratings", wrong)
        #expect(reply.status == 400, "\(wrong)")
      }
      let unknown = try await server.post("/ratings", body("bad", id: "nobody's"))
      #expect(unknown.status == 404)
      #expect(try rows(file).isEmpty)
    }
    try await RunningServer.with { server in
      let counts = try await server.get("/ratings")
      #expect(counts.json == ["taken": false])
      let refused = try await server.post("/ratings", body("good"))
      #expect(refused.status == 404)
    }
  }

  @Test func whatWasRatedBeforeAStartCountsOn() async throws {
    let earlier = [
      #"{"id": "a", "prompt": "x", "completion": "y", "label": true}"#,
      #"{"prompt": "x", "completion": "z", "label": false}"#,
    ]
    try Data((earlier.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: file))
    try await RunningServer.with(ratings: file) { server in
      let before = try await server.get("/ratings")
      #expect(before.json == ["taken": true, "good": 1, "bad": 1])
      let after = try await server.post("/ratings", body("none", id: "a"))
      #expect(after.json == ["taken": true, "good": 0, "bad": 1])
      // Another's line stays as it was, to the byte.
      #expect(try String(contentsOfFile: file, encoding: .utf8) == earlier[1] + "\n")
    }
  }
}
