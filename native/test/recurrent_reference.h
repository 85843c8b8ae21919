/// An independent reference for recurrent layers: the equations, one scalar after the other, in
/// double precision, with gradients by the chain rule written out per cell.
#ifndef GATEFOLD_TEST_RECURRENT_REFERENCE_H
#define GATEFOLD_TEST_RECURRENT_REFERENCE_H

#include <cmath>
#include <cstring>
#include <vector>

#include "engine/philox.h"
#include "gatefold.h"

namespace reference {

using Vector = std::vector<double>;

struct Weights {
  // p: peepholes of i, f, o; wr: projection; norm: gains of both products, of an LSTM gain and
  // shift of c; each empty without.
  Vector wx, wh, b, p, wr, norm;
};

struct Problem {
  gf_recurrent_spec spec;
  std::vector<int> lengths;  // always given here
  Vector x, h0, c0;
  std::vector<Weights> weights;
  Vector dy, dhn, dcn;
  uint64_t seed;
  bool drop;  // dropout acts

  int gates() const { return spec.cell == GF_LSTM ? 4 : spec.cell == GF_GRU ? 3 : 1; }
  int biases() const { return spec.cell == GF_GRU && spec.reset_before == 0 ? 4 : gates(); }
  int features() const { return spec.projection != 0 ? spec.projection : spec.hidden; }
  int input(int layer) const { return layer == 0 ? spec.input : spec.directions * features(); }
  /// Then a layer's wx is an identity for every gate, and has no gradient.
  bool skips(int layer) const { return spec.skip_input != 0 && layer == 0; }
};

struct Result {
  Vector y, hn, cn;
  Vector dx, dh0, dc0;
  std::vector<Weights> dw;
};

/// An operand of a product: rounded to bfloat16 (nearest, ties to even) where the spec says so.
inline double operand(const Problem& p, double v) {
  if (p.spec.precision != GF_BF16) {
    return v;
  }
  float f = static_cast<float>(v);
  uint32_t bits;
  std::memcpy(&bits, &f, sizeof bits);
  bits = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000;
  std::memcpy(&f, &bits, sizeof f);
  return f;
}

inline Vector operands(const Problem& p, Vector v) {
  for (double& each : v) {
    each = operand(p, each);
  }
  return v;
}

inline double sigmoid(double v) { return 1.0 / (1.0 + std::exp(-v)); }

inline double mask(const Problem& p, int layer, size_t e) {
  gatefold::PhiloxBlock block =
      gatefold::philox(static_cast<uint32_t>(e / 4), static_cast<uint32_t>((e / 4) >> 32),
                       static_cast<uint32_t>(layer), 0, static_cast<uint32_t>(p.seed),
                       static_cast<uint32_t>(p.seed >> 32));
  float u = static_cast<float>(block.word[e % 4] >> 8) / 16777216.0f;
  return u >= p.spec.dropout ? 1.0 / (1.0 - static_cast<double>(p.spec.dropout)) : 0.0;
}

/// A cell's function of a sum within the bound, if there is one, and its derivative.
struct Function {
  gf_gate_function f;
  double clip;

  double bounded(double v) const { return clip > 0 ? std::fmin(clip, std::fmax(-clip, v)) : v; }

  double value(double sum) const {
    const double x = bounded(sum), a = f.alpha, b = f.beta;
    switch (f.kind) {
      case GF_GATE_SIGMOID:
        return sigmoid(x);
      case GF_GATE_TANH:
        return std::tanh(x);
      case GF_GATE_RELU:
        return std::fmax(0.0, x);
      case GF_GATE_HARD_SIGMOID:
        return std::fmin(1.0, std::fmax(0.0, a * x + b));
      case GF_GATE_SOFTSIGN:
        return x / (1 + std::fabs(x));
      case GF_GATE_SOFTPLUS:
        return std::fmax(0.0, x) + std::log1p(std::exp(-std::fabs(x)));
      case GF_GATE_ELU:
        return x > 0 ? x : a * std::expm1(x);
      case GF_GATE_AFFINE:
        return a * x + b;
      case GF_GATE_LEAKY_RELU:
        return x > 0 ? x : a * x;
      case GF_GATE_THRESHOLDED_RELU:
        return x >= a ? x : 0.0;
      default:
        return a * std::tanh(b * x);
    }
  }

  double slope(double sum) const {
    const double x = sum, a = f.alpha, b = f.beta;
    if (clip > 0 && std::fabs(x) >= clip) return 0.0;
    const double s = sigmoid(x), t = std::tanh(x), scaled = std::tanh(b * x);
    switch (f.kind) {
      case GF_GATE_SIGMOID:
        return s * (1 - s);
      case GF_GATE_TANH:
        return 1 - t * t;
      case GF_GATE_RELU:
        return x > 0 ? 1.0 : 0.0;
      case GF_GATE_HARD_SIGMOID:
        return a * x + b > 0 && a * x + b < 1 ? a : 0.0;
      case GF_GATE_SOFTSIGN:
        return 1 / ((1 + std::fabs(x)) * (1 + std::fabs(x)));
      case GF_GATE_SOFTPLUS:
        return s;
      case GF_GATE_ELU:
        return x > 0 ? 1.0 : a * std::exp(x);
      case GF_GATE_AFFINE:
        return a;
      case GF_GATE_LEAKY_RELU:
        return x > 0 ? 1.0 : a;
      case GF_GATE_THRESHOLDED_RELU:
        return x >= a ? 1.0 : 0.0;
      default:
        return a * b * (1 - scaled * scaled);
    }
  }
};

/// The functions of one direction.
struct Functions {
  Function gate, candidate, output;

  Functions(const gf_recurrent_spec& s, int d) {
    gf_cell_functions own{{GF_GATE_SIGMOID, 0, 0}, {GF_GATE_TANH, 0, 0}, {GF_GATE_TANH, 0, 0}};
    if (s.cell == GF_RNN_RELU) own.candidate.kind = GF_GATE_RELU;
    if (s.functions_given != 0) own = s.functions[d];
    gate = {own.gate, s.gate_clip};
    candidate = {own.candidate, s.gate_clip};
    output = {own.output, 0};
  }
};

/// Layer normalisation of values [from, to) of some.
struct Norm {
  Vector normal;
  double deviation = 1;

  Norm() = default;
  Norm(const Vector& values, int from, int to)
      : normal(values.begin() + from, values.begin() + to) {
    const double n = static_cast<double>(normal.size());
    double mean = 0, variance = 0;
    for (double v : normal) mean += v / n;
    for (double v : normal) variance += (v - mean) * (v - mean) / n;
    deviation = std::sqrt(variance + static_cast<double>(1e-5f));
    for (double& v : normal) v = (v - mean) / deviation;
  }

  /// The normal values times gains from `gain` on, to the place of the values.
  void scale(const Vector& gains, int gain, Vector& to, int from) const {
    for (size_t i = 0; i < normal.size(); i++) to[from + i] = gains[gain + i] * normal[i];
  }

  /// From the gradients of what scale() gave to those of the values, in place, and of the gains.
  void back(const Vector& gains, int gain, Vector& d, int from, Vector& d_gains) const {
    const double n = static_cast<double>(normal.size());
    double mean = 0, along = 0;
    for (size_t i = 0; i < normal.size(); i++) {
      d_gains[gain + i] += d[from + i] * normal[i];
      d[from + i] *= gains[gain + i];
      mean += d[from + i] / n;
      along += d[from + i] * normal[i] / n;
    }
    for (size_t i = 0; i < normal.size(); i++) {
      d[from + i] = (d[from + i] - mean - normal[i] * along) / deviation;
    }
  }
};

/// What one (layer, direction, row, step) computed.
struct Point {
  Vector x, h_before, c_before, sum, gate, c, c_raw, recurrent_n, given;
  Vector reset, shown;  // what n's product is of with reset_before; what h is made of of c
  Norm of_x, of_h, of_reset, of_c;
};

inline Result run(const Problem& p) {
  const gf_recurrent_spec& s = p.spec;
  const int T = s.steps, B = s.batch, H = s.hidden, D = s.directions, L = s.layers;
  const int G = p.gates(), P = p.features();
  const int early = s.reset_before != 0 ? 2 * H : G * H;  // rows of Wh whose product is with h
  auto state = [&](int layer, int d, int b, int u) {
    return static_cast<size_t>(((layer * D + d) * B + b) * H + u);
  };
  auto h_state = [&](int layer, int d, int b, int u) {
    return static_cast<size_t>(((layer * D + d) * B + b) * P + u);
  };
  Result r;
  r.hn = p.h0;
  r.cn = p.c0;
  std::vector<Vector> inputs{p.x};
  std::vector<Point> points(static_cast<size_t>(L * D * B * T));
  auto point = [&](int layer, int d, int b, int t) -> Point& {
    return points[static_cast<size_t>(((layer * D + d) * B + b) * T + t)];
  };
  for (int layer = 0; layer < L; layer++) {
    const int I = p.input(layer);
    Vector out(static_cast<size_t>(T * B * D * P), 0.0);
    for (int d = 0; d < D; d++) {
      const Functions own(s, d);
      Weights w = p.weights[static_cast<size_t>(layer * D + d)];
      w.wx = operands(p, w.wx);
      w.wh = operands(p, w.wh);
      w.wr = operands(p, w.wr);
      for (int b = 0; b < B; b++) {
        Vector h(static_cast<size_t>(P)), c(static_cast<size_t>(H));
        for (int u = 0; u < P; u++) h[u] = p.h0[h_state(layer, d, b, u)];
        for (int u = 0; u < H; u++) c[u] = p.c0[state(layer, d, b, u)];
        for (int i = 0; i < p.lengths[b]; i++) {
          int t = d == 0 && s.reverse == 0 ? i : p.lengths[b] - 1 - i;
          Point& q = point(layer, d, b, t);
          q.x.assign(inputs.back().begin() + (t * B + b) * I,
                     inputs.back().begin() + (t * B + b + 1) * I);
          q.x = operands(p, q.x);
          q.h_before = h;
          q.c_before = c;
          Vector h_rounded = operands(p, h);
          Vector sx(static_cast<size_t>(G * H)), sh(static_cast<size_t>(G * H));
          for (int row = 0; row < G * H; row++) {
            double a = 0, r_sum = 0;
            for (int k = 0; k < I; k++) a += w.wx[row * I + k] * q.x[k];
            for (int k = 0; k < P; k++) r_sum += w.wh[row * P + k] * h_rounded[k];
            sx[row] = a;
            sh[row] = r_sum;
          }
          if (s.layer_norm != 0) {
            q.of_x = Norm(sx, 0, G * H);
            q.of_x.scale(w.norm, 0, sx, 0);
            q.of_h = Norm(sh, 0, early);
            q.of_h.scale(w.norm, G * H, sh, 0);
          }
          for (int row = 0; row < G * H; row++) sx[row] += w.b[row];
          if (s.reset_before != 0) {
            for (int u = 0; u < H; u++) q.reset.push_back(own.gate.value(sx[u] + sh[u]) * h[u]);
            q.reset = operands(p, q.reset);
            for (int row = early; row < G * H; row++) {
              sh[row] = 0;
              for (int k = 0; k < H; k++) sh[row] += w.wh[row * H + k] * q.reset[k];
            }
            if (s.layer_norm != 0) {
              q.of_reset = Norm(sh, early, G * H);
              q.of_reset.scale(w.norm, G * H + early, sh, early);
            }
          }
          q.gate.resize(static_cast<size_t>(G * H));
          q.sum.resize(static_cast<size_t>(G * H));
          q.c.resize(H);
          q.c_raw.resize(H);
          q.recurrent_n.resize(H);
          Vector next(static_cast<size_t>(H));
          for (int u = 0; u < H; u++) {
            if (s.cell == GF_LSTM) {
              auto peephole = [&](int k, double cell) {
                return s.peepholes != 0 ? w.p[k * H + u] * cell : 0.0;
              };
              for (int k = 0; k < 4; k++) q.sum[k * H + u] = sx[k * H + u] + sh[k * H + u];
              q.sum[u] += peephole(0, c[u]);
              q.sum[H + u] += peephole(1, c[u]);
              double gi = own.gate.value(q.sum[u]);
              double gf = s.coupled != 0 ? 1 - gi : own.gate.value(q.sum[H + u]);
              double gg = own.candidate.value(q.sum[2 * H + u]);
              q.gate[u] = gi;
              q.gate[H + u] = gf;
              q.gate[2 * H + u] = gg;
              q.c_raw[u] = gf * c[u] + gi * gg;
              double clip = s.cell_clip;
              q.c[u] = clip > 0 ? std::fmin(clip, std::fmax(-clip, q.c_raw[u])) : q.c_raw[u];
              q.sum[3 * H + u] += peephole(2, q.c[u]);
              double go = own.gate.value(q.sum[3 * H + u]);
              q.gate[3 * H + u] = go;
              c[u] = q.c[u];
            } else if (s.cell == GF_GRU) {
              q.sum[u] = sx[u] + sh[u];
              q.sum[H + u] = sx[H + u] + sh[H + u];
              double gr = own.gate.value(q.sum[u]);
              double gz = own.gate.value(q.sum[H + u]);
              q.recurrent_n[u] = sh[2 * H + u] + (s.reset_before != 0 ? 0 : w.b[3 * H + u]);
              q.sum[2 * H + u] = sx[2 * H + u] + (s.reset_before != 0 ? 1 : gr) * q.recurrent_n[u];
              double gn = own.candidate.value(q.sum[2 * H + u]);
              q.gate[u] = gr;
              q.gate[H + u] = gz;
              q.gate[2 * H + u] = gn;
              next[u] = (1 - gz) * gn + gz * h[u];
            } else {
              q.sum[u] = sx[u] + sh[u];
              next[u] = own.candidate.value(q.sum[u]);
              q.gate[u] = next[u];
            }
          }
          if (s.cell == GF_LSTM) {
            q.shown = q.c;
            if (s.layer_norm != 0) {
              q.of_c = Norm(q.c, 0, H);
              q.of_c.scale(w.norm, 2 * G * H, q.shown, 0);
              for (int u = 0; u < H; u++) q.shown[u] += w.norm[2 * G * H + H + u];
            }
            for (int u = 0; u < H; u++) {
              next[u] = q.gate[3 * H + u] * own.output.value(q.shown[u]);
            }
          }
          q.given = operands(p, next);
          if (s.projection != 0) {
            next.assign(static_cast<size_t>(P), 0.0);
            for (int u = 0; u < P; u++) {
              for (int k = 0; k < H; k++) next[u] += w.wr[u * H + k] * q.given[k];
            }
          }
          h = next;
          for (int u = 0; u < P; u++) {
            out[static_cast<size_t>((t * B + b) * D * P + d * P + u)] = h[u];
          }
        }
        for (int u = 0; u < P; u++) r.hn[h_state(layer, d, b, u)] = h[u];
        for (int u = 0; u < H; u++) r.cn[state(layer, d, b, u)] = c[u];
      }
    }
    if (layer + 1 < L) {
      if (p.drop) {
        for (size_t e = 0; e < out.size(); e++) out[e] *= mask(p, layer, e);
      }
      inputs.push_back(out);
    } else {
      r.y = out;
    }
  }

  r.dh0.assign(p.h0.size(), 0.0);
  r.dc0.assign(p.c0.size(), 0.0);
  Vector dy = p.dy;
  for (int layer = L - 1; layer >= 0; layer--) {
    const int I = p.input(layer);
    Vector dx(static_cast<size_t>(T * B * I), 0.0);
    std::vector<Weights> layer_dw;
    for (int d = 0; d < D; d++) {
      const Functions own(s, d);
      Weights w = p.weights[static_cast<size_t>(layer * D + d)];
      w.wx = operands(p, w.wx);
      w.wh = operands(p, w.wh);
      w.wr = operands(p, w.wr);
      Weights dw{Vector(w.wx.size(), 0.0), Vector(w.wh.size(), 0.0), Vector(w.b.size(), 0.0),
                 Vector(w.p.size(), 0.0),  Vector(w.wr.size(), 0.0), Vector(w.norm.size(), 0.0)};
      for (int b = 0; b < B; b++) {
        Vector dh(static_cast<size_t>(P)), dc(static_cast<size_t>(H));
        for (int u = 0; u < P; u++) dh[u] = p.dhn[h_state(layer, d, b, u)];
        for (int u = 0; u < H; u++) dc[u] = p.dcn[state(layer, d, b, u)];
        for (int i = p.lengths[b] - 1; i >= 0; i--) {
          int t = d == 0 && s.reverse == 0 ? i : p.lengths[b] - 1 - i;
          const Point& q = point(layer, d, b, t);
          Vector ax(static_cast<size_t>(G * H)), ah(static_cast<size_t>(G * H));
          Vector past(static_cast<size_t>(P), 0.0);
          Vector whole = dh;
          for (int u = 0; u < P; u++) {
            whole[u] += dy[static_cast<size_t>((t * B + b) * D * P + d * P + u)];
          }
          if (s.projection != 0) {
            const Vector projected = operands(p, whole);
            whole.assign(static_cast<size_t>(H), 0.0);
            for (int u = 0; u < P; u++) {
              for (int k = 0; k < H; k++) {
                dw.wr[u * H + k] += projected[u] * q.given[k];
                whole[k] += projected[u] * w.wr[u * H + k];
              }
            }
          }
          Vector through(static_cast<size_t>(H));  // to c by what h is made of of it
          for (int u = 0; u < H && s.cell == GF_LSTM; u++) {
            through[u] = whole[u] * q.gate[3 * H + u] * own.output.slope(q.shown[u]);
          }
          if (s.cell == GF_LSTM && s.layer_norm != 0) {
            for (int u = 0; u < H; u++) dw.norm[2 * G * H + H + u] += through[u];
            q.of_c.back(w.norm, 2 * G * H, through, 0, dw.norm);
          }
          for (int u = 0; u < H; u++) {
            double g = whole[u];
            if (s.cell == GF_LSTM) {
              double gi = q.gate[u], gf = q.gate[H + u], gg = q.gate[2 * H + u];
              auto peephole = [&](int k) { return s.peepholes != 0 ? w.p[k * H + u] : 0.0; };
              double ao = g * own.output.value(q.shown[u]) * own.gate.slope(q.sum[3 * H + u]);
              double total = dc[u] + through[u] + ao * peephole(2);
              if (s.cell_clip > 0 && std::fabs(q.c[u]) >= s.cell_clip) total = 0;
              const double past = total * q.c_before[u];
              const double di = total * gg - (s.coupled != 0 ? past : 0.0);
              ax[u] = di * own.gate.slope(q.sum[u]);
              ax[H + u] = s.coupled != 0 ? 0.0 : past * own.gate.slope(q.sum[H + u]);
              ax[2 * H + u] = total * gi * own.candidate.slope(q.sum[2 * H + u]);
              ax[3 * H + u] = ao;
              dc[u] = total * gf + ax[u] * peephole(0) + ax[H + u] * peephole(1);
            } else if (s.cell == GF_GRU) {
              double gz = q.gate[H + u], gn = q.gate[2 * H + u];
              double an = g * (1 - gz) * own.candidate.slope(q.sum[2 * H + u]);
              ax[2 * H + u] = an;
              if (s.reset_before == 0) ax[u] = an * q.recurrent_n[u] * own.gate.slope(q.sum[u]);
              ax[H + u] = g * (q.h_before[u] - gn) * own.gate.slope(q.sum[H + u]);
              past[u] = g * gz;
            } else {
              ax[u] = g * own.candidate.slope(q.sum[u]);
            }
          }
          ah = ax;
          if (s.cell == GF_GRU && s.reset_before == 0) {
            for (int u = 0; u < H; u++) ah[2 * H + u] = ax[2 * H + u] * q.gate[u];
          }
          if (s.reset_before != 0) {
            if (s.layer_norm != 0) q.of_reset.back(w.norm, G * H + early, ah, early, dw.norm);
            for (int u = 0; u < H; u++) {
              double d = 0;
              for (int row = early; row < G * H; row++) {
                d += operand(p, ah[row]) * w.wh[row * H + u];
              }
              ax[u] = ah[u] = d * q.h_before[u] * own.gate.slope(q.sum[u]);
              past[u] += d * q.gate[u];
            }
          }
          // Biases learn from the gradients of sums.
          Vector of_sums = ax, of_recurrent = ah;
          if (s.layer_norm != 0) {
            q.of_h.back(w.norm, G * H, ah, 0, dw.norm);
            q.of_x.back(w.norm, 0, ax, 0, dw.norm);
          }
          ax = operands(p, ax);
          ah = operands(p, ah);
          if (s.layer_norm == 0) {
            of_sums = ax;
            of_recurrent = ah;
          }
          for (int k = 0; k < H && s.peepholes != 0; k++) {
            dw.p[k] += of_sums[k] * q.c_before[k];
            dw.p[H + k] += of_sums[H + k] * q.c_before[k];
            dw.p[2 * H + k] += of_sums[3 * H + k] * q.c[k];
          }
          Vector h_rounded = operands(p, q.h_before);
          for (int row = 0; row < G * H; row++) {
            dw.b[row] += of_sums[row];
            if (p.biases() > G && row >= 2 * H) dw.b[row + H] += of_recurrent[row];
            for (int k = 0; k < I; k++) {
              if (!p.skips(layer)) dw.wx[row * I + k] += ax[row] * q.x[k];
              dx[static_cast<size_t>((t * B + b) * I + k)] += ax[row] * w.wx[row * I + k];
            }
            const Vector& of_wh = row < early ? h_rounded : q.reset;
            for (int k = 0; k < P; k++) {
              dw.wh[row * P + k] += ah[row] * of_wh[k];
              if (row < early) past[k] += ah[row] * w.wh[row * P + k];
            }
          }
          dh = past;
        }
        for (int u = 0; u < P; u++) r.dh0[h_state(layer, d, b, u)] = dh[u];
        for (int u = 0; u < H; u++) r.dc0[state(layer, d, b, u)] = dc[u];
      }
      layer_dw.push_back(dw);
    }
    r.dw.insert(r.dw.begin(), layer_dw.begin(), layer_dw.end());
    if (layer > 0 && p.drop) {
      for (size_t e = 0; e < dx.size(); e++) dx[e] *= mask(p, layer - 1, e);
    }
    dy = dx;
  }
  r.dx = dy;
  return r;
}

}  // namespace reference

#endif  // GATEFOLD_TEST_RECURRENT_REFERENCE_H
