// The part of libtorch's stable C ABI that Caravan calls, as function types: the functions themselves are looked up in
// the library at run time, so building needs no libtorch. Every function returns 0, or an error whose text
// `torch_exception_get_what_without_backtrace` gives in newer versions.
#ifndef CARAVAN_CTORCH_H
#define CARAVAN_CTORCH_H

#include <stdbool.h>
#include <stdint.h>
#if defined(__linux__)
#include <malloc.h>
#endif

/// Lets freed blocks of up to 32 MiB stay with the process, where the C library can be told so: libtorch allocates its
/// results anew at each call, and fresh pages cost more than the products that fill them are faster.
static inline void ctorch_keep_freed_memory(void) {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}

typedef struct AtenTensorOpaque *CTensorHandle;
typedef int32_t CTorchError;

/// `torch_parallel_for`'s body: works on the half-open range from `begin` to `end`.
typedef void (*CTorchRangeBody)(int64_t begin, int64_t end, void *context);

typedef int32_t (*CTorchConstant)(void);
typedef const char *(*CTorchErrorText)(void);
typedef CTorchError (*CTorchCreateTensorFromBlob)(
    void *data, int64_t dimensions, const int64_t *sizes, const int64_t *strides, int64_t offset, int32_t dtype,
    int32_t device_type, int32_t device_index, CTensorHandle *result);
typedef CTorchError (*CTorchDeleteTensor)(CTensorHandle tensor);
typedef CTorchError (*CTorchDataPointer)(CTensorHandle tensor, void **result);
typedef CTorchError (*CTorchSizes)(CTensorHandle tensor, int64_t **result);
typedef CTorchError (*CTorchMultiplyOut)(CTensorHandle out, CTensorHandle a, CTensorHandle b);
typedef CTorchError (*CTorchAddMultiplyOut)(
    CTensorHandle out, CTensorHandle addend, CTensorHandle a, CTensorHandle b, double beta, double alpha);
/// oneDNN's y = x · Wᵀ; `attribute` "none" asks for nothing more.
typedef CTorchError (*CTorchLinear)(
    CTensorHandle x, CTensorHandle weight, CTensorHandle *bias, const char *attribute, const double **scalars,
    int64_t scalar_count, const char **algorithm, CTensorHandle *result);
typedef CTorchError (*CTorchFlashAttention)(
    CTensorHandle query, CTensorHandle key, CTensorHandle value, double dropout, int32_t is_causal,
    CTensorHandle *mask, double *scale, CTensorHandle *output, CTensorHandle *log_sum_exp);
typedef CTorchError (*CTorchFlashAttentionBackward)(
    CTensorHandle output_gradient, CTensorHandle query, CTensorHandle key, CTensorHandle value, CTensorHandle output,
    CTensorHandle log_sum_exp, double dropout, int32_t is_causal, CTensorHandle *mask, double *scale,
    CTensorHandle *query_gradient, CTensorHandle *key_gradient, CTensorHandle *value_gradient);
typedef CTorchError (*CTorchParallelFor)(
    int64_t begin, int64_t end, int64_t grain, CTorchRangeBody body, void *context);
typedef CTorchError (*CTorchThreadCount)(uint32_t *count);

#endif
