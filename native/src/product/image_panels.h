/// What places of an image see, as an operand of a product. Included inside an instruction set's
/// namespace by gemm_kernels.h.
#ifndef GATEFOLD_IMAGE_PANELS_H
#define GATEFOLD_IMAGE_PANELS_H

/// Places of a panel that lie side by side in one row: their first lane, and where they begin.
struct PanelPart {
  int64_t lane;
  int64_t at;
  int64_t count;
};

/// The parts of the panel whose first place is `first`; returns how many.
static int panel_parts(const ImageView& v, int64_t first, PanelPart (&parts)[Simd::kLanes]) {
  const int64_t places = v.out_rows * v.out_width;
  const int64_t past = first + Simd::kLanes < places ? first + Simd::kLanes : places;
  int count = 0;
  for (int64_t at = first; at < past;) {
    const int64_t column = at % v.out_width;
    const int64_t left = v.out_width - column < past - at ? v.out_width - column : past - at;
    parts[count++] = {at - first, at / v.out_width * v.width + column, left};
    at += left;
  }
  return count;
}

/// The next k of a panel of so many parts, which are stored as whole vectors: what is too much is
/// written over by the next part or by the next k. Exactly: no more than belongs to it.
template <int Count>
static GF_INLINE void panel_row(const PanelPart (&parts)[Simd::kLanes], int count,
                                const float* from, bool exactly, float* to) {
  const int all = Count == 0 ? count : Count;
  for (int part = 0; part < all; part++) {
    const PanelPart& p = parts[part];
    const Simd::F seen = Simd::load(from + p.at);
    if (exactly) {
      Simd::store_first(to + p.lane, seen, static_cast<int>(p.count));
    } else {
      Simd::store(to + p.lane, seen);
    }
  }
}

/// All k of one panel.
template <int Count>
static void image_panel(const ImageView& v, const PanelPart (&parts)[Simd::kLanes], int count,
                        float* to) {
  for (int64_t c = 0; c < v.channels; c++) {
    for (int64_t i = 0; i < v.kernel_height; i++) {
      const float* from = v.x + c * v.plane + i * v.dilation_height * v.width;
      const bool last = c + 1 == v.channels && i + 1 == v.kernel_height;
      const int64_t whole = last ? v.kernel_width - 1 : v.kernel_width;
      for (int64_t j = 0; j < whole; j++, to += Simd::kLanes, from += v.dilation_width) {
        panel_row<Count>(parts, count, from, false, to);
      }
      if (last) {
        panel_row<Count>(parts, count, from, true, to);
      }
    }
  }
}

static void image_panels(const ImageView& v, float* panels) {
  const int64_t depth = v.channels * v.kernel_height * v.kernel_width;
  const int64_t places = v.out_rows * v.out_width;
  for (int64_t first = 0; first < places; first += Simd::kLanes) {
    PanelPart parts[Simd::kLanes];
    const int count = panel_parts(v, first, parts);
    float* to = panels + first * depth;
    if (count == 1) {
      image_panel<1>(v, parts, count, to);
    } else if (count == 2) {
      image_panel<2>(v, parts, count, to);
    } else {
      image_panel<0>(v, parts, count, to);
    }
  }
}

#endif  // GATEFOLD_IMAGE_PANELS_H
