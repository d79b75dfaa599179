/// A paper, as a model's card cites it.
struct Paper: Sendable, Equatable {
  /// The entry, as BibTeX.
  let bibtex: String

  /// A paper with an entry of its own.
  init(bibtex: String) { self.bibtex = bibtex }

  /// A paper on arXiv.
  init(_ key: String, _ title: String, _ authors: String, year: Int, arXiv: String) {
    bibtex = """
      @misc{\(key),
        title = {\(title)},
        author = {\(authors)},
        year = {\(year)},
        eprint = {\(arXiv)},
        archivePrefix = {arXiv}
      }
      """
  }

  /// What all its kin build on.
  static let dpo = Paper(
    bibtex: """
      @inproceedings{rafailov2023direct,
        title = {Direct Preference Optimization: Your Language Model is Secretly a Reward Model},
        author = {Rafailov, Rafael and Sharma, Archit and Mitchell, Eric and Manning, Christopher D. and
          Ermon, Stefano and Finn, Chelsea},
        booktitle = {Advances in Neural Information Processing Systems},
        volume = {36},
        year = {2023},
        eprint = {2305.18290},
        archivePrefix = {arXiv}
      }
      """)
}
