// Fused float32 kernels for the CPU, where libtorch has none or needs several passes over memory.
//
// Every kernel works on the half-open range [begin, end) of rows (or columns, where it says so), so that the caller may
// spread it over threads; the result does not depend on how the range is divided. Matrices are row-major.
//
// Shapes: N tokens of the packed batch, D model, H query heads, K key heads, S head size, F feed-forward, V vocabulary.
#ifndef CARAVAN_CKERNELS_H
#define CARAVAN_CKERNELS_H

#include <stdint.h>

/// y = x · scale · weight with scale = 1/√(mean(x²) + epsilon) per row (RMSNorm, arXiv 1910.07467).
void ck_rms_norm_forward(
    const float *x, const float *weight, float *y, float *scale, int64_t D, float epsilon, int64_t begin, int64_t end);
/// dx += the gradient of x, for rows.
void ck_rms_norm_backward_input(
    const float *x, const float *weight, const float *scale, const float *dy, float *dx, int64_t D, int64_t begin,
    int64_t end);
/// weight_gradient += the gradient of the weight over all N rows, in the columns [begin, end).
void ck_rms_norm_backward_weight(
    const float *x, const float *scale, const float *dy, float *weight_gradient, int64_t N, int64_t D, int64_t begin,
    int64_t end);

/// Normalizes `heads` heads of S numbers in place, each by itself, from the beginning of each row of width `row_stride`.
/// `kept` (heads·S a row) gets the heads before and `scale` (heads a row) their scales; both may be null.
void ck_head_norm_forward(
    float *x, const float *weight, float *kept, float *scale, int64_t row_stride, int64_t heads, int64_t S, float epsilon,
    int64_t begin, int64_t end);
/// weight_gradient += the gradient of the weight over all heads of all N rows, in the columns [begin, end) of S.
void ck_head_norm_backward_weight(
    const float *x, const float *scale, const float *dy, float *weight_gradient, int64_t row_stride, int64_t N,
    int64_t heads, int64_t S, int64_t begin, int64_t end);
/// Turns the gradient of the heads after the norm into that of the heads before, in place, for rows.
void ck_head_norm_backward_input(
    const float *x, const float *weight, const float *scale, float *dx, int64_t row_stride, int64_t heads, int64_t S,
    int64_t begin, int64_t end);

/// Rotates the first `turned` numbers of the first `heads` heads of each row in place by the angles of its position (RoPE,
/// half-split layout); cosine and sine are positions × turned/2, `direction` is 1 forward and -1 for the gradient.
void ck_rotary(
    float *x, const float *cosine, const float *sine, const int32_t *positions, int64_t row_stride, int64_t heads,
    int64_t S, int64_t turned, float direction, int64_t begin, int64_t end);

/// y = silu(gate) · up, where each row of gate_up holds gate[F] then up[F].
void ck_swiglu_forward(const float *gate_up, float *y, int64_t F, int64_t begin, int64_t end);
/// Replaces gate and up by their gradients.
void ck_swiglu_backward(float *gate_up, const float *dy, int64_t F, int64_t begin, int64_t end);
/// The same with GELU, by its approximation with tanh, in the place of silu.
void ck_geglu_forward(const float *gate_up, float *y, int64_t F, int64_t begin, int64_t end);
void ck_geglu_backward(float *gate_up, const float *dy, int64_t F, int64_t begin, int64_t end);

/// For rows of logits (width V): their log-sum-exp and the log-probability of each row's label.
void ck_log_probability_forward(
    const float *logits, const int32_t *labels, float *log_sum_exp, float *log_probability, int64_t V, int64_t begin,
    int64_t end);
/// For rows of logits with their log-sum-exp: log Σ p² of their softmax.
void ck_log_sum_of_squares(
    const float *logits, const float *log_sum_exp, float *result, int64_t V, int64_t begin, int64_t end);
/// For rows of logits with their log-sum-exp: the entropy −Σ p log p of their softmax.
void ck_entropy(
    const float *logits, const float *log_sum_exp, float *result, int64_t V, int64_t begin, int64_t end);
/// x /= divisor, for [begin, end) of its numbers.
void ck_divide(float *x, float divisor, int64_t begin, int64_t end);
/// The log-sum-exp of V logits.
float ck_log_sum_exp(const float *logits, int64_t V);
/// The first of the largest of V numbers; 0 where there is none.
int64_t ck_largest(const float *x, int64_t V);
/// x = cap · tanh(x / cap), for [begin, end) of its numbers.
void ck_cap(float *x, float cap, int64_t begin, int64_t end);
/// Replaces the logits by coefficient[row] · ∂ log p(label) / ∂ logits = coefficient · (1{label} − softmax).
void ck_log_probability_backward(
    float *logits, const int32_t *labels, const float *log_sum_exp, const float *coefficients, int64_t V,
    int64_t begin, int64_t end);
/// The same by what logits were before they were capped at `cap`: times 1 − (logit / cap)².
void ck_capped_log_probability_backward(
    float *logits, const int32_t *labels, const float *log_sum_exp, const float *coefficients, float cap, int64_t V,
    int64_t begin, int64_t end);

/// Adds the bias to each row of y (width D).
void ck_add_bias(float *y, const float *bias, int64_t D, int64_t begin, int64_t end);
/// bias_gradient += the sum of dy over all N rows, in the columns [begin, end).
void ck_bias_backward(const float *dy, float *bias_gradient, int64_t N, int64_t D, int64_t begin, int64_t end);

/// y[i] = x[rows[i]] for i in [begin, end), width D: hidden states to score, or an embedding's vectors.
void ck_gather_rows(const float *x, const int32_t *rows, float *y, int64_t D, int64_t begin, int64_t end);
/// x[rows[i]] += y[i] for all `count` rows, in the columns [begin, end).
void ck_scatter_add_rows(
    float *x, const int32_t *rows, const float *y, int64_t count, int64_t D, int64_t begin, int64_t end);
/// sum = a + b; sum may be one of them.
void ck_add(const float *a, const float *b, float *sum, int64_t begin, int64_t end);
/// sum = a + factor · b; sum may be one of them.
void ck_add_scaled(const float *a, const float *b, float factor, float *sum, int64_t begin, int64_t end);
/// x *= factor, for [begin, end) of its numbers.
void ck_scale(float *x, float factor, int64_t begin, int64_t end);

/// y[t, h] (+)= x[t, h] for tokens t in [begin, end) and query heads h, each S floats; `add` says whether to add.
/// x has head h at (h / group) · key_stride + (h % group) · member_stride + t · token_stride; y at t · row_stride + h · S.
void ck_copy_heads(
    const float *x, int64_t key_stride, int64_t member_stride, int64_t token_stride, float *y, int64_t row_stride,
    int64_t H, int64_t S, int64_t group, int add, int64_t begin, int64_t end);
/// y[t, k] += the sum over its group of x[t, h] for tokens t in [begin, end) and key heads k; strides as above.
void ck_sum_heads(
    const float *x, int64_t key_stride, int64_t member_stride, int64_t token_stride, float *y, int64_t row_stride,
    int64_t K, int64_t S, int64_t group, int64_t begin, int64_t end);

/// Merges two partial attentions of the same queries over disjoint keys: out and log_sum_exp become those over both.
/// Per query t in [begin, end) and head h: out at t·H·S + h·S, log_sum_exp at t·H + h.
void ck_merge_attention(
    float *out, float *log_sum_exp, const float *other_out, const float *other_log_sum_exp, int64_t H, int64_t S,
    int64_t begin, int64_t end);

/// y[m, n] (+)= Σ x[m, k] · w[n, k] for M rows of x and the weight rows [begin, end) of N; `add` says whether to add. A result's
/// bits do not depend on how many rows are computed beside it, in this and in the narrow products below.
void ck_product_float32(
    const float *x, const float *w, float *y, int64_t M, int64_t K, int64_t N, int add, int64_t begin, int64_t end);

// Narrow products: the weights are packed once, into panels of CK_NARROW_ROWS rows, and the inputs for each product, into
// tiles, in units of CK_NARROW_COLUMNS columns of a tile.
enum { CK_NARROW_ROWS = 16, CK_NARROW_COLUMNS = 128 };
/// The units of M inputs.
int64_t ck_narrow_units(int64_t M, int64_t K);

/// Bytes of N × K weights, and of M inputs.
int64_t ck_int8_weights_size(int64_t N, int64_t K);
int64_t ck_int8_inputs_size(int64_t M, int64_t K);
/// Packs the panels [begin, end) of w: integers in -127...127, and one scale a row, for all rows of these panels.
void ck_int8_pack_weights(
    const float *w, uint8_t *packed, float *scales, int64_t N, int64_t K, int64_t begin, int64_t end);
/// One row of weights again.
void ck_int8_unpack_row(const uint8_t *packed, const float *scales, int64_t row, float *y, int64_t K);
/// Packs the units [begin, end) of M inputs: integers in -127...127, and one scale for a row's columns of a unit.
void ck_int8_pack_inputs(const float *x, uint8_t *packed, int64_t M, int64_t K, int64_t begin, int64_t end);
/// y (+)= x · wᵀ for the panels [begin, end) of w: integers are multiplied and summed exactly, then scaled in float32.
void ck_int8_product(
    const uint8_t *inputs, const uint8_t *weights, const float *scales, float *y, int64_t M, int64_t K, int64_t N,
    int add, int64_t begin, int64_t end);

/// The same in bfloat16: weights and inputs are rounded to it, sums are float32. Weights are rounded as by `ck_dither`, the first
/// of them at `place`.
int64_t ck_bfloat16_weights_size(int64_t N, int64_t K);
int64_t ck_bfloat16_inputs_size(int64_t M, int64_t K);
void ck_bfloat16_pack_weights(
    const float *w, uint8_t *packed, int64_t N, int64_t K, int64_t place, int64_t begin, int64_t end);
void ck_bfloat16_unpack_row(const uint8_t *packed, int64_t row, float *y, int64_t K);
void ck_bfloat16_pack_inputs(const float *x, uint8_t *packed, int64_t M, int64_t K, int64_t begin, int64_t end);
void ck_bfloat16_product(
    const uint8_t *inputs, const uint8_t *weights, float *y, int64_t M, int64_t K, int64_t N, int add, int64_t begin,
    int64_t end);

// Weights that do not train, kept narrow and widened to be multiplied.

/// Rounds the rows [begin, end) of w, K numbers each, to integers in -127...127, with one scale for CK_INT8_BLOCK columns of
/// a row, or for what is left at its end.
enum { CK_INT8_BLOCK = 128 };
void ck_int8_quantize(const float *w, int8_t *integers, float *scales, int64_t K, int64_t begin, int64_t end);
/// The numbers of the rows [begin, end), which go to the beginning of y.
void ck_int8_widen(
    const int8_t *integers, const float *scales, float *y, int64_t K, int64_t begin, int64_t end);

/// Numbers in 8 bits: the places of the nearest values in the signed map, where the largest magnitude of CK_DYNAMIC_BLOCK
/// numbers, their scale, is 1. For the blocks [begin, end) of `count` numbers.
enum { CK_DYNAMIC_BLOCK = 256 };
void ck_dynamic_quantize(
    const float *x, int64_t count, const float *map, uint8_t *codes, float *scales, int64_t begin, int64_t end);

/// Numbers in NF4: places in the 16 values, two a byte, the first in the high half, and a scale for CK_NF4_BLOCK numbers.
/// Scales are numbers or, where `scales` is null, map[scale_codes[block]] · scale_scales[block / CK_DYNAMIC_BLOCK] +
/// scale_offset.
enum { CK_NF4_BLOCK = 64, CK_NF4_VALUES = 16 };
typedef struct {
  const uint8_t *codes;
  const float *scales;
  const uint8_t *scale_codes;
  const float *map, *scale_scales;
  float scale_offset;
} ck_nf4;
/// The 16 values.
const float *ck_nf4_values(void);
/// Quantizes the blocks [begin, end) of `count` numbers.
void ck_nf4_quantize(const float *w, int64_t count, uint8_t *codes, float *scales, int64_t begin, int64_t end);
/// The numbers [begin, end), which go to the beginning of y.
void ck_nf4_widen(const ck_nf4 *w, float *y, int64_t begin, int64_t end);

/// Stores the keys and values of the tokens [begin, end), each a row of H query heads, K key heads and K value heads of
/// size S, in their sequences' caches, which are bfloat16 where `narrow` and float32 otherwise. Per token: where its cache's
/// keys and values begin, its position, and the cache's capacity C, a multiple of 16. Keys lie as K × C/16 × S × 16, so that
/// sixteen tokens' scores are one vector; values as K × C × S.
void ck_store_keys(
    const float *x, int64_t stride, void *const *keys, void *const *values, const int32_t *positions,
    const int32_t *capacities, int narrow, int64_t H, int64_t K, int64_t S, int64_t begin, int64_t end);
/// Attention from each of N tokens to its own and all earlier positions of its sequence, for the rows [begin, end) of all H · N,
/// where row (k · N + token) · H/K + member is a token's query head k · H/K + member; caches as above, `out` is N × H × S. Those
/// that follow one another and see the same keys are computed together, each to the same bits as by itself. Scores are scaled by
/// `factor`, and capped at `cap` where it is not 0: cap · tanh(score / cap). Where `window` is not 0, a token sees itself and the
/// window - 1 positions before it.
void ck_attend(
    const float *query, int64_t stride, void *const *keys, void *const *values, const int32_t *positions,
    const int32_t *capacities, int narrow, float *out, int64_t N, int64_t H, int64_t K, int64_t S, float factor,
    int64_t window, float cap, int64_t begin, int64_t end);
/// The same for any processor, and for those with AVX-512.
void ck_attend_portable(
    const float *query, int64_t stride, void *const *keys, void *const *values, const int32_t *positions,
    const int32_t *capacities, int narrow, float *out, int64_t N, int64_t H, int64_t K, int64_t S, float factor,
    int64_t window, float cap, int64_t begin, int64_t end);
void ck_attend_wide(
    const float *query, int64_t stride, void *const *keys, void *const *values, const int32_t *positions,
    const int32_t *capacities, int narrow, float *out, int64_t N, int64_t H, int64_t K, int64_t S, float factor,
    int64_t window, float cap, int64_t begin, int64_t end);

/// Whether products by the panels below are faster than the BLAS in libtorch: where there is AVX-512 that it leaves unused.
int ck_products_pay(void);
/// The rows of a panel of a product's first factor, and the columns of one of its second.
enum { CK_PANEL_ROWS = 8, CK_PANEL_COLUMNS = 32 };
/// The largest K of a block of a product.
enum { CK_PANEL_DEPTH = 512 };
/// Copies a matrix of `rows` × K with these strides into panels of `width` rows, panel · width · K + k · width + row, the last
/// one filled up with zeros; for the panels [begin, end). `width` is one of the two above; for columns pass bᵀ's strides.
void ck_pack_panels(
    const float *x, int64_t row_stride, int64_t column_stride, float *panels, int64_t width, int64_t rows, int64_t K,
    int64_t begin, int64_t end);
/// out (+)= a · b for a block of out; the block's rows and columns begin at the beginning of a panel.
void ck_multiply_panels(
    const float *a_panels, const float *b_panels, int64_t K, float *out, int64_t out_stride, int add, int64_t row_begin,
    int64_t row_end, int64_t column_begin, int64_t column_end);
/// The same where a's rows are read as they lie, `a_stride` apart and each contiguous; K is at most CK_PANEL_DEPTH.
void ck_multiply_rows(
    const float *a, int64_t a_stride, const float *b_panels, int64_t K, float *out, int64_t out_stride, int add,
    int64_t row_begin, int64_t row_end, int64_t column_begin, int64_t column_end);
/// The same for few rows of a, where b is read as it lies: its rows b_stride apart and each contiguous, of columns that are a
/// multiple of 16.
void ck_multiply_few_rows(
    const float *a_panels, const float *b, int64_t b_stride, int64_t K, float *out, int64_t out_stride, int add,
    int64_t rows, int64_t column_begin, int64_t column_end);
/// y += xᵀ for the columns [begin, end) of x, rows × columns.
void ck_add_transposed(const float *x, float *y, int64_t rows, int64_t columns, int64_t begin, int64_t end);

// The same with factors in bfloat16, of which each place of a float holds two that follow one another along K: K and strides
// count pairs. Rows whose numbers lie one after the other are such pairs as they are, for the functions above too.

/// Whether products of bfloat16 numbers by these panels are faster than those of libtorch.
int ck_bfloat16_products_pay(void);
/// Whether libtorch has kernels for such products: oneDNN's on x86 need AVX-512, with or without instructions for bfloat16.
int ck_libtorch_multiplies_bfloat16(void);
/// Copies a matrix of K rows, `stride` numbers apart and each contiguous, into panels of `width` of its columns; pairs are numbers
/// of rows that follow one another. For the panels [begin, end), filled up with zeros.
void ck_pack_pairs(
    const uint16_t *x, int64_t stride, float *panels, int64_t width, int64_t columns, int64_t K, int64_t begin,
    int64_t end);
void ck_multiply_pair_panels(
    const float *a_panels, const float *b_panels, int64_t K, float *out, int64_t out_stride, int add, int64_t row_begin,
    int64_t row_end, int64_t column_begin, int64_t column_end);
void ck_multiply_pair_rows(
    const float *a, int64_t a_stride, const float *b_panels, int64_t K, float *out, int64_t out_stride, int add,
    int64_t row_begin, int64_t row_end, int64_t column_begin, int64_t column_end);
/// Counts up for whoever asks next, from any thread.
int64_t ck_take(int64_t *next);

/// Rows of a packed batch that attend to one another causally, and to all rows of a prefix before them.
typedef struct {
  int64_t prefix, prefix_count, row, count;
} ck_attention_part;
/// The floats of scratch that the two functions below need for parts of at most so many keys, prefix included.
int64_t ck_flash_scratch(int64_t keys, int64_t S);
/// The attention of part unit / K with key head unit % K: qkv is N × (H + 2K)·S, out N × H·S, log_sum_exp N × H; factor,
/// window and cap as above.
void ck_flash_forward(
    const float *qkv, const ck_attention_part *parts, float *out, float *log_sum_exp, int64_t H, int64_t K, int64_t S,
    float factor, int64_t window, float cap, float *scratch, int64_t unit);
/// Adds to dqkv the gradients of the parts [part_begin, part_end) for one key head; those of its queries are set. Parts that
/// share a prefix go together.
void ck_flash_backward(
    const float *qkv, const ck_attention_part *parts, const float *out, const float *log_sum_exp, const float *dout,
    float *dqkv, int64_t H, int64_t K, int64_t S, float factor, int64_t window, float cap, float *scratch,
    int64_t part_begin, int64_t part_end, int64_t key_head);
/// Both for any processor.
void ck_flash_portable_forward(
    const float *qkv, const ck_attention_part *parts, float *out, float *log_sum_exp, int64_t H, int64_t K, int64_t S,
    float factor, int64_t window, float cap, float *scratch, int64_t unit);
void ck_flash_portable_backward(
    const float *qkv, const ck_attention_part *parts, const float *out, const float *log_sum_exp, const float *dout,
    float *dqkv, int64_t H, int64_t K, int64_t S, float factor, int64_t window, float cap, float *scratch,
    int64_t part_begin, int64_t part_end, int64_t key_head);

/// The sum of squares in [begin, end), in double precision.
double ck_sum_of_squares(const float *x, int64_t begin, int64_t end);

/// The sum of `count` vectors of n numbers in their order, ((x0 + x1) + x2) + …; the output may be one of them.
void ck_sum_in_order(float *output, const float *const *vectors, int64_t count, int64_t n);

/// One AdamW step (arXiv 1711.05101) in the order of operations of PyTorch's: the decay first, then the moments of
/// gradient · gradient_scale, then the update. Corrections are 1 − β^t.
void ck_adamw(
    float *parameter, const float *gradient, float *first_moment, float *second_moment, float gradient_scale,
    double learning_rate, double beta1, double beta2, double epsilon, double weight_decay, double correction1,
    double correction2, int64_t begin, int64_t end);

/// Moments in blocks of CK_DYNAMIC_BLOCK: places in a map and a scale for a block. The first is in the signed map; of the
/// second the square root is in the unsigned one, whose seven decades are then fourteen of the moment.
typedef struct {
  uint8_t *first, *root;
  float *first_scales, *root_scales;
  const float *signed_map, *unsigned_map;
} ck_moments;
/// The same step for the blocks [begin, end) of `count` parameters of one tensor. First moments are rounded to the nearest
/// value. A root changes too little in a step for that: it is rounded up or down at random, by `seed` and its place.
void ck_adamw_8bit(
    float *parameter, const float *gradient, const ck_moments *moments, int64_t count, uint32_t seed,
    float gradient_scale, double learning_rate, double beta1, double beta2, double epsilon, double weight_decay,
    double correction1, double correction2, int64_t begin, int64_t end);

/// Rounds to bfloat16, to the nearest, ties to even.
void ck_to_bfloat16(const float *x, uint16_t *y, int64_t begin, int64_t end);
/// Widens bfloat16 to float32; adds it to y where `add`.
void ck_from_bfloat16(const uint16_t *x, float *y, int add, int64_t begin, int64_t end);

/// Rounds weights to bfloat16 with a fixed dither: up or down by a threshold that depends on a weight's place alone, `place` + its
/// index. What is bfloat16 already stays itself, and a weight that moves by a part of a step changes with that probability, so
/// that on the average products see moves of any size. Rounding to the nearest hides those of less than a step.
void ck_dither(const float *x, uint16_t *y, int64_t place, int64_t begin, int64_t end);
/// The same, in place and widened again.
void ck_dither_floats(float *x, int64_t place, int64_t begin, int64_t end);

/// y += x for y in bfloat16, a sum rounded up or down at random, as often up as it lies above: by `seed` and its place alone,
/// `place` + its index.
void ck_accumulate_bfloat16(const float *x, uint16_t *y, uint32_t seed, int64_t place, int64_t begin, int64_t end);

/// Sums over weights w, what they were before (b), and a rounding r to bfloat16: Σ (w − b)², and Σ (r(w) − r(b)) · (w − b) for
/// `ck_dither`'s and for the nearest number.
typedef struct {
  double all, dithered, nearest;
} ck_movement;
ck_movement ck_measure_movement(const float *w, const float *b, int64_t place, int64_t begin, int64_t end);

/// For each of CK_MIN_HASHES functions x ↦ factor · x + summand modulo 2^32: `smallest` becomes the least of itself and the
/// function's values of all hashes (Broder, 1997).
enum { CK_MIN_HASHES = 128 };
void ck_min_hash(
    const int32_t *hashes, int64_t count, const int32_t *factors, const int32_t *summands, int32_t *smallest);

/// Widens ggml's blocks, of 32 numbers or (K) 256, to float32.
void ck_widen_q4_0(const uint8_t *x, float *y, int64_t blocks);
void ck_widen_q4_1(const uint8_t *x, float *y, int64_t blocks);
void ck_widen_q5_0(const uint8_t *x, float *y, int64_t blocks);
void ck_widen_q5_1(const uint8_t *x, float *y, int64_t blocks);
void ck_widen_q8_0(const uint8_t *x, float *y, int64_t blocks);
void ck_widen_q2_k(const uint8_t *x, float *y, int64_t blocks);
void ck_widen_q3_k(const uint8_t *x, float *y, int64_t blocks);
void ck_widen_q4_k(const uint8_t *x, float *y, int64_t blocks);
void ck_widen_q5_k(const uint8_t *x, float *y, int64_t blocks);
void ck_widen_q6_k(const uint8_t *x, float *y, int64_t blocks);

#endif
