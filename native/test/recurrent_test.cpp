/// Recurrent layers against the reference: every cell, option and instruction set; bitwise
/// promises; guard zones; and the reference's own gradients against finite differences.

#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "check.h"
#include "engine/engine.h"
#include "recurrent_reference.h"
#include "recurrent_run.h"

namespace gatefold {
GATEFOLD_TABLES(emulated)
}

namespace {

using check::Buffer;
using recurrent::compare;
using recurrent::make_problem;
using recurrent::make_run;
using recurrent::Options;
using recurrent::pointers;
using recurrent::Run;
using recurrent::run_engine;
using recurrent::same_results;
using recurrent::scratch;
using recurrent::spec_of;
using reference::Problem;

/// AVX-512's shapes with its bfloat16 instruction, on any machine.
const char* const kEmulated = "emulated";
/// The same with AMX's tile registers.
const char* const kEmulatedTiles = "emulated tiles";

bool is_emulated(const std::string& isa) { return isa == kEmulated || isa == kEmulatedTiles; }

#ifdef GATEFOLD_TEST_EMULATED
const gatefold::Kernels kEmulatedKernels = {kEmulated,
                                            &gatefold::emulated::kRecurrent,
                                            &gatefold::emulated::kRecurrentBf16Dot,
                                            &gatefold::generic::kGemm,
                                            &gatefold::generic::kPointwise,
                                            &gatefold::generic::kSteps,
                                            &gatefold::generic::kWindows};
const gatefold::Kernels kEmulatedTileKernels = {kEmulatedTiles,
                                                &gatefold::emulated::kRecurrent,
                                                &gatefold::emulated::kRecurrentBf16Tiles,
                                                &gatefold::generic::kGemm,
                                                &gatefold::generic::kPointwise,
                                                &gatefold::generic::kSteps,
                                                &gatefold::generic::kWindows};
#endif

struct Engine : check::Engine {
  Engine(int threads, const std::string& isa)
      : check::Engine(threads, is_emulated(isa) ? "generic" : isa) {
#ifdef GATEFOLD_TEST_EMULATED
    if (is_emulated(isa)) {
      static_cast<gf_engine*>(*this)->kernels =
          isa == kEmulated ? &kEmulatedKernels : &kEmulatedTileKernels;
    }
#endif
  }
};

const gf_cell_functions kHard{
    {GF_GATE_HARD_SIGMOID, 0.2f, 0.5f}, {GF_GATE_SOFTSIGN, 0, 0}, {GF_GATE_ELU, 0.8f, 0}};
const gf_cell_functions kSoft{
    {GF_GATE_SIGMOID, 0, 0}, {GF_GATE_SCALED_TANH, 1.2f, 0.7f}, {GF_GATE_SOFTPLUS, 0, 0}};

/// Engines by number of threads and instruction set, made once: a layer meets what others left.
class Engines {
 public:
  gf_engine* of(int threads, const std::string& isa) {
    std::unique_ptr<Engine>& engine = made_[{threads, isa}];
    if (!engine) engine = std::make_unique<Engine>(threads, isa);
    return *engine;
  }

 private:
  std::map<std::pair<int, std::string>, std::unique_ptr<Engine>> made_;
};

/// Reset gates before the product, and layer normalisation with what it meets in a step.
template <class Add>
void add_resets_and_norms(int cell, const Add& add) {
  for (int before = 0; before <= (cell == GF_GRU ? 1 : 0); before++) {
    gf_recurrent_spec reset = spec_of(cell, 7, 5, 5, 19, 2, 2);
    reset.reset_before = before;
    if (before != 0) add("reset before", reset, true, true);
    reset.layer_norm = 1;
    add("layer norm", reset, true, true);
    reset.functions_given = 1;
    reset.functions[0] = kHard;
    reset.functions[1] = kSoft;
    reset.peepholes = reset.coupled = cell == GF_LSTM ? 1 : 0;
    reset.cell_clip = cell == GF_LSTM ? 0.5f : 0;
    add("layer norm with options", reset, true, false);
    gf_recurrent_spec segments = spec_of(cell, 40, 33, 3, 35, 1, 2);
    segments.reset_before = before;
    segments.layer_norm = 1;
    add("layer norm, several segments of 512 rows", segments, true, true);
    gf_recurrent_spec full = spec_of(cell, 3, 37, 40, 70, 1, 1);
    full.reset_before = before;
    full.layer_norm = 1;
    add("layer norm, full rows and more than a tile of each", full, false, true);
  }
}

std::vector<Options> all_options(int cell, int precision) {
  std::vector<Options> all;
  auto add = [&](const char* name, gf_recurrent_spec spec, bool ragged, bool initial) {
    spec.precision = precision;
    all.push_back({name, spec, ragged, initial});
  };
  add("one of everything", spec_of(cell, 1, 1, 1, 1, 1, 1), false, true);
  add("one step, no states", spec_of(cell, 1, 4, 5, 7, 1, 1), false, false);
  add("vector tail", spec_of(cell, 3, 5, 3, 17, 1, 1), false, true);
  add("two blocks of 16", spec_of(cell, 4, 13, 20, 32, 1, 1), false, true);
  add("units 67: several blocks and a tail", spec_of(cell, 3, 7, 70, 67, 1, 1), false, true);
  add("batch 1, steps ahead", spec_of(cell, 60, 1, 6, 19, 1, 1), false, true);
  add("batch 1, many blocks, back and forth", spec_of(cell, 5, 1, 6, 195, 1, 2), false, true);
  add("bidirectional", spec_of(cell, 5, 3, 4, 9, 1, 2), false, true);
  add("ragged", spec_of(cell, 7, 9, 4, 9, 1, 1), true, true);
  add("ragged, reverse too, layers", spec_of(cell, 7, 9, 5, 10, 2, 2), true, true);
  add("ragged, no states", spec_of(cell, 6, 5, 3, 18, 1, 2), true, false);
  gf_recurrent_spec reverse = spec_of(cell, 7, 9, 5, 10, 2, 1);
  reverse.reverse = 1;
  add("ragged, reverse only", reverse, true, true);
  gf_recurrent_spec dropout = spec_of(cell, 5, 3, 4, 7, 3, 2);
  dropout.dropout = 0.4f;
  add("dropout", dropout, true, true);
  gf_recurrent_spec many = spec_of(cell, 40, 33, 5, 20, 1, 2);
  add("several segments of 512 rows", many, true, true);
  gf_recurrent_spec wide = spec_of(cell, 2, 60, 9, 40, 2, 1);
  add("rows enough for one product per step", wide, false, true);
  add("more rows than are described at a time", spec_of(cell, 3, 211, 4, 9, 1, 2), true, true);
  gf_recurrent_spec uneven = spec_of(cell, 4, 35, 40, 34, 1, 2);
  add("rows and operands that fill tiles of 16 unevenly", uneven, true, false);
  bool one_gate = cell == GF_RNN_TANH || cell == GF_RNN_RELU;
  add("512 gates and more: gradients by rows", spec_of(cell, 7, 4, 5, one_gate ? 517 : 131, 1, 2),
      true, true);
  if (cell == GF_LSTM) {
    gf_recurrent_spec clip = spec_of(cell, 6, 4, 3, 11, 1, 2);
    clip.cell_clip = 0.35f;
    add("cell clip", clip, true, true);
    gf_recurrent_spec peepholes = spec_of(cell, 7, 5, 5, 19, 2, 2);
    peepholes.peepholes = 1;
    add("peepholes", peepholes, true, true);
    peepholes.coupled = 1;
    peepholes.cell_clip = 0.5f;
    add("peepholes, coupled, cell clip", peepholes, true, false);
    gf_recurrent_spec segments = spec_of(cell, 40, 33, 3, 18, 1, 2);
    segments.peepholes = 1;
    add("peepholes, several segments of 512 rows", segments, true, true);
    gf_recurrent_spec projection = spec_of(cell, 7, 5, 5, 19, 2, 2);
    projection.projection = 7;
    projection.dropout = 0.3f;
    add("projection", projection, true, true);
    projection.peepholes = 1;
    projection.coupled = 1;
    projection.cell_clip = 0.5f;
    projection.functions_given = 1;
    projection.functions[0] = kHard;
    projection.functions[1] = kSoft;
    add("projection with options", projection, true, false);
    gf_recurrent_spec projections = spec_of(cell, 40, 33, 3, 70, 1, 2);
    projections.projection = 33;
    projections.peepholes = 1;
    add("projection, several segments of 512 rows", projections, true, true);
  }
  gf_recurrent_spec functions = spec_of(cell, 6, 7, 5, 21, 2, 2);
  functions.functions_given = 1;
  functions.functions[0] = kHard;
  functions.functions[1] = kSoft;
  add("functions of each direction", functions, true, true);
  gf_recurrent_spec skipped = spec_of(cell, 7, 5, 21, 21, 2, 2);
  skipped.skip_input = 1;
  add("skipped input", skipped, true, true);
  gf_recurrent_spec long_skipped = spec_of(cell, 30, 33, 37, 37, 1, 2);
  long_skipped.skip_input = 1;
  add("skipped input, several segments of 512 rows", long_skipped, true, true);
  if (cell == GF_LSTM) {
    skipped.projection = 9;
    add("skipped input and a projection", skipped, true, true);
  }
  add_resets_and_norms(cell, add);
  gf_recurrent_spec gate_clip = spec_of(cell, 6, 7, 5, 37, 1, 1);
  gate_clip.gate_clip = 0.6f;
  add("gate clip", gate_clip, true, true);
  return all;
}

/// One layer at one level, on several threads and with segments.
void test_option(Engines& engines, const std::string& isa, const Options& o, const Run& prepared,
                 const reference::Result& expected) {
  const bool lstm = o.spec.cell == GF_LSTM;
  Run first;
  // The emulation is slow: a few of the combinations.
  bool few = is_emulated(isa);
  for (int threads : few ? std::vector<int>{1, 3} : std::vector<int>{1, 2, 5}) {
    check::context = isa + ", cell " + std::to_string(o.spec.cell) + ", precision " +
                     std::to_string(o.spec.precision) + ", " + o.name + ", " +
                     std::to_string(threads) + " threads";
    gf_engine* engine = engines.of(threads, isa);
    Run r = prepared;
    run_engine(engine, o.spec, o.ragged, r);
    compare(o, r, expected);
    if (threads == 1) {
      first = r;
    } else {
      CHECK(same_results(r, first, lstm));
    }
    for (int segment : few ? std::vector<int>{3} : std::vector<int>{1, 3, 100}) {
      gf_recurrent_spec again = o.spec;
      again.recompute_segment = segment;
      Run s = prepared;
      run_engine(engine, again, o.ragged, s);
      CHECK(same_results(s, first, lstm));
    }
  }
}

void test_against_reference(const std::vector<std::string>& isas, int cell, int precision) {
  Engines engines;
  for (const Options& o : all_options(cell, precision)) {
    Run prepared = make_run(o, 7 + static_cast<uint64_t>(cell));
    reference::Result expected = reference::run(make_problem(o, prepared));
    for (const std::string& isa : isas) {
      test_option(engines, isa, o, prepared, expected);
    }
  }
}

void test_bits(const std::string& isa, int precision) {
  for (int cell : {GF_LSTM, GF_GRU, GF_RNN_TANH}) {
    check::context = isa + ", bits, cell " + std::to_string(cell);
    // More than one segment of 512 rows. The emulation is slow: fewer units, but several blocks
    // too.
    Options o{"bits", spec_of(cell, 20, 40, 24, 50, 2, 2), true, true};
    if (is_emulated(isa)) {
      o.spec.steps = 14;
      o.spec.hidden = 34;
    }
    o.spec.precision = precision;
    Engine engine(3, isa);
    Run prepared = make_run(o, 3);
    Run once = prepared;
    run_engine(engine, o.spec, true, once);
    Run twice = prepared;
    run_engine(engine, o.spec, true, twice, 2);
    for (size_t i = 0; i < once.dwx.size(); i++) {
      for (std::vector<Buffer>* all : {&once.dwx, &once.dwh, &once.db}) {
        for (float& v : (*all)[i]) v *= 2;
      }
    }
    CHECK(same_results(once, twice, cell == GF_LSTM));
    // Inference gives the bits of training.
    Run inference = prepared;
    gf_recurrent_spec spec = o.spec;
    spec.training = 0;
    CHECK(gf_recurrent_reserve_bytes(engine, &spec) == 0);
    run_engine(engine, spec, true, inference, 0);
    CHECK(check::same_bits(inference.y, once.y));
    CHECK(check::same_bits(inference.hn, once.hn));
    // All rows at full length are what no lengths are.
    Options full = o;
    full.ragged = false;
    Run without = make_run(full, 3);
    Run with = without;
    run_engine(engine, full.spec, false, without);
    run_engine(engine, full.spec, true, with);
    CHECK(same_results(without, with, cell == GF_LSTM));
  }
}

/// Sums over many rows: as exact as over few, and the same bits for any threads and segments.
void test_sums(const std::string& isa, const Options& o, const Run& prepared,
               const reference::Result* expected) {
  check::context =
      isa + ", many rows, precision " + std::to_string(o.spec.precision) + ", " + o.name;
  Engine engine(1, isa);
  Run once = prepared;
  run_engine(engine, o.spec, o.ragged, once);
  for (size_t i = 0; i < once.dwx.size() && expected != nullptr; i++) {
    const double kBound = 1e-6;
    CHECK_CLOSE(once.dwx[i], expected->dw[i].wx, kBound);
    CHECK_CLOSE(once.dwh[i], expected->dw[i].wh, kBound);
    CHECK_CLOSE(once.db[i], expected->dw[i].b, kBound);
    if (!once.dp.empty()) CHECK_CLOSE(once.dp[i], expected->dw[i].p, kBound);
  }
  for (int segment : {0, 3}) {
    Engine more(3, isa);
    gf_recurrent_spec spec = o.spec;
    spec.recompute_segment = segment;
    Run r = prepared;
    run_engine(more, spec, o.ragged, r);
    CHECK(same_results(r, once, true));
  }
}

void test_many_rows(const std::vector<std::string>& isas, int precision) {
  // Several runs in a step, and several steps in a run; more runs than one float adds up.
  for (Options o : {Options{"131072 rows", spec_of(GF_LSTM, 32, 4096, 2, 3, 1, 1), false, false},
                    Options{"39300 rows", spec_of(GF_LSTM, 131, 300, 2, 3, 1, 2), true, false}}) {
    o.spec.precision = precision;
    o.spec.peepholes = o.ragged ? 1 : 0;
    Run prepared = make_run(o, 21);
    // Gradients of one sign: sums grow with every row.
    for (float& v : prepared.x) v = std::fabs(v);
    for (Buffer* b : {&prepared.dy, &prepared.dhn, &prepared.dcn}) {
      for (float& v : *b) v = std::fabs(v);
    }
    // bfloat16 takes the same sums, but its operands are rounded.
    const bool exact = precision == GF_F32;
    reference::Result expected;
    if (exact) expected = reference::run(make_problem(o, prepared));
    for (const std::string& isa : isas) {
      // The emulation is slow: the fewer rows.
      if (is_emulated(isa) && !o.ragged) continue;
      test_sums(isa, o, prepared, exact ? &expected : nullptr);
    }
  }
}

/// The engine leaves alone what is not asked for, and takes null for zeros.
void test_optional_arguments(const std::string& isa) {
  check::context = isa + ", optional arguments";
  Engine engine(2, isa);
  Options o{"optional", spec_of(GF_LSTM, 4, 3, 5, 6, 1, 1), false, false};
  Run r = make_run(o, 11);
  for (Buffer* b : {&r.dy, &r.dhn, &r.dcn}) {
    for (float& v : *b) v = 0;
  }
  for (size_t i = 0; i < r.dy.size(); i++) r.dy[i] = i % 3 == 0 ? 1.0f : 0.5f;
  run_engine(engine, o.spec, false, r);
  Buffer packed = scratch(gf_recurrent_packed_bytes(engine, &o.spec));
  Buffer workspace = scratch(gf_recurrent_workspace_bytes(engine, &o.spec));
  Buffer reserve = scratch(gf_recurrent_reserve_bytes(engine, &o.spec));
  std::vector<float*> wx = pointers(r.wx), wh = pointers(r.wh), b = pointers(r.b);
  CHECK_OK(gf_recurrent_pack(engine, &o.spec, wx.data(), wh.data(), b.data(), nullptr, nullptr,
                             nullptr, packed.data()));
  Buffer y(r.y.size());
  CHECK_OK(gf_recurrent_forward(engine, &o.spec, packed.data(), r.x.data(), nullptr, nullptr,
                                nullptr, y.data(), nullptr, nullptr, reserve.data(),
                                workspace.data(), 0));
  CHECK(check::same_bits(y, r.y));
  Buffer dx(r.dx.size());
  CHECK_OK(gf_recurrent_backward(engine, &o.spec, packed.data(), r.x.data(), nullptr, nullptr,
                                 nullptr, y.data(), r.dy.data(), nullptr, nullptr, dx.data(),
                                 nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                                 nullptr, reserve.data(), workspace.data(), 0));
  CHECK(check::same_bits(dx, r.dx));
}

void test_bad_arguments(const std::string& isa) {
  check::context = isa + ", bad arguments";
  Engine engine(1, isa);
  gf_recurrent_spec good = spec_of(GF_LSTM, 2, 2, 2, 2, 1, 1);
  CHECK(gf_recurrent_packed_bytes(engine, &good) > 0);
  std::vector<std::function<void(gf_recurrent_spec&)>> faults = {
      [](gf_recurrent_spec& s) { s.cell = 9; },
      [](gf_recurrent_spec& s) { s.steps = 0; },
      [](gf_recurrent_spec& s) { s.batch = 0; },
      [](gf_recurrent_spec& s) { s.input = 0; },
      [](gf_recurrent_spec& s) { s.hidden = -1; },
      [](gf_recurrent_spec& s) { s.layers = 0; },
      [](gf_recurrent_spec& s) { s.directions = 3; },
      [](gf_recurrent_spec& s) { s.dropout = 1; },
      [](gf_recurrent_spec& s) { s.cell_clip = -1; },
      [](gf_recurrent_spec& s) { s.precision = 2; },
      [](gf_recurrent_spec& s) { s.peepholes = 2; },
      [](gf_recurrent_spec& s) {
        s.cell = GF_GRU;
        s.peepholes = 1;
      },
      [](gf_recurrent_spec& s) {
        s.cell = GF_GRU;
        s.coupled = 1;
      },
      [](gf_recurrent_spec& s) { s.reset_before = 1; },
      [](gf_recurrent_spec& s) { s.skip_input = 2; },
      [](gf_recurrent_spec& s) {
        s.input = s.hidden + 1;
        s.skip_input = 1;
      },
      [](gf_recurrent_spec& s) { s.layer_norm = 2; },
      [](gf_recurrent_spec& s) { s.layer_norm = s.skip_input = 1; },
      [](gf_recurrent_spec& s) { s.layer_norm = s.projection = 1; },
      [](gf_recurrent_spec& s) { s.projection = -1; },
      [](gf_recurrent_spec& s) { s.projection = s.hidden; },
      [](gf_recurrent_spec& s) {
        s.cell = GF_GRU;
        s.projection = 1;
      },
      [](gf_recurrent_spec& s) { s.gate_clip = -1; },
      [](gf_recurrent_spec& s) { s.gate_clip = std::nanf(""); },
      [](gf_recurrent_spec& s) { s.noise.zoneout_h = 1; },
      [](gf_recurrent_spec& s) { s.noise.candidate_dropout = std::nanf(""); },
      [](gf_recurrent_spec& s) { s.noise.drawn = 2; },
      [](gf_recurrent_spec& s) { s.noise.recurrent_dropout = 1; },
      [](gf_recurrent_spec& s) {
        s.cell = GF_GRU;
        s.noise.zoneout_c = 0.5f;
      },
      [](gf_recurrent_spec& s) { s.functions_given = 2; },
      [](gf_recurrent_spec& s) {
        s.functions_given = 1;
        s.functions[0].gate.kind = 11;
      },
      [](gf_recurrent_spec& s) {
        s.functions_given = 1;
        s.functions[0].candidate.kind = -1;
      },
      [](gf_recurrent_spec& s) {
        s.functions_given = 1;
        s.functions[0].output = {GF_GATE_ELU, -1, 0};
      },
      [](gf_recurrent_spec& s) {
        s.functions_given = 1;
        s.functions[0].gate = {GF_GATE_SCALED_TANH, 0, 1};
      },
      [](gf_recurrent_spec& s) {
        s.functions_given = 1;
        s.directions = 2;
        s.functions[1].gate.beta = std::nanf("");
      }};
  for (auto& fault : faults) {
    gf_recurrent_spec bad = good;
    fault(bad);
    CHECK(gf_recurrent_packed_bytes(engine, &bad) == -GF_INVALID_ARGUMENT);
    CHECK(gf_recurrent_workspace_bytes(engine, &bad) == -GF_INVALID_ARGUMENT);
    CHECK(gf_recurrent_reserve_bytes(engine, &bad) == -GF_INVALID_ARGUMENT);
  }
  Buffer packed = scratch(gf_recurrent_packed_bytes(engine, &good));
  Buffer workspace = scratch(gf_recurrent_workspace_bytes(engine, &good));
  Buffer x(8, 0), y(8, 0);
  int32_t lengths[2] = {1, 3};
  CHECK(gf_recurrent_forward(engine, &good, packed.data(), x.data(), lengths, nullptr, nullptr,
                             y.data(), nullptr, nullptr, nullptr, workspace.data(),
                             0) == GF_INVALID_ARGUMENT);
}

/// Central differences of a weighted sum of all outputs, for every input of the reference.
void test_reference_gradients(bool options, bool norm, bool before) {
  for (int cell : {GF_LSTM, GF_GRU, GF_RNN_TANH, GF_RNN_RELU}) {
    check::context = "reference gradients, cell " + std::to_string(cell);
    if (before && cell != GF_GRU) continue;
    Options o{"gradients", spec_of(cell, 4, 3, 2, norm ? 7 : 3, 2, 2), false, true};
    o.spec.layer_norm = norm ? 1 : 0;
    o.spec.reset_before = before ? 1 : 0;
    o.spec.dropout = 0.3f;
    o.spec.cell_clip = cell == GF_LSTM ? 0.8f : 0;
    if (options) {
      o.spec.peepholes = o.spec.coupled = cell == GF_LSTM ? 1 : 0;
      o.spec.gate_clip = 0.9f;
      o.spec.functions_given = 1;
      o.spec.functions[0] = kHard;
      o.spec.functions[1] = kSoft;
    }
    Run run = make_run(o, 5);
    run.lengths = {4, 0, 2};
    Problem p = make_problem(o, run);
    reference::Result r = reference::run(p);
    auto value = [&] {
      reference::Result v = reference::run(p);
      double sum = 0;
      for (size_t i = 0; i < v.y.size(); i++) sum += v.y[i] * p.dy[i];
      for (size_t i = 0; i < v.hn.size(); i++) sum += v.hn[i] * p.dhn[i];
      for (size_t i = 0; i < v.cn.size() && cell == GF_LSTM; i++) sum += v.cn[i] * p.dcn[i];
      return sum;
    };
    auto differences = [&](std::vector<double>& input) {
      std::vector<double> d;
      for (double& v : input) {
        const double old = v, step = 1e-6;
        v = old + step;
        double up = value();
        v = old - step;
        double down = value();
        v = old;
        d.push_back((up - down) / (2 * step));
      }
      return d;
    };
    const double kBound = 1e-7;
    CHECK_CLOSE(r.dx, differences(p.x), kBound);
    CHECK_CLOSE(r.dh0, differences(p.h0), kBound);
    if (cell == GF_LSTM) CHECK_CLOSE(r.dc0, differences(p.c0), kBound);
    for (size_t i = 0; i < p.weights.size(); i++) {
      CHECK_CLOSE(r.dw[i].wx, differences(p.weights[i].wx), kBound);
      CHECK_CLOSE(r.dw[i].wh, differences(p.weights[i].wh), kBound);
      CHECK_CLOSE(r.dw[i].b, differences(p.weights[i].b), kBound);
      CHECK_CLOSE(r.dw[i].p, differences(p.weights[i].p), kBound);
      CHECK_CLOSE(r.dw[i].norm, differences(p.weights[i].norm), kBound);
    }
  }
}

}  // namespace

// recurrent_test [f32|bf16]: in one precision, so that two processors share the work; in both
// without an argument.
int main(int count, char** arguments) {
  std::vector<int> precisions = {GF_F32, GF_BF16};
  if (count > 1) precisions = {std::strcmp(arguments[1], "bf16") == 0 ? GF_BF16 : GF_F32};
  // The reference knows no precision: once.
  for (int norm = 0; norm < (precisions.front() == GF_F32 ? 2 : 0); norm++) {
    test_reference_gradients(false, norm != 0, false);
    test_reference_gradients(true, norm != 0, false);
    test_reference_gradients(true, norm != 0, true);
  }
  std::vector<std::string> levels = check::isas();
#ifdef GATEFOLD_TEST_EMULATED
  levels.push_back(kEmulated);
  levels.push_back(kEmulatedTiles);
#endif
  for (int precision : precisions) {
    std::vector<std::string> isas;
    for (const std::string& isa : levels) {
      if (isa == kEmulatedTiles && precision == GF_F32) continue;  // has no tiles
      isas.push_back(isa);
      test_bits(isa, precision);
    }
    for (int cell : {GF_LSTM, GF_GRU, GF_RNN_TANH, GF_RNN_RELU}) {
      test_against_reference(isas, cell, precision);
    }
    test_many_rows(isas, precision);
  }
  for (const std::string& isa : levels) {
    test_optional_arguments(isa);
    test_bad_arguments(isa);
  }
  return check::finish("recurrent_test");
}
