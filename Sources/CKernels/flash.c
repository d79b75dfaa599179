#include "tile.h"

// Exact attention in blocks (Dao et al. 2022, arXiv 2205.14135), in float32. Scores are kept transposed, keys × queries, so
// that the softmax runs along vector lanes and both of its products read them as they are.
//
// Shapes: n keys of a part (those of its prefix, then its own), QUERIES queries a block, S head size.

// Products may be fused with sums.
#pragma STDC FP_CONTRACT ON

enum { QUERIES = 32, KEYS = 128, WIDTHS = QUERIES / LANES };

INLINE int64_t padded(int64_t count, int64_t size) { return (count + size - 1) / size * size; }

int64_t ck_flash_scratch(int64_t keys, int64_t S) {
  int64_t wide = padded(S, COLUMNS);
  // Keys and values as rows and as columns, two blocks of scores, queries and gradients as both, a block's result.
  return 3 * padded(keys + 2 * ROWS, ROWS) * wide + 2 * KEYS * QUERIES + 5 * QUERIES * wide;
}

/// The keys that a part's queries see: `count` rows from `row`. Query i is at place `offset` + i as they count; own keys are
/// causal, it sees those up to its own.
typedef struct {
  int64_t row, count, offset;
  int is_own;
  float *key_rows, *key_columns, *value_rows, *value_columns;
} span;

/// The rows of one head, from `row` on, `stride` floats apart.
INLINE const float *head_rows(const float *x, int64_t stride, int64_t row, int64_t head, int64_t S) {
  return x + row * stride + head * S;
}

#ifdef CK_PORTABLE
/// `ck_pack_panels`, for any processor.
INLINE void pack_panels(
    const float *x, int64_t row_stride, int64_t column_stride, float *panels, int64_t width, int64_t rows, int64_t K,
    int64_t begin, int64_t end) {
  for (int64_t panel = begin; panel < end; panel++)
    for (int64_t k = 0; k < K; k++)
      for (int64_t r = 0; r < width; r++) {
        int64_t row = panel * width + r;
        panels[panel * width * K + k * width + r] = row < rows ? x[row * row_stride + k * column_stride] : 0;
      }
}
#else
#define pack_panels ck_pack_panels
#endif

WIDE_INLINE void pack_rows(const float *x, int64_t stride, float *y, int64_t rows, int64_t S, int64_t width) {
  pack_panels(x, stride, 1, y, width, rows, S, 0, (rows + width - 1) / width);
}
WIDE_INLINE void pack_columns(const float *x, int64_t stride, float *y, int64_t rows, int64_t S) {
  pack_panels(x, 1, stride, y, COLUMNS, S, rows, 0, (S + COLUMNS - 1) / COLUMNS);
}

/// One number for each query of a block.
typedef struct {
  lanes at[WIDTHS];
} per_query;

/// products[key][query] for `keys` keys from `first` on: packed rows times a packed block of queries.
WIDE_INLINE void multiply_rows(
    const float *rows, int64_t first, int64_t keys, const float *queries, int64_t S, float *products) {
  multiply_block(
      rows + first * S, 1, ROWS, ROWS * S, queries, COLUMNS * S, S, products, QUERIES, 0, padded(keys, ROWS), QUERIES);
}

/// `vector_exp` of each lane, in place. Vectors pass by pointer: in registers they would have another calling convention for
/// each instruction set.
WIDE_INLINE void exponentiate(lanes *number) {
  lanes x = __builtin_elementwise_min(__builtin_elementwise_max(*number, (lanes){0} - 87.0f), (lanes){0} + 88.0f);
  const lanes rounder = (lanes){0} + 12582912.0f;
  lanes shifted = x * 1.44269504088896341f + rounder;
  lanes n = shifted - rounder;
  lanes r = n * 2.12194440e-4f + (n * -0.693359375f + x);
  lanes p = (lanes){0} + 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + (r + 1.0f);
  *number = p * (lanes)(((lanes_i32)shifted + 127) << 23);
}

/// cap · tanh(product · factor / cap) of a block's products.
WIDE_INLINE void cap_scores(float *products, int64_t keys, float factor, float cap) {
  for (int64_t i = 0; i < keys * QUERIES; i++) products[i] = capped(products[i] * factor, cap);
}

/// Sets the products of queries with keys that they do not see: own ones after them, and all that are `window` or more
/// before them where there is one.
WIDE_INLINE void set_unseen(
    float *products, const span *span, int64_t first, int64_t keys, int64_t query, int64_t window, float value) {
  if (span->is_own)
    for (int64_t k = query > first ? query - first : 0; k < keys; k++)
      for (int64_t i = 0; i < QUERIES && query + i < first + k; i++) products[k * QUERIES + i] = value;
  if (!window) return;
  // Key k is out of sight of queries from its place + window on.
  for (int64_t k = 0; k < keys; k++) {
    int64_t from = first + k + window - span->offset - query;
    for (int64_t i = from > 0 ? from : 0; i < QUERIES; i++) products[k * QUERIES + i] = value;
  }
}

/// How many keys of a span a block of queries from `query` on sees, from its first.
INLINE int64_t seen(const span *keys, int64_t query) {
  int64_t last = query + QUERIES;
  return keys->is_own && last < keys->count ? last : keys->count;
}

/// The first block of a span's keys of which one is within the window of the block's first query.
INLINE int64_t first_seen(const span *keys, int64_t query, int64_t window) {
  int64_t key = window ? keys->offset + query - window + 1 : 0;
  return key > 0 ? key / KEYS * KEYS : 0;
}

/// The two spans of a part, their keys and values packed into `scratch`; returns what is left of it.
WIDE_INLINE float *pack_spans(
    const ck_attention_part *part, const float *qkv, int64_t stride, int64_t H, int64_t K, int64_t S, int64_t key_head,
    int backward, span *spans, float *scratch) {
  int64_t wide = padded(S, COLUMNS);
  spans[0] = (span){part->prefix, part->prefix_count, part->prefix_count, 0};
  spans[1] = (span){part->row, part->count, 0, 1};
  for (int i = 0; i < 2; i++) {
    span *s = &spans[i];
    int64_t size = padded(s->count, ROWS) * wide;
    const float *key = head_rows(qkv, stride, s->row, H + key_head, S);
    const float *value = head_rows(qkv, stride, s->row, H + K + key_head, S);
    s->key_rows = scratch;
    s->key_columns = s->value_columns = scratch + size;
    s->value_rows = scratch + 2 * size;
    scratch += 3 * size;
    pack_rows(key, stride, s->key_rows, s->count, S, ROWS);
    pack_columns(backward ? key : value, stride, s->key_columns, s->count, S);
    if (backward) pack_rows(value, stride, s->value_rows, s->count, S, ROWS);
  }
  return scratch;
}

WIDE_INLINE void forward_block(
    const span *spans, const float *query_rows, int64_t stride, int64_t query, int64_t queries, int64_t S, float factor,
    int64_t window, float cap, float *scratch, float *out, int64_t out_stride, float *log_sum_exp, int64_t lse_stride) {
  int64_t wide = padded(S, COLUMNS);
  float *scores = scratch, *q = scores + KEYS * QUERIES, *sum = q + QUERIES * wide;
  pack_rows(query_rows, stride, q, queries, S, COLUMNS);
  // Panels beyond the last query keep what an earlier block left, and count for nothing; they must only be finite.
  memset(q + padded(queries, COLUMNS) * S, 0, (QUERIES - padded(queries, COLUMNS)) * S * sizeof(float));
  memset(sum, 0, QUERIES * wide * sizeof(float));
  per_query maximum, total;
  for (int w = 0; w < WIDTHS; w++) {
    // A number: of a block that a query does not see at all, nothing must come that is none.
    maximum.at[w] = (lanes){0} - 1e30f;
    total.at[w] = (lanes){0};
  }
  int is_first = 1;
  // Capped scores are scaled before.
  const float scale = cap > 0 ? 1 : factor;
  for (int i = 0; i < 2; i++) {
    int64_t count = seen(&spans[i], query);
    for (int64_t first = first_seen(&spans[i], query, window); first < count; first += KEYS) {
      int64_t keys = count - first < KEYS ? count - first : KEYS;
      multiply_rows(spans[i].key_rows, first, keys, q, S, scores);
      if (cap > 0) cap_scores(scores, keys, factor, cap);
      set_unseen(scores, &spans[i], first, keys, query, window, -INFINITY);
      for (int w = 0; w < WIDTHS; w++) {
        lanes *column = (lanes *)scores + w, largest = maximum.at[w];
        for (int64_t k = 0; k < keys; k++) {
          lanes s = column[k * WIDTHS] * scale;
          column[k * WIDTHS] = s;
          largest = __builtin_elementwise_max(s, largest);
        }
        lanes part = {0}, correction = maximum.at[w] - largest;
        exponentiate(&correction);
        for (int64_t k = 0; k < keys; k++) {
          lanes p = column[k * WIDTHS] - largest;
          exponentiate(&p);
          column[k * WIDTHS] = p;
          part += p;
        }
        maximum.at[w] = largest;
        total.at[w] = total.at[w] * correction + part;
        if (!is_first)
          for (int l = 0; l < LANES; l++) {
            float *row = sum + (w * LANES + l) * wide;
            for (int64_t s = 0; s < wide; s++) row[s] *= correction[l];
          }
      }
      set_unseen(scores, &spans[i], first, keys, query, window, 0);
      multiply_block(
          scores, 1, QUERIES, ROWS, spans[i].value_columns + first * COLUMNS, COLUMNS * spans[i].count, keys, sum, wide,
          1, QUERIES, wide);
      is_first = 0;
    }
  }
  for (int64_t i = 0; i < queries; i++) {
    float weight = total.at[i / LANES][i % LANES];
    log_sum_exp[i * lse_stride] = maximum.at[i / LANES][i % LANES] + logf(weight);
    float *restrict y = out + i * out_stride;
    for (int64_t s = 0; s < S; s++) y[s] = sum[i * wide + s] / weight;
  }
}

WIDE void ck_flash_forward(
    const float *qkv, const ck_attention_part *parts, float *out, float *log_sum_exp, int64_t H, int64_t K, int64_t S,
    float factor, int64_t window, float cap, float *scratch, int64_t unit) {
  const ck_attention_part *part = &parts[unit / K];
  int64_t key_head = unit % K, stride = (H + 2 * K) * S;
  span spans[2];
  float *left = pack_spans(part, qkv, stride, H, K, S, key_head, 0, spans, scratch);
  for (int64_t h = key_head * (H / K); h < (key_head + 1) * (H / K); h++)
    for (int64_t query = 0; query < part->count; query += QUERIES) {
      int64_t row = part->row + query, queries = part->count - query < QUERIES ? part->count - query : QUERIES;
      forward_block(
          spans, head_rows(qkv, stride, row, h, S), stride, query, queries, S, factor, window, cap, left, out + row * H * S + h * S,
          H * S, log_sum_exp + row * H + h, H);
    }
}

WIDE_INLINE float dot_product(const float *x, const float *y, int64_t count) {
  VECTOR_MATH
  float sum = 0;
  for (int64_t i = 0; i < count; i++) sum += x[i] * y[i];
  return sum;
}

WIDE_INLINE void backward_block(
    const span *spans, const float *query_rows, int64_t stride, int64_t query, int64_t queries, int64_t S, float factor,
    int64_t window, float cap, const float *out, const float *dout, int64_t out_stride, const float *log_sum_exp, int64_t lse_stride, float *scratch,
    float *dquery, float *dkey, float *dvalue) {
  int64_t wide = padded(S, COLUMNS), block = QUERIES * wide, rest = padded(queries, COLUMNS);
  float *scores = scratch, *dscores = scores + KEYS * QUERIES, *q = dscores + KEYS * QUERIES, *dy = q + block;
  float *q_columns = dy + block, *dy_columns = q_columns + block, *sum = dy_columns + block;
  pack_rows(query_rows, stride, q, queries, S, COLUMNS);
  pack_rows(dout, out_stride, dy, queries, S, COLUMNS);
  memset(q + rest * S, 0, (QUERIES - rest) * S * sizeof(float));
  memset(dy + rest * S, 0, (QUERIES - rest) * S * sizeof(float));
  pack_columns(query_rows, stride, q_columns, queries, S);
  pack_columns(dout, out_stride, dy_columns, queries, S);
  memset(sum, 0, block * sizeof(float));
  const float scale = cap > 0 ? 1 : factor;
  // Per query: what its scores are less by, and the sum of dout · out, which is that of p · dp.
  per_query normalizer, drop;
  for (int64_t i = 0; i < QUERIES; i++) {
    float dot = i < queries ? dot_product(out + i * out_stride, dout + i * out_stride, S) : 0;
    drop.at[i / LANES][i % LANES] = dot;
    normalizer.at[i / LANES][i % LANES] = i < queries ? log_sum_exp[i * lse_stride] : 0;
  }
  for (int i = 0; i < 2; i++) {
    const span *keys_of = &spans[i];
    int64_t count = seen(keys_of, query);
    for (int64_t first = first_seen(keys_of, query, window); first < count; first += KEYS) {
      int64_t keys = count - first < KEYS ? count - first : KEYS;
      multiply_rows(keys_of->key_rows, first, keys, q, S, scores);
      multiply_rows(keys_of->value_rows, first, keys, dy, S, dscores);
      if (cap > 0) cap_scores(scores, keys, factor, cap);
      set_unseen(scores, keys_of, first, keys, query, window, -INFINITY);
      for (int64_t k = 0; k < keys; k++)
        for (int w = 0; w < WIDTHS; w++) {
          lanes *p = (lanes *)(scores + k * QUERIES) + w, *ds = (lanes *)(dscores + k * QUERIES) + w;
          lanes slope = (lanes){0} + factor;
          if (cap > 0) {
            lanes share = *p / cap;
            slope *= 1.0f - share * share;
          }
          *p = *p * scale - normalizer.at[w];
          exponentiate(p);
          *ds = *p * (*ds - drop.at[w]) * slope;
        }
      set_unseen(scores, keys_of, first, keys, query, window, 0);
      set_unseen(dscores, keys_of, first, keys, query, window, 0);
      int64_t row = keys_of->row + first;
      multiply_block(
          scores, QUERIES, 1, ROWS * QUERIES, dy_columns, COLUMNS * queries, queries, dvalue + row * stride, stride, 1,
          keys, S);
      multiply_block(
          dscores, QUERIES, 1, ROWS * QUERIES, q_columns, COLUMNS * queries, queries, dkey + row * stride, stride, 1, keys,
          S);
      multiply_block(
          dscores, 1, QUERIES, ROWS, keys_of->key_columns + first * COLUMNS, COLUMNS * keys_of->count, keys, sum, wide, 1,
          QUERIES, wide);
    }
  }
  for (int64_t i = 0; i < queries; i++) memcpy(dquery + i * stride, sum + i * wide, S * sizeof(float));
}

WIDE void ck_flash_backward(
    const float *qkv, const ck_attention_part *parts, const float *out, const float *log_sum_exp, const float *dout,
    float *dqkv, int64_t H, int64_t K, int64_t S, float factor, int64_t window, float cap, float *scratch,
    int64_t part_begin, int64_t part_end, int64_t key_head) {
  int64_t stride = (H + 2 * K) * S;
  for (const ck_attention_part *part = parts + part_begin; part < parts + part_end; part++) {
    span spans[2];
    float *left = pack_spans(part, qkv, stride, H, K, S, key_head, 1, spans, scratch);
    for (int64_t h = key_head * (H / K); h < (key_head + 1) * (H / K); h++)
      for (int64_t query = 0; query < part->count; query += QUERIES) {
        int64_t row = part->row + query, queries = part->count - query < QUERIES ? part->count - query : QUERIES;
        int64_t at = row * H * S + h * S;
        backward_block(
            spans, head_rows(qkv, stride, row, h, S), stride, query, queries, S, factor, window, cap, out + at, dout + at, H * S,
            log_sum_exp + row * H + h, H, left, dqkv + row * stride + h * S, dqkv + (H + key_head) * S,
            dqkv + (H + K + key_head) * S);
      }
  }
}
