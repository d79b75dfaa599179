#include <stdlib.h>
#include <locale.h>
#include <stdio.h>
#include <readline/history.h>
#include <readline/readline.h>

// What Swift cannot set, since these are variables that any thread could change.

/// Has lines edited on standard error, so that standard output carries answers alone. Signals stay ours; `interrupted` is
/// called after one came while a line is being read.
static inline void readline_prepare(int (*interrupted)(void)) {
  if (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1) setlocale(LC_CTYPE, "C.UTF-8");
  rl_outstream = stderr;
  rl_readline_name = "caravan";
  rl_catch_signals = 0;
  rl_signal_event_hook = interrupted;
  // A tab is a character: there are no names to complete.
  rl_bind_key('\t', rl_insert);
}

/// Leaves the line that is being edited, and shows an empty one under a notice.
static inline void readline_begin_anew(const char *notice) {
  rl_replace_line("", 0);
  fprintf(stderr, "%s", notice);
  rl_on_new_line();
  rl_redisplay();
}
