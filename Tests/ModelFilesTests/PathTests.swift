import ModelFiles
import Testing

@Suite struct PathTests {
  @Test(arguments: [
    ("a", "", "a"), ("", "", ""), ("/", "/", "/"), ("a/", "", "a"), ("/a", "/", "a"), ("a/b", "a", "b"),
    ("a//b//", "a", "b"), ("//a", "/", "a"), ("../é", "..", "é"), ("\u{301}", "", "\u{301}"),
    ("a/\u{301}", "a", "\u{301}"),
  ])
  func parts(path: String, folder: String, name: String) {
    #expect(Array(Path.folder(of: path).utf8) == Array(folder.utf8))
    #expect(Array(Path.name(of: path).utf8) == Array(name.utf8))
  }

  @Test func joining() {
    #expect(Path.join("", "a") == "a")
    #expect(Path.join("/", "a") == "/a")
    #expect(Path.join("b", "a") == "b/a")
  }
}
