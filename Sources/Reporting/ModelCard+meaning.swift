import Foundation

extension ModelCard {
  var meaning: String { words.meaning.isEmpty ? "" : "## What the numbers mean\n\n" + words.meaning }

  var citation: String {
    let tulu = """
      @misc{ivison2024unpacking,
        title = {Unpacking {DPO} and {PPO}: Disentangling Best Practices for Learning from Preference Feedback},
        author = {Ivison, Hamish and Wang, Yizhong and Liu, Jiacheng and Wu, Ellen and Pyatkin, Valentina and
          Lambert, Nathan and Choi, Yejin and Smith, Noah A. and Hajishirzi, Hannaneh},
        year = {2024},
        eprint = {2406.09279},
        archivePrefix = {arXiv},
        primaryClass = {cs.CL}
      }
      """
    return "## Citation\n\n" + fenced(([tulu] + words.citations).joined(separator: "\n\n"), "bibtex")
  }
}
