#include "CKernels.h"
#include "vector.h"

KERNEL void ck_log_probability_forward(
    const float *logits, const int32_t *labels, float *log_sum_exp, float *log_probability, int64_t V, int64_t begin,
    int64_t end) {
  VECTOR_MATH
  for (int64_t n = begin; n < end; n++) {
    const float *row = logits + n * V;
    float maximum = vector_max(row, V);
    float sum = 0;
    for (int64_t v = 0; v < V; v++) sum += vector_exp(row[v] - maximum);
    log_sum_exp[n] = maximum + logf(sum);
    log_probability[n] = (row[labels[n]] - maximum) - logf(sum);
  }
}

KERNEL void ck_log_probability_backward(
    float *logits, const int32_t *labels, const float *log_sum_exp, const float *coefficients, int64_t V,
    int64_t begin, int64_t end) {
  for (int64_t n = begin; n < end; n++) {
    float *restrict row = logits + n * V;
    float c = coefficients[n], z = log_sum_exp[n];
    for (int64_t v = 0; v < V; v++) row[v] = -c * vector_exp(row[v] - z);
    row[labels[n]] += c;
  }
}

KERNEL void ck_cap(float *x, float cap, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) x[i] = capped(x[i], cap);
}

KERNEL void ck_capped_log_probability_backward(
    float *logits, const int32_t *labels, const float *log_sum_exp, const float *coefficients, float cap, int64_t V,
    int64_t begin, int64_t end) {
  for (int64_t n = begin; n < end; n++) {
    float *restrict row = logits + n * V;
    float c = coefficients[n], z = log_sum_exp[n], label = row[labels[n]] / cap, slope = 1.0f - label * label;
    for (int64_t v = 0; v < V; v++) {
      float t = row[v] / cap;
      row[v] = -c * vector_exp(row[v] - z) * (1.0f - t * t);
    }
    row[labels[n]] += c * slope;
  }
}

KERNEL void ck_log_sum_of_squares(
    const float *logits, const float *log_sum_exp, float *result, int64_t V, int64_t begin, int64_t end) {
  VECTOR_MATH
  for (int64_t n = begin; n < end; n++) {
    const float *row = logits + n * V;
    float maximum = vector_max(row, V), sum = 0;
    for (int64_t v = 0; v < V; v++) {
      float e = vector_exp(row[v] - maximum);
      sum += e * e;
    }
    result[n] = logf(sum) + 2 * (maximum - log_sum_exp[n]);
  }
}

KERNEL void ck_entropy(
    const float *logits, const float *log_sum_exp, float *result, int64_t V, int64_t begin, int64_t end) {
  VECTOR_MATH
  for (int64_t n = begin; n < end; n++) {
    const float *row = logits + n * V;
    float z = log_sum_exp[n], sum = 0;
    for (int64_t v = 0; v < V; v++) {
      float log_p = row[v] - z;
      sum -= vector_exp(log_p) * log_p;
    }
    result[n] = sum;
  }
}

KERNEL void ck_divide(float *x, float divisor, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) x[i] /= divisor;
}

KERNEL float ck_log_sum_exp(const float *logits, int64_t V) {
  VECTOR_MATH
  float maximum = vector_max(logits, V), sum = 0;
  for (int64_t v = 0; v < V; v++) sum += vector_exp(logits[v] - maximum);
  return maximum + logf(sum);
}

KERNEL int64_t ck_largest(const float *x, int64_t V) {
  float largest = vector_max(x, V);
  int64_t i = 0;
  // Whole blocks that do not hold it are passed over without looking where in them it would be.
  for (; i + 64 <= V; i += 64) {
    int found = 0;
    for (int j = 0; j < 64; j++) found |= x[i + j] == largest;
    if (found) break;
  }
  for (; i < V; i++)
    if (x[i] == largest) return i;
  return 0;
}
