#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <readline/history.h>
#include <readline/readline.h>

// What Swift cannot set, since these are variables that any thread could change.

/// What became of a line: nothing, or Ctrl-C, with or without text in it.
enum readline_ending { readline_whole, readline_interrupted_empty, readline_interrupted_text };

/// What the reader of keys is told, and tells. Not a variable of the file: Swift would see it, and emit none.
struct readline_waiting {
  int (*is_interrupted)(void);
  enum readline_ending ending;
};
static inline struct readline_waiting *readline_shared(void) {
  static struct readline_waiting waiting;
  return &waiting;
}

/// The next key. Ctrl-C ends the line that is being edited, whatever it has.
///
/// The signal may come to another thread, or just before the wait, so waits are short.
static inline int readline_key(FILE *stream) {
  struct pollfd keyboard = {.fd = fileno(stream), .events = POLLIN};
  while (poll(&keyboard, 1, 100) <= 0) {
    rl_check_signals();
    if (!readline_shared()->is_interrupted()) continue;
    readline_shared()->ending = rl_end > 0 ? readline_interrupted_text : readline_interrupted_empty;
    fprintf(rl_outstream, "^C");
    rl_replace_line("", 0);
    return '\r';
  }
  return rl_getc(stream);
}

/// Has lines edited on standard error, so that standard output carries answers alone. Signals stay ours; `interrupted` says
/// whether Ctrl-C came.
static inline void readline_prepare(int (*interrupted)(void)) {
  if (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1) setlocale(LC_CTYPE, "C.UTF-8");
  rl_outstream = stderr;
  rl_readline_name = "caravan";
  rl_catch_signals = 0;
  readline_shared()->is_interrupted = interrupted;
  rl_getc_function = readline_key;
  // A tab is a character: there are no names to complete.
  rl_bind_key('\t', rl_insert);
  // With times, a history's entries may have several lines.
  history_comment_char = '#';
  history_write_timestamps = 1;
}

/// Reads a line; says how it ended.
static inline char *readline_edited(const char *sign, enum readline_ending *ending) {
  readline_shared()->ending = readline_whole;
  char *line = readline(sign);
  *ending = readline_shared()->ending;
  return line;
}
