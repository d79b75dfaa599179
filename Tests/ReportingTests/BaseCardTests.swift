import JSON
import Reporting
import Testing

@Suite struct BaseCardTests {
  @Test func readsTheHeader() {
    let card = BaseCard(
      """
      ---
      language: [en, no]
      tags:
      - llama
      license: other
      license_name: llama2
      license_link: https://example.org/license
      ---
      # Base
      license: mit
      """)
    let expected: JSON = [
      "language": ["en", "no"], "license": "other", "license_name": "llama2",
      "license_link": "https://example.org/license",
    ]
    #expect(JSON.object(card.inherited) == expected)
  }

  @Test(arguments: [
    ("---\nlicense: mit\n---", "mit"), ("\u{FEFF}---\r\nlicense: mit\r\n---\r\n", "mit"),
    ("---  \nlicense: no\n---\n", "no"), ("--- x\nlicense: mit\n---\n", nil), ("", nil), ("---", nil),
    ("---\nlicense: mit\n", nil), ("# Title\n---\nlicense: mit\n---\n", nil), ("---\nlicense: [\n---\n", nil),
    ("---\n- license\n---\n", nil), ("---\nlicense:\n---\n", nil), ("---\nlicense: {a: b}\n---\n", nil),
    ("---\nlicense: []\n---\n", nil), ("---\nlicense: mit\nlicense: x\n---\n", nil),
    ("---\n\tlicense: mit\n---\n", nil),
    ("---\n---\n", nil),
  ])
  func toleratesAnyHeader(markdown: String, license: String?) {
    #expect(BaseCard(markdown).inherited["license"]?.string == license)
  }
}
