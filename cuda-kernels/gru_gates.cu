// The pointwise part of one GRU step (cuDNN's and PyTorch's form), forward and backward.
//
// Thread mapping as in lstm_gates.cu. Gate order r, z, n; biases r, z, n of the input, n of the
// recurrence.
//
// @hot: gru_gates_backward_f32 gru_gates_forward_f32

#include "common/math.cuh"
#include "common/step.cuh"

using namespace gatefold;

// gates [B,3H]: read: Wx x; written if keep != 0: r, z, n. product [B,3H] read: Wh h'. bias [4H]
// read. recurrent_n [B,H] written if keep != 0: Wh_n h' + b_hn. h_prev [B,H] read, h_next [B,H]
// written, not h_prev. y as in the LSTM. lengths [B] or null.
extern "C" __global__ void __launch_bounds__(256)
    gru_gates_forward_f32(float* __restrict__ gates, const float* __restrict__ product,
                          const float* __restrict__ bias, float* __restrict__ recurrent_n,
                          const float* __restrict__ h_prev, float* __restrict__ h_next,
                          float* __restrict__ y, const int* __restrict__ lengths, StepShape shape,
                          StepDropout dropout, int keep) {
  const StepItem it(shape);
  if (!it.valid) return;
  const int hidden = shape.hidden;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  const Quad h_old = load_quad(h_prev + state, it.count, it.vector);
  if (!is_data(lengths, shape, it.row)) {
    store_quad(h_next + state, h_old, it.count, it.vector);
    store_output(y, zero_quad(), shape, it);
    return;
  }
  float* x_row = gates + static_cast<size_t>(it.row) * 3 * hidden + it.unit;
  const float* h_row = product + static_cast<size_t>(it.row) * 3 * hidden + it.unit;
  const float* b_at = bias + it.unit;
  Quad r = load_quad(x_row, it.count, it.vector);
  Quad z = load_quad(x_row + hidden, it.count, it.vector);
  Quad n = load_quad(x_row + 2 * hidden, it.count, it.vector);
  const Quad pr = load_quad(h_row, it.count, it.vector);
  const Quad pz = load_quad(h_row + hidden, it.count, it.vector);
  const Quad pn = load_quad(h_row + 2 * hidden, it.count, it.vector);
  const Quad br = load_quad(b_at, it.count, it.vector);
  const Quad bz = load_quad(b_at + hidden, it.count, it.vector);
  const Quad bn = load_quad(b_at + 2 * hidden, it.count, it.vector);
  const Quad bh = load_quad(b_at + 3 * hidden, it.count, it.vector);
  Quad q, h;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    r.v[k] = sigmoid(r.v[k] + pr.v[k] + br.v[k]);
    z.v[k] = sigmoid(z.v[k] + pz.v[k] + bz.v[k]);
    q.v[k] = pn.v[k] + bh.v[k];
    n.v[k] = tanhf(n.v[k] + bn.v[k] + r.v[k] * q.v[k]);
    h.v[k] = (1.0f - z.v[k]) * n.v[k] + z.v[k] * h_old.v[k];
  }
  if (keep) {
    store_quad(x_row, r, it.count, it.vector);
    store_quad(x_row + hidden, z, it.count, it.vector);
    store_quad(x_row + 2 * hidden, n, it.count, it.vector);
    store_quad(recurrent_n + state, q, it.count, it.vector);
  }
  store_quad(h_next + state, h, it.count, it.vector);
  apply_dropout(h, dropout, shape, it);
  store_output(y, h, shape, it);
}

// gates [B,3H]: read: r, z, n; written: the gradients of Wx x (0 where padding).
// recurrent_n [B,H]: read: Wh_n h' + b_hn; written: its gradient (0 where padding). Of r and z the
// gradients of the recurrent product are those of the input product. dh [B,H]: read: what the step
// after sends back; written: what passes this step by, onto which the product is added.
extern "C" __global__ void __launch_bounds__(256)
    gru_gates_backward_f32(float* __restrict__ gates, float* __restrict__ recurrent_n,
                           const float* __restrict__ h_prev, const float* __restrict__ dy,
                           float* __restrict__ dh, const int* __restrict__ lengths, StepShape shape,
                           StepDropout dropout) {
  const StepItem it(shape);
  if (!it.valid) return;
  const int hidden = shape.hidden;
  const size_t state = static_cast<size_t>(it.row) * hidden + it.unit;
  float* row = gates + static_cast<size_t>(it.row) * 3 * hidden + it.unit;
  if (!is_data(lengths, shape, it.row)) {
    store_quad(row, zero_quad(), it.count, it.vector);
    store_quad(row + hidden, zero_quad(), it.count, it.vector);
    store_quad(row + 2 * hidden, zero_quad(), it.count, it.vector);
    store_quad(recurrent_n + state, zero_quad(), it.count, it.vector);
    return;
  }
  Quad r = load_quad(row, it.count, it.vector);
  Quad z = load_quad(row + hidden, it.count, it.vector);
  Quad n = load_quad(row + 2 * hidden, it.count, it.vector);
  Quad q = load_quad(recurrent_n + state, it.count, it.vector);
  const Quad h_old = load_quad(h_prev + state, it.count, it.vector);
  Quad d = load_quad(dh + state, it.count, it.vector);
  if (dy != nullptr) {
    Quad dout = load_output(dy, shape, it);
    apply_dropout(dout, dropout, shape, it);
#pragma unroll
    for (int k = 0; k < 4; ++k) d.v[k] += dout.v[k];
  }
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const float dn = d.v[k] * (1.0f - z.v[k]) * (1.0f - n.v[k] * n.v[k]);
    const float dz = d.v[k] * (h_old.v[k] - n.v[k]) * z.v[k] * (1.0f - z.v[k]);
    const float dr = dn * q.v[k] * r.v[k] * (1.0f - r.v[k]);
    d.v[k] *= z.v[k];
    q.v[k] = dn * r.v[k];
    r.v[k] = dr;
    z.v[k] = dz;
    n.v[k] = dn;
  }
  store_quad(row, r, it.count, it.vector);
  store_quad(row + hidden, z, it.count, it.vector);
  store_quad(row + 2 * hidden, n, it.count, it.vector);
  store_quad(recurrent_n + state, q, it.count, it.vector);
  store_quad(dh + state, d, it.count, it.vector);
}
