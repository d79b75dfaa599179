// The attention of attend.c for processors that lack AVX-512, and the choice between the two.
#include "CKernels.h"

#define CK_PORTABLE
#define ck_attend_wide ck_attend_portable
#include "attend.c"
#undef ck_attend_wide

void ck_attend(
    const float *query, int64_t stride, void *const *keys, void *const *values, const int32_t *positions,
    const int32_t *capacities, int narrow, float *out, int64_t N, int64_t H, int64_t K, int64_t S, float factor,
    int64_t window, float cap, int64_t begin, int64_t end) {
  int is_wide = 0;
#if defined(__x86_64__) && defined(__linux__)
  __builtin_cpu_init();
  is_wide = __builtin_cpu_supports("x86-64-v4");
#endif
  (is_wide ? ck_attend_wide : ck_attend_portable)(
      query, stride, keys, values, positions, capacities, narrow, out, N, H, K, S, factor, window, cap, begin, end);
}
