import JSON

/// Which language a text is in, by its script, and where several share one by their letters and small words.
///
/// It stands in for `LanguageDetector` where langdetect, which IFEval's authors ask, was not fetched. It knows the languages
/// that IFEval asks for, and their neighbours, and cannot tell a language from another one that is not listed here, nor one
/// that is written in another's script, as Urdu in Latin letters. A text in Latin letters without a small word of any
/// language, as a title, is in no language that it knows.
struct LanguageGuess {
  /// The language's code as langdetect writes it; nil where there is no telling.
  let code: String?
  /// Whether the text has letters at all.
  let hasLetters: Bool

  /// Looks at the script that most letters are in.
  init(_ text: String) {
    var counts: [Script: Int] = [:]
    for scalar in text.unicodeScalars { if let script = Script(scalar) { counts[script, default: 0] += 1 } }
    hasLetters = !counts.isEmpty
    // Foreign names and terms are as a rule in Latin letters.
    let others = Script.allCases.filter { $0 != .latin && counts[$0] != nil }
    let (latin, other) = (counts[.latin] ?? 0, others.reduce(0) { $0 + (counts[$1] ?? 0) })
    let script = latin > other ? .latin : others.max { counts[$0, default: 0] < counts[$1, default: 0] }
    let languages = script?.languages ?? []
    code = languages.count > 1 ? Self.language(of: text, among: languages) : languages.first
  }

  /// Whether the text is in a language; a text without letters is in any, as for the authors.
  func isFollowed(_ language: String) -> Bool { !hasLetters || code == language }

  /// The language whose small words and own letters are the most.
  private static func language(of text: String, among languages: [String]) -> String? {
    let lowered = PythonText.lower(text)
    var words: [TextKey: Int] = [:]
    let separated = lowered.unicodeScalars.map { scalar in
      PythonText.isWord(scalar) || scalar.properties.generalCategory == .nonspacingMark
        || scalar.properties.generalCategory == .spacingMark || scalar == "’" || scalar == "'" ? scalar : " "
    }
    for word in PythonText.split(PythonText.string(separated)) { words[TextKey(word), default: 0] += 1 }
    var letters: [Unicode.Scalar: Int] = [:]
    for scalar in lowered.unicodeScalars { letters[scalar, default: 0] += 1 }
    let scores = languages.map { language in
      let small = smallWords[language, default: []].reduce(0) { $0 + (words[TextKey($1)] ?? 0) }
      let own = ownLetters[language, default: []].reduce(0) { $0 + (letters[$1] ?? 0) }
      return (language, 2 * small + own)
    }
    // Of equal ones the first.
    guard let best = scores.map(\.1).max(), best > 0 else { return nil }
    return scores.first { $0.1 == best }?.0
  }
}

extension LanguageGuess {
  /// Scripts, of one language or of several.
  private enum Script: CaseIterable {
    case latin, cyrillic, arabic, devanagari, greek, hebrew, bengali, gurmukhi, gujarati, tamil, telugu, kannada
    case malayalam, thai, hangul, kana, han

    init?(_ scalar: Unicode.Scalar) {
      guard scalar.properties.isAlphabetic, let script = Self.allCases.first(where: { $0.holds(scalar.value) }) else {
        return nil
      }
      self = script
    }

    private func holds(_ value: UInt32) -> Bool {
      switch self {
      case .latin: value < 0x250 || 0x1E00..<0x1F00 ~= value
      case .cyrillic: 0x400..<0x530 ~= value
      case .arabic: 0x600..<0x700 ~= value || 0x750..<0x780 ~= value || 0xFB50..<0xFE00 ~= value
      case .devanagari: 0x900..<0x980 ~= value
      case .greek: 0x370..<0x400 ~= value
      case .hebrew: 0x590..<0x600 ~= value
      case .bengali: 0x980..<0xA00 ~= value
      case .gurmukhi: 0xA00..<0xA80 ~= value
      case .gujarati: 0xA80..<0xB00 ~= value
      case .tamil: 0xB80..<0xC00 ~= value
      case .telugu: 0xC00..<0xC80 ~= value
      case .kannada: 0xC80..<0xD00 ~= value
      case .malayalam: 0xD00..<0xD80 ~= value
      case .thai: 0xE00..<0xE80 ~= value
      case .hangul: 0xAC00..<0xD7B0 ~= value || 0x1100..<0x1200 ~= value
      case .kana: 0x3040..<0x3100 ~= value
      case .han: 0x4E00..<0xA000 ~= value
      }
    }

    var languages: [String] {
      switch self {
      case .latin: ["en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "fi", "pl", "tr", "id", "vi", "sw"]
      case .cyrillic: ["ru", "bg", "uk"]
      case .arabic: ["ar", "fa", "ur"]
      case .devanagari: ["hi", "mr", "ne"]
      case .greek: ["el"]
      case .hebrew: ["he"]
      case .bengali: ["bn"]
      case .gurmukhi: ["pa"]
      case .gujarati: ["gu"]
      case .tamil: ["ta"]
      case .telugu: ["te"]
      case .kannada: ["kn"]
      case .malayalam: ["ml"]
      case .thai: ["th"]
      case .hangul: ["ko"]
      case .kana: ["ja"]
      case .han: ["zh-cn"]
      }
    }
  }

  /// Letters that one language of a script has and its neighbours hardly.
  private static let ownLetters: [String: [Unicode.Scalar]] = [
    "de": ["ß"], "es": ["ñ", "¿", "¡"], "pt": ["ã", "õ"], "fr": ["ê", "œ"], "pl": ["ł", "ż", "ę", "ą", "ś"],
    "tr": ["ğ", "ı", "ş"], "vi": Array("đơưăạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ".unicodeScalars),
    "ru": ["ы", "э", "ё"], "bg": ["ъ", "щ"], "uk": ["і", "ї", "є", "ґ"],
    "fa": ["پ", "چ", "ژ", "گ", "ک", "ی"], "ur": ["ٹ", "ڈ", "ڑ", "ں", "ے", "ہ", "ھ"],
    "ar": ["ة", "ى", "ي", "ك", "إ", "أ"],
    "mr": ["ळ"],
  ]

  private static let smallWords: [String: [String]] = [
    "en": """
    the of and to in is you that it for was on are with as his they at be this have from or had by not but what all were we \
    when your can an which do how if will about then them would these him has there my who its now did get i'm it's don't me our \
    over into up out down through under while where because some such than more most very just only after before here
    """,
    "de": "der die und das ist nicht ein eine zu den mit auf für von dem sich des im auch als es ich sie wir wenn aber",
    "fr": "le la les et des est une un du que dans pour pas sur au avec ce qui il elle je nous vous sont mais",
    "es": "el la los las y de que en un una es por con para del se no lo su al como más pero está",
    "pt": "o a os as e de que em um uma é do da dos das não por com para se no na seu sua mais como mas são",
    "it": "il la le gli e di che è un una in non per con del della si sono da al come ma nel sul",
    "nl": "de het een en van is dat in op niet te zijn met voor aan er maar om ook bij",
    "sv": "och att det som en på är av för med den till inte om ett har jag men",
    "da": "og at det som en på er af for med den til ikke om et har jeg men",
    "fi": "ja on ei se että oli kun hän mutta niin kuin olen myös tai joka ovat voi mitä nyt sen ole",
    "pl": "i w na z do nie się to jest że o jak ale po co tak za od przez",
    "tr": "ve bir bu için de da ile çok ne gibi daha olan var ama değil",
    "id": "yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya ke ada adalah",
    "vi": "và là của có không một những được cho trong này với các người tôi trên đang đó khi đã",
    "sw": "na ya wa kwa ni za katika la cha kama hii yake hiyo kuwa lakini sana kwamba mtu huo watu ili",
    "ru": "и в не на что с как это по но из у за то все так его для от они мы вы был",
    "bg": "и на да се не е за от с че това в са по като но ще си както към беше тази която който",
    "uk": "і в не на що з як це та але від його для вони ми ви був до",
    "ar": "في من على إلى أن التي هذا هذه مع عن ما لا كان هو هي و",
    "fa": "و در به از که این را با است برای آن یک خود تا می بر هم ها شد",
    "ur": "کے کی میں ہے اور کا سے کو یہ پر نے ہیں بھی نہیں تھا ایک",
    "hi": "है के में की और का से को हैं यह पर नहीं एक ने भी कि तो हो था कर आप जो लिए मैं हम",
    "mr": "आहे आणि या आहेत मध्ये नाही हे ते तो ती एक होते होता च्या साठी आपण मी तुम्ही काय पण केले",
    "ne": "छ र को मा छन् हुन्छ पनि हो यो लागि गर्न भएको गर्नुहोस् बाट तपाईं थियो म हामी छैन सबै",
  ].mapValues { $0.split(separator: " ").map(String.init) }
}
