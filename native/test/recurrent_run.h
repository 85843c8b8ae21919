/// One call of a recurrent layer: all that it reads and writes, made from a seed; the same as the
/// reference's problem; how it is run on an engine, and compared.
#ifndef GATEFOLD_TEST_RECURRENT_RUN_H
#define GATEFOLD_TEST_RECURRENT_RUN_H

#include <cmath>
#include <cstdint>
#include <vector>

#include "check.h"
#include "gatefold.h"
#include "recurrent_reference.h"

namespace recurrent {

using check::Buffer;
using check::Random;
using reference::Problem;

/// A layer, and whether rows end early.
struct Options {
  const char* name;
  gf_recurrent_spec spec;
  bool ragged;
  bool initial;  // h0, c0 given
};

inline gf_recurrent_spec spec_of(int cell, int T, int B, int I, int H, int L, int D) {
  gf_recurrent_spec s{};
  s.cell = cell;
  s.steps = T;
  s.batch = B;
  s.input = I;
  s.hidden = H;
  s.layers = L;
  s.directions = D;
  s.precision = GF_F32;
  s.training = 1;
  return s;
}

/// Everything that a call of the engine reads and writes.
struct Run {
  Buffer x, h0, c0, dy, dhn, dcn;
  std::vector<int32_t> lengths;
  std::vector<Buffer> wx, wh, b, p, wr;  // p, wr: empty without peepholes and projection
  Buffer y, hn, cn, dx, dh0, dc0;
  std::vector<Buffer> dwx, dwh, db, dp, dwr;
  std::vector<Buffer> norm, dnorm;  // empty without layer normalisation
  bool initial = true;
  uint64_t seed = 0;
};

inline std::vector<double> doubles(const Buffer& b) { return {b.data(), b.data() + b.size()}; }

inline Run make_run(const Options& o, uint64_t seed) {
  const gf_recurrent_spec& s = o.spec;
  Random random(seed);
  size_t T = s.steps, B = s.batch, I = s.input, H = s.hidden, D = s.directions, L = s.layers;
  size_t G = s.cell == GF_LSTM ? 4 : s.cell == GF_GRU ? 3 : 1;
  size_t biases = s.cell == GF_GRU && s.reset_before == 0 ? 4 : G;
  size_t norms = 2 * G + (s.cell == GF_LSTM ? 2 : 0);
  size_t P = s.projection != 0 ? s.projection : H;
  Run r;
  r.seed = 0x123456789abcdefULL + seed;
  r.initial = o.initial;
  r.x = random.buffer(T * B * I, 1.5f);
  r.h0 = random.buffer(L * D * B * P, 1);
  r.c0 = random.buffer(L * D * B * H, 1);
  r.dy = random.buffer(T * B * D * P, 1);
  r.dhn = random.buffer(L * D * B * P, 1);
  r.dcn = random.buffer(L * D * B * H, 1);
  for (size_t b = 0; b < B; b++) {
    r.lengths.push_back(o.ragged ? random.below(s.steps + 1) : s.steps);
  }
  if (o.ragged) {
    r.lengths[0] = 0;
    if (B > 1) r.lengths[B - 1] = s.steps;
    // Whatever stands in padding must not matter.
    for (size_t t = 0; t < T; t++) {
      for (size_t b = 0; b < B; b++) {
        for (size_t i = 0; i < I && t >= static_cast<size_t>(r.lengths[b]); i++) {
          r.x[(t * B + b) * I + i] = std::nanf("");
        }
        for (size_t i = 0; i < D * P && t >= static_cast<size_t>(r.lengths[b]); i++) {
          r.dy[(t * B + b) * D * P + i] = std::nanf("");
        }
      }
    }
  }
  float range = 1.2f / std::sqrt(static_cast<float>(H));
  for (size_t l = 0; l < L; l++) {
    for (size_t d = 0; d < D; d++) {
      size_t in = l == 0 ? I : D * P;
      r.wx.push_back(random.buffer(G * H * in, range));
      for (size_t i = 0; s.skip_input != 0 && l == 0 && i < G * H * in; i++) {
        r.wx.back()[i] = i % in == i / in % H ? 1.0f : 0.0f;
      }
      r.wh.push_back(random.buffer(G * H * P, range));
      r.b.push_back(random.buffer(biases * H, 0.5f));
      r.dwx.push_back(Buffer(G * H * in, 0));
      r.dwh.push_back(Buffer(G * H * P, 0));
      r.db.push_back(Buffer(biases * H, 0));
      if (s.peepholes != 0) {
        r.p.push_back(random.buffer(3 * H, 0.8f));
        r.dp.push_back(Buffer(3 * H, 0));
      }
      if (s.layer_norm != 0) {
        r.norm.push_back(random.buffer(norms * H, 1));
        r.dnorm.push_back(Buffer(norms * H, 0));
      }
      if (s.projection != 0) {
        r.wr.push_back(random.buffer(P * H, 2 * range));
        r.dwr.push_back(Buffer(P * H, 0));
      }
    }
  }
  r.y = Buffer(T * B * D * P);
  r.hn = Buffer(L * D * B * P);
  r.cn = Buffer(L * D * B * H);
  r.dx = Buffer(T * B * I);
  r.dh0 = Buffer(L * D * B * P);
  r.dc0 = Buffer(L * D * B * H);
  return r;
}

inline Problem make_problem(const Options& o, const Run& r) {
  Problem p;
  p.spec = o.spec;
  p.lengths.assign(r.lengths.begin(), r.lengths.end());
  p.x = doubles(r.x);
  p.h0 = o.initial ? doubles(r.h0) : std::vector<double>(r.h0.size(), 0.0);
  p.c0 = o.initial ? doubles(r.c0) : std::vector<double>(r.c0.size(), 0.0);
  p.dy = doubles(r.dy);
  p.dhn = doubles(r.dhn);
  p.dcn = doubles(r.dcn);
  for (size_t i = 0; i < r.wx.size(); i++) {
    p.weights.push_back({doubles(r.wx[i]), doubles(r.wh[i]), doubles(r.b[i]),
                         r.p.empty() ? std::vector<double>() : doubles(r.p[i]),
                         r.wr.empty() ? std::vector<double>() : doubles(r.wr[i]),
                         r.norm.empty() ? std::vector<double>() : doubles(r.norm[i])});
  }
  p.seed = r.seed;
  p.drop = o.spec.dropout > 0;
  return p;
}

inline std::vector<float*> pointers(std::vector<Buffer>& buffers) {
  std::vector<float*> all;
  for (Buffer& b : buffers) {
    all.push_back(b.data());
  }
  return all;
}

/// Those of Wx as the engine wants them: none where the input skips the product.
inline std::vector<float*> inputs(const gf_recurrent_spec& spec, std::vector<Buffer>& buffers) {
  std::vector<float*> all = pointers(buffers);
  for (int d = 0; spec.skip_input != 0 && d < spec.directions; d++) {
    all[static_cast<size_t>(d)] = nullptr;
  }
  return all;
}

inline float* const* or_null(const std::vector<float*>& all) {
  return all.empty() ? nullptr : all.data();
}

inline Buffer scratch(int64_t bytes) { return Buffer(static_cast<size_t>(bytes) / 4 + 1); }

/// Packs, runs forward and `backwards` backward passes.
inline void run_engine(gf_engine* engine, const gf_recurrent_spec& spec, bool ragged, Run& r,
                       int backwards = 1) {
  Buffer packed = scratch(gf_recurrent_packed_bytes(engine, &spec));
  Buffer workspace = scratch(gf_recurrent_workspace_bytes(engine, &spec));
  Buffer reserve = scratch(gf_recurrent_reserve_bytes(engine, &spec));
  std::vector<float*> wx = inputs(spec, r.wx), wh = pointers(r.wh), b = pointers(r.b);
  std::vector<float*> dwx = inputs(spec, r.dwx), dwh = pointers(r.dwh), db = pointers(r.db);
  std::vector<float*> p = pointers(r.p), dp = pointers(r.dp);
  std::vector<float*> wr = pointers(r.wr), dwr = pointers(r.dwr);
  std::vector<float*> norm = pointers(r.norm), dnorm = pointers(r.dnorm);
  CHECK_OK(gf_recurrent_pack(engine, &spec, wx.data(), wh.data(), b.data(), or_null(p), or_null(wr),
                             or_null(norm), packed.data()));
  const int32_t* lengths = ragged ? r.lengths.data() : nullptr;
  const float* h0 = r.initial ? r.h0.data() : nullptr;
  const float* c0 = r.initial ? r.c0.data() : nullptr;
  float* reserved = spec.training != 0 ? reserve.data() : nullptr;
  int runs = backwards > 0 ? backwards : 1;
  for (int i = 0; i < runs; i++) {
    CHECK_OK(gf_recurrent_forward(engine, &spec, packed.data(), r.x.data(), lengths, h0, c0,
                                  r.y.data(), r.hn.data(), r.cn.data(), reserved, workspace.data(),
                                  r.seed));
    if (backwards > 0) {
      workspace.spoil();
      CHECK_OK(gf_recurrent_backward(engine, &spec, packed.data(), r.x.data(), lengths, h0, c0,
                                     r.y.data(), r.dy.data(), r.dhn.data(), r.dcn.data(),
                                     r.dx.data(), r.dh0.data(), r.dc0.data(), dwx.data(),
                                     dwh.data(), db.data(), or_null(dp), or_null(dwr),
                                     or_null(dnorm), reserve.data(), workspace.data(), r.seed));
    }
  }
  CHECK(packed.guards_intact());
  CHECK(workspace.guards_intact());
  CHECK(reserve.guards_intact());
  for (const Buffer* out : {&r.y, &r.hn, &r.cn, &r.dx, &r.dh0, &r.dc0}) {
    CHECK(out->guards_intact());
  }
  for (size_t i = 0; i < r.dwx.size(); i++) {
    CHECK(r.dwx[i].guards_intact() && r.dwh[i].guards_intact() && r.db[i].guards_intact());
  }
  for (const std::vector<Buffer>* all : {&r.dp, &r.dwr, &r.dnorm}) {
    for (const Buffer& d : *all) {
      CHECK(d.guards_intact());
    }
  }
}

inline void compare(const Options& o, const Run& r, const reference::Result& e) {
  // An operand that the engine's sums and the reference's put on different sides of a tie differs
  // by 2^-8 of itself.
  bool bf16 = o.spec.precision == GF_BF16;
  const double kForward = bf16 ? 4e-3 : 2e-6;
  const double kBackward = bf16 ? 1e-2 : 1e-5;
  bool lstm = o.spec.cell == GF_LSTM;
  CHECK_CLOSE(r.y, e.y, kForward);
  CHECK_CLOSE(r.hn, e.hn, kForward);
  if (lstm) CHECK_CLOSE(r.cn, e.cn, kForward);
  CHECK_CLOSE(r.dx, e.dx, kBackward);
  CHECK_CLOSE(r.dh0, e.dh0, kBackward);
  if (lstm) CHECK_CLOSE(r.dc0, e.dc0, kBackward);
  for (size_t i = 0; i < r.dwx.size(); i++) {
    CHECK_CLOSE(r.dwx[i], e.dw[i].wx, kBackward);
    CHECK_CLOSE(r.dwh[i], e.dw[i].wh, kBackward);
    CHECK_CLOSE(r.db[i], e.dw[i].b, kBackward);
    if (!r.dp.empty()) CHECK_CLOSE(r.dp[i], e.dw[i].p, kBackward);
    if (!r.dwr.empty()) CHECK_CLOSE(r.dwr[i], e.dw[i].wr, kBackward);
    if (!r.dnorm.empty()) CHECK_CLOSE(r.dnorm[i], e.dw[i].norm, kBackward);
  }
}

inline bool same_results(const Run& a, const Run& b, bool lstm) {
  bool same = check::same_bits(a.y, b.y) && check::same_bits(a.hn, b.hn) &&
              check::same_bits(a.dx, b.dx) && check::same_bits(a.dh0, b.dh0);
  if (lstm) same = same && check::same_bits(a.cn, b.cn) && check::same_bits(a.dc0, b.dc0);
  for (size_t i = 0; i < a.dwx.size(); i++) {
    same = same && check::same_bits(a.dwx[i], b.dwx[i]) && check::same_bits(a.dwh[i], b.dwh[i]) &&
           check::same_bits(a.db[i], b.db[i]);
    same = same && (a.dp.empty() || check::same_bits(a.dp[i], b.dp[i]));
    same = same && (a.dwr.empty() || check::same_bits(a.dwr[i], b.dwr[i]));
    same = same && (a.dnorm.empty() || check::same_bits(a.dnorm[i], b.dnorm[i]));
  }
  return same;
}

}  // namespace recurrent

#endif  // GATEFOLD_TEST_RECURRENT_RUN_H
