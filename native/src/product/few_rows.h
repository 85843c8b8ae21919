/// Products of few rows, for which packing B costs more than multiplying. Included inside an
/// instruction set's namespace by gemm_kernels.h.
#ifndef GATEFOLD_FEW_ROWS_H
#define GATEFOLD_FEW_ROWS_H

/// A lane sums up at most so many products before lanes are added up.
constexpr int64_t kFewRowsDepth = 1024 * Simd::kLanes;

/// Columns whose sums stay in registers beside those of R rows.
template <int R>
constexpr int few_columns() {
  return R == 1 && Simd::kLanes >= 8 ? 8 : 4;
}

/// sums[r][at + j] = products of row r of A and row (column + j) of B, lane by lane; rows of B
/// behind the last are the last.
template <int R>
static void few_rows_block(const GemmCall& call, int64_t column, int at,
                           Simd::F (&sums)[R][Simd::kLanes]) {
  constexpr int kColumns = few_columns<R>();
  const float* b[kColumns];
  Simd::F acc[R][kColumns];
  for (int j = 0; j < kColumns; j++) {
    const int64_t of = column + at + j < call.n ? column + at + j : call.n - 1;
    b[j] = call.b + of * call.b_distance;
    for (int r = 0; r < R; r++) {
      acc[r][j] = Simd::zero();
    }
  }
  int64_t k = 0;
  for (; k + Simd::kLanes <= call.k; k += Simd::kLanes) {
    Simd::F a[R];
    for (int r = 0; r < R; r++) {
      a[r] = Simd::load(call.a + r * call.a_distance + k);
    }
    for (int j = 0; j < kColumns; j++) {
      const Simd::F w = Simd::load(b[j] + k);
      for (int r = 0; r < R; r++) {
        acc[r][j] = Simd::fma(a[r], w, acc[r][j]);
      }
    }
  }
  if (k < call.k) {
    const int left = static_cast<int>(call.k - k);
    for (int j = 0; j < kColumns; j++) {
      const Simd::F w = Simd::load_first(b[j] + k, left);
      for (int r = 0; r < R; r++) {
        const Simd::F a = Simd::load_first(call.a + r * call.a_distance + k, left);
        acc[r][j] = Simd::fma(a, w, acc[r][j]);
      }
    }
  }
  for (int r = 0; r < R; r++) {
    for (int j = 0; j < kColumns; j++) {
      sums[r][at + j] = acc[r][j];
    }
  }
}

/// C in the columns of the panels of a range.
template <int R>
static void few_rows_panels(const GemmCall& call, const Range& panels) {
  constexpr int kLanes = Simd::kLanes;
  for (int64_t panel = panels.begin; panel < panels.end; panel++) {
    const int64_t column = panel * kLanes;
    const int valid = static_cast<int>(call.n - column < kLanes ? call.n - column : kLanes);
    Simd::F sums[R][kLanes];
    for (int at = 0; at < kLanes; at += few_columns<R>()) {
      few_rows_block<R>(call, column, at, sums);
    }
    for (int r = 0; r < R; r++) {
      Simd::transpose(sums[r]);
      for (int half = kLanes / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
          sums[r][i] = Simd::add(sums[r][i], sums[r][i + half]);
        }
      }
      if (call.row_bias != nullptr) {
        sums[r][0] = Simd::add(sums[r][0], Simd::set1(call.row_bias[r]));
      }
      Simd::store_first(call.c + r * call.c_distance + column, sums[r][0], valid);
    }
  }
}

/// Whether few_rows computes it: A by rows, B transposed, nothing added.
static bool has_few_rows(const GemmCall& call) {
  return call.few_rows && call.m <= 4 && call.k <= kFewRowsDepth && !call.a_by_columns &&
         call.b_transposed && call.bias == nullptr && !call.add;
}

static void few_rows(const GemmCall& call, const Team& team) {
  const Range panels = part_of((call.n + Simd::kLanes - 1) / Simd::kLanes, team.rank, team.size);
  switch (call.m) {
    case 1:
      few_rows_panels<1>(call, panels);
      break;
    case 2:
      few_rows_panels<2>(call, panels);
      break;
    case 3:
      few_rows_panels<3>(call, panels);
      break;
    default:
      few_rows_panels<4>(call, panels);
  }
}

#endif  // GATEFOLD_FEW_ROWS_H
