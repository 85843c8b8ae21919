/// Rows of a matrix as a panel of its transpose. Included inside an instruction set's namespace,
/// after its Product.
#ifndef GATEFOLD_TRANSPOSE_PANEL_H
#define GATEFOLD_TRANSPOSE_PANEL_H

/// to[k][lane] = from[lane][k] for `lanes` <= kLanes rows `distance` apart, k = 0 .. count-1 as
/// words, filled up with zeros to `words` of them; rows from `valid` on are zeros. step: from one
/// word to the next.
static void transpose_panel(const float* from, int64_t distance, int64_t valid, int64_t lanes,
                            int64_t count, int64_t words, float* to, int64_t step) {
  constexpr int kLanes = Simd::kLanes;
  for (int64_t k = 0; k < count; k += kLanes) {
    int64_t depth = count - k < kLanes ? count - k : kLanes;
    Simd::F square[kLanes];
    for (int64_t lane = 0; lane < kLanes; lane++) {
      square[lane] = lane >= valid ? Simd::zero()
                     : depth == kLanes
                         ? Simd::load(from + lane * distance + k)
                         : Simd::load_first(from + lane * distance + k, static_cast<int>(depth));
    }
    Simd::transpose(square);
    for (int64_t i = 0; i < depth; i += Product::kPerWord) {
      Simd::F word = Product::word(square[i], square[i + Product::kPerWord - 1]);
      float* at = to + (k + i) / Product::kPerWord * step;
      if (lanes == kLanes) {
        Simd::store(at, word);
      } else {
        Simd::store_first(at, word, static_cast<int>(lanes));
      }
    }
  }
  for (int64_t k = (count + Product::kPerWord - 1) / Product::kPerWord; k < words; k++) {
    Simd::store_first(to + k * step, Simd::zero(), static_cast<int>(lanes));
  }
}

#endif  // GATEFOLD_TRANSPOSE_PANEL_H
