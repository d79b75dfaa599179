#include <oniguruma.h>

/// An expression over UTF-8 in Oniguruma's own syntax, as tokenizers makes it; a negative number where the pattern is none.
static inline int onig_new_utf8(OnigRegex *regex, const OnigUChar *pattern, const OnigUChar *end) {
  OnigErrorInfo info;
  return onig_new(regex, pattern, end, ONIG_OPTION_NONE, ONIG_ENCODING_UTF8, ONIG_SYNTAX_ONIGURUMA, &info);
}
