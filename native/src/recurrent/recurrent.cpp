#include "engine/engine.h"
#include "recurrent/cell_options.h"
#include "recurrent/recurrent_layout.h"

namespace gatefold {
namespace {

// Below so many multiply-adds, waking and joining threads costs more than they save.
constexpr double kWorkPerThread = 400e3;

bool valid(const gf_recurrent_spec* s) {
  return s != nullptr && s->cell >= GF_LSTM && s->cell <= GF_RNN_RELU && s->steps >= 1 &&
         s->batch >= 1 && s->input >= 1 && s->hidden >= 1 && s->layers >= 1 &&
         (s->directions == 1 || s->directions == 2) && s->cell_clip >= 0 && s->dropout >= 0 &&
         s->dropout < 1 && s->recompute_segment >= 0 &&
         (s->precision == GF_F32 || s->precision == GF_BF16) &&
         (s->reverse == 0 || (s->reverse == 1 && s->directions == 1)) && valid_options(*s);
}

bool valid_lengths(const gf_recurrent_spec& spec, const int32_t* lengths) {
  for (int32_t b = 0; lengths != nullptr && b < spec.batch; b++) {
    if (lengths[b] < 0 || lengths[b] > spec.steps) {
      return false;
    }
  }
  return true;
}

/// True if pointers are there of exactly the layers that want them.
template <typename Wanted>
bool there_where(const float* const* pointers, const RecurrentLayout& layout, Wanted wanted) {
  if (pointers == nullptr) {
    return false;
  }
  for (int64_t i = 0; i < layout.layers * layout.directions; i++) {
    if ((pointers[i] != nullptr) != wanted(i / layout.directions)) {
      return false;
    }
  }
  return true;
}

bool all(const float* const* pointers, const RecurrentLayout& layout) {
  return there_where(pointers, layout, [](int64_t) { return true; });
}

/// True if those of Wx are there, but where a layer's input skips the product.
bool all_inputs(const float* const* pointers, const RecurrentLayout& layout) {
  return there_where(pointers, layout, [&](int64_t layer) { return !layout.skips(layer); });
}

/// True if the pointers are there exactly where they are wanted.
bool all_if(bool wanted, const float* const* pointers, const RecurrentLayout& layout) {
  return wanted ? all(pointers, layout) : pointers == nullptr;
}

int threads_for(const gf_engine* engine, const RecurrentLayout& layout, double passes) {
  double work = 0;
  for (int64_t l = 0; l < layout.layers; l++) {
    work += passes * static_cast<double>(layout.rows() * layout.directions) *
            static_cast<double>(layout.order.gates * layout.hidden) *
            static_cast<double>(layout.weighted_input(l) + layout.hidden);
  }
  double wanted = work / kWorkPerThread;
  int most = engine->team->threads();
  return wanted >= most ? most : wanted < 1 ? 1 : static_cast<int>(wanted);
}

const RecurrentKernels& kernels_for(const gf_engine* engine, const gf_recurrent_spec& spec) {
  const Kernels& all = *engine->kernels;
  if (is_stepped(spec)) {
    return *all.steps;
  }
  return spec.precision == GF_BF16 ? *all.recurrent_bf16 : *all.recurrent;
}

RecurrentLayout layout_of(const gf_engine* engine, const gf_recurrent_spec& spec) {
  const RecurrentKernels& kernels = kernels_for(engine, spec);
  return RecurrentLayout(spec, kernels.lanes, kernels.grain);
}

SteppedLayout stepped_layout_of(const gf_engine* engine, const gf_recurrent_spec& spec) {
  return SteppedLayout(spec, engine->kernels->steps->lanes);
}

/// A size of the layout in bytes, or minus a status.
int64_t bytes_of(const gf_engine* engine, const gf_recurrent_spec* spec,
                 int64_t (RecurrentLayout::*total)() const,
                 int64_t (SteppedLayout::*stepped_total)() const) {
  if (engine == nullptr || !valid(spec)) {
    return -GF_INVALID_ARGUMENT;
  }
  int64_t floats = is_stepped(*spec) ? (stepped_layout_of(engine, *spec).*stepped_total)()
                                     : (layout_of(engine, *spec).*total)();
  return floats * static_cast<int64_t>(sizeof(float));
}

template <class Call>
void run_region(gf_engine* engine, int threads, void (*kernel)(const Call&, const Team&),
                const Call& call) {
  struct Context {
    void (*kernel)(const Call&, const Team&);
    const Call* call;
  } context{kernel, &call};
  engine->team->run(
      threads,
      [](void* opaque, const Team& team) {
        const Context& c = *static_cast<const Context*>(opaque);
        c.kernel(*c.call, team);
      },
      &context);
}

}  // namespace
}  // namespace gatefold

using gatefold::RecurrentCall;
using gatefold::RecurrentLayout;
using gatefold::SteppedLayout;

extern "C" int64_t gf_recurrent_packed_bytes(const gf_engine* engine,
                                             const gf_recurrent_spec* spec) {
  return gatefold::bytes_of(engine, spec, &RecurrentLayout::packed_total,
                            &SteppedLayout::packed_total);
}

extern "C" int64_t gf_recurrent_workspace_bytes(const gf_engine* engine,
                                                const gf_recurrent_spec* spec) {
  return gatefold::bytes_of(engine, spec, &RecurrentLayout::workspace_total,
                            &SteppedLayout::workspace_total);
}

extern "C" int64_t gf_recurrent_reserve_bytes(const gf_engine* engine,
                                              const gf_recurrent_spec* spec) {
  return gatefold::bytes_of(engine, spec, &RecurrentLayout::reserve_total,
                            &SteppedLayout::reserve_total);
}

extern "C" int gf_recurrent_pack(gf_engine* engine, const gf_recurrent_spec* spec,
                                 const float* const* wx, const float* const* wh,
                                 const float* const* b, const float* const* p,
                                 const float* const* wr, const float* const* norm, void* packed) {
  if (engine == nullptr || !gatefold::valid(spec) || packed == nullptr) {
    return GF_INVALID_ARGUMENT;
  }
  RecurrentLayout layout = gatefold::layout_of(engine, *spec);
  if (!gatefold::all_inputs(wx, layout) || !gatefold::all(wh, layout) ||
      !gatefold::all(b, layout) || !gatefold::all_if(spec->peepholes != 0, p, layout) ||
      !gatefold::all_if(spec->projection != 0, wr, layout) ||
      !gatefold::all_if(spec->layer_norm != 0, norm, layout)) {
    return GF_INVALID_ARGUMENT;
  }
  SteppedLayout steps = gatefold::stepped_layout_of(engine, *spec);
  gatefold::PackCall call{&layout, wx, wh, b, p, wr, norm, static_cast<float*>(packed), &steps};
  int threads = layout.packed_total() < (64 << 10) ? 1 : engine->team->threads();
  gatefold::run_region(engine, threads, gatefold::kernels_for(engine, *spec).pack_weights, call);
  return GF_OK;
}

extern "C" int gf_recurrent_forward(gf_engine* engine, const gf_recurrent_spec* spec,
                                    const void* packed, const float* x, const int32_t* lengths,
                                    const float* h0, const float* c0, float* y, float* hn,
                                    float* cn, void* reserve, void* workspace, uint64_t seed) {
  if (engine == nullptr || !gatefold::valid(spec) || packed == nullptr || x == nullptr ||
      y == nullptr || workspace == nullptr || !gatefold::valid_lengths(*spec, lengths) ||
      (reserve != nullptr && spec->training == 0)) {
    return GF_INVALID_ARGUMENT;
  }
  RecurrentLayout layout = gatefold::layout_of(engine, *spec);
  SteppedLayout steps = gatefold::stepped_layout_of(engine, *spec);
  RecurrentCall call{};
  call.spec = spec;
  call.options = gatefold::has_options(*spec);
  call.layout = &layout;
  call.steps = &steps;
  call.packed = static_cast<const float*>(packed);
  call.x = x;
  call.lengths = lengths;
  call.h0 = h0;
  call.c0 = c0;
  call.y = y;
  call.hn = hn;
  call.cn = cn;
  call.reserve = static_cast<float*>(reserve);
  call.workspace = static_cast<float*>(workspace);
  call.seed = seed;
  gatefold::run_region(engine, gatefold::threads_for(engine, layout, 1),
                       gatefold::kernels_for(engine, *spec).recurrent_forward, call);
  return GF_OK;
}

extern "C" int gf_recurrent_backward(gf_engine* engine, const gf_recurrent_spec* spec,
                                     const void* packed, const float* x, const int32_t* lengths,
                                     const float* h0, const float* c0, const float* y,
                                     const float* dy, const float* dhn, const float* dcn, float* dx,
                                     float* dh0, float* dc0, float* const* dwx, float* const* dwh,
                                     float* const* db, float* const* dp, float* const* dwr,
                                     float* const* dnorm, void* reserve, void* workspace,
                                     uint64_t seed) {
  if (engine == nullptr || !gatefold::valid(spec) || spec->training == 0 || packed == nullptr ||
      x == nullptr || y == nullptr || reserve == nullptr || workspace == nullptr ||
      !gatefold::valid_lengths(*spec, lengths)) {
    return GF_INVALID_ARGUMENT;
  }
  RecurrentLayout layout = gatefold::layout_of(engine, *spec);
  bool weights = dwx != nullptr || dwh != nullptr || db != nullptr || dp != nullptr ||
                 dwr != nullptr || dnorm != nullptr;
  if (weights &&
      !(gatefold::all_inputs(dwx, layout) && gatefold::all(dwh, layout) &&
        gatefold::all(db, layout) && gatefold::all_if(spec->peepholes != 0, dp, layout) &&
        gatefold::all_if(spec->projection != 0, dwr, layout) &&
        gatefold::all_if(spec->layer_norm != 0, dnorm, layout))) {
    return GF_INVALID_ARGUMENT;
  }
  SteppedLayout steps = gatefold::stepped_layout_of(engine, *spec);
  RecurrentCall call{};
  call.spec = spec;
  call.options = gatefold::has_options(*spec);
  call.layout = &layout;
  call.steps = &steps;
  call.packed = static_cast<const float*>(packed);
  call.x = x;
  call.lengths = lengths;
  call.h0 = h0;
  call.c0 = c0;
  call.y = const_cast<float*>(y);  // backward only reads it
  call.dy = dy;
  call.dhn = dhn;
  call.dcn = dcn;
  call.dx = dx;
  call.dh0 = dh0;
  call.dc0 = dc0;
  call.dwx = dwx;
  call.dwh = dwh;
  call.db = db;
  call.dp = dp;
  call.dwr = dwr;
  call.dnorm = dnorm;
  call.reserve = static_cast<float*>(reserve);
  call.workspace = static_cast<float*>(workspace);
  call.seed = seed;
  gatefold::run_region(engine, gatefold::threads_for(engine, layout, 2),
                       gatefold::kernels_for(engine, *spec).recurrent_backward, call);
  return GF_OK;
}
