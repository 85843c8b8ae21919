/// Probabilities of sequences of labels, by CRF and by CTC, against going through all of them.

#include <cmath>
#include <functional>

#include "check.h"

namespace {

using check::Buffer;
using check::Engine;
using check::Random;

using Labels = std::vector<int32_t>;

/// All sequences of `count` labels below `kinds`, in ascending order.
std::vector<Labels> all(size_t count, int kinds) {
  std::vector<Labels> found = {{}};
  for (size_t i = 0; i < count; i++) {
    std::vector<Labels> longer;
    for (const Labels& begun : found) {
      for (int kind = 0; kind < kinds; kind++) {
        longer.push_back(begun);
        longer.back().push_back(kind);
      }
    }
    found = longer;
  }
  return found;
}

double log_of_sum(const std::vector<double>& logs) {
  double largest = -INFINITY, sum = 0;
  for (double v : logs) largest = std::fmax(largest, v);
  for (double v : logs) sum += std::exp(v - largest);
  return largest + std::log(sum);
}

/// The slope of `value` at x[i].
double slope(std::vector<double>& x, size_t i, const std::function<double()>& value) {
  const double step = 1e-4, kept = x[i];
  x[i] = kept + step;
  const double above = value();
  x[i] = kept - step;
  const double below = value();
  x[i] = kept;
  return (above - below) / (2 * step);
}

void test_crf(const std::string& isa, int threads) {
  check::context = isa + ", " + std::to_string(threads) + " threads, CRF";
  constexpr size_t T = 4, B = 3, L = 3;
  const int32_t lengths[B] = {4, 0, 2};
  Random random(11);
  Buffer transitions = random.buffer(L * L, 1), start = random.buffer(L, 1),
         end = random.buffer(L, 1);
  Buffer emissions = random.buffer(T * B * L, 2), dy = random.buffer(B, 1);
  Labels right;
  for (size_t i = 0; i < T * B; i++) right.push_back(random.below(L));
  std::vector<double> e(emissions.begin(), emissions.end());
  std::vector<double> tr(transitions.begin(), transitions.end()), s(start.begin(), start.end()),
      f(end.begin(), end.end());
  auto score = [&](size_t b, const Labels& labels) {
    double sum = 0;
    for (size_t t = 0; t < labels.size(); t++) {
      const size_t label = static_cast<size_t>(labels[t]);
      sum += e[(t * B + b) * L + label];
      sum += t == 0 ? s[label] : tr[static_cast<size_t>(labels[t - 1]) * L + label];
      sum += t + 1 == labels.size() ? f[label] : 0;
    }
    return sum;
  };
  auto likelihood = [&](size_t b) {
    const size_t length = static_cast<size_t>(lengths[b]);
    if (length == 0) return 0.0;
    Labels own;
    for (size_t t = 0; t < length; t++) own.push_back(right[t * B + b]);
    std::vector<double> scores;
    for (const Labels& labels : all(length, L)) scores.push_back(score(b, labels));
    return score(b, own) - log_of_sum(scores);
  };
  auto total = [&] {
    double sum = 0;
    for (size_t b = 0; b < B; b++) sum += dy[b] * likelihood(b);
    return sum;
  };
  const gf_crf crf = {T,      B, L, transitions.data(), start.data(), end.data(), emissions.data(),
                      lengths};
  Engine engine(threads, isa);
  Buffer y(B), demissions(T * B * L), dtransitions(L * L, 0.0f), dstart(L, 0.0f), dend(L, 0.0f);
  CHECK_OK(gf_crf_log_likelihood(engine, &crf, right.data(), y.data()));
  CHECK_OK(gf_crf_log_likelihood_backward(engine, &crf, right.data(), dy.data(), demissions.data(),
                                          dtransitions.data(), dstart.data(), dend.data()));
  std::vector<double> ey;
  for (size_t b = 0; b < B; b++) ey.push_back(likelihood(b));
  CHECK_CLOSE(y, ey, 1e-6);
  auto slopes = [&](std::vector<double>& of) {
    std::vector<double> found;
    for (size_t i = 0; i < of.size(); i++) found.push_back(slope(of, i, total));
    return found;
  };
  CHECK_CLOSE(demissions, slopes(e), 1e-5);
  CHECK_CLOSE(dtransitions, slopes(tr), 1e-5);
  CHECK_CLOSE(dstart, slopes(s), 1e-5);
  CHECK_CLOSE(dend, slopes(f), 1e-5);
  Labels path(T * B, 77);
  Buffer best(B);
  CHECK_OK(gf_crf_decode(engine, &crf, path.data(), best.data()));
  for (size_t b = 0; b < B; b++) {
    const size_t length = static_cast<size_t>(lengths[b]);
    double highest = length == 0 ? 0 : -INFINITY;
    Labels of;
    for (const Labels& labels : all(length, L)) {
      if (length > 0 && score(b, labels) > highest) {
        highest = score(b, labels);
        of = labels;
      }
    }
    CHECK(std::fabs(best[b] - highest) < 1e-5);
    for (size_t t = 0; t < T; t++) CHECK(path[t * B + b] == (t < length ? of[t] : -1));
  }
  for (const Buffer* out : {&y, &demissions, &dtransitions, &dstart, &dend, &best}) {
    CHECK(out->guards_intact());
  }
}

/// What a path says: without repetitions, then without blanks.
Labels said(const Labels& path, int32_t blank) {
  Labels labels;
  for (size_t t = 0; t < path.size(); t++) {
    if (path[t] != blank && (t == 0 || path[t] != path[t - 1])) labels.push_back(path[t]);
  }
  return labels;
}

void test_ctc(const std::string& isa, int threads, int32_t reduction) {
  check::context = isa + ", " + std::to_string(threads) + " threads, CTC, reduction " +
                   std::to_string(reduction);
  constexpr size_t T = 5, B = 4, C = 3, N = 2;
  const int32_t lengths[B] = {5, 3, 4, 1}, counts[B] = {2, 2, 0, 1}, blank = 1;
  const Labels classes = {0, 2, 0, 2, 0, 2, 2, 2};  // [N, B]: 00, 22 (needs a blank), none, 2
  Random random(13);
  Buffer logits = random.buffer(T * B * C, 2), weights(B, 1.0f);
  weights[2] = 0.5f;
  std::vector<double> x(logits.begin(), logits.end());
  auto cost = [&](size_t b) {
    Labels wanted;
    for (int32_t n = 0; n < counts[b]; n++)
      wanted.push_back(classes[static_cast<size_t>(n) * B + b]);
    std::vector<double> logs;
    for (const Labels& path : all(static_cast<size_t>(lengths[b]), C)) {
      if (said(path, blank) != wanted) continue;
      double sum = 0;
      for (size_t t = 0; t < path.size(); t++) {
        const size_t row = (t * B + b) * C;
        sum += x[row + static_cast<size_t>(path[t])] - log_of_sum({x[row], x[row + 1], x[row + 2]});
      }
      logs.push_back(sum);
    }
    return -log_of_sum(logs);
  };
  auto loss = [&] {
    double sum = 0, all_weights = 0;
    for (size_t b = 0; b < B; b++) {
      const double labels = counts[b] > 1 ? counts[b] : 1;
      sum += weights[b] * cost(b) / (reduction == GF_CTC_LABEL_MEAN ? labels : 1);
      all_weights += weights[b];
    }
    return reduction == GF_CTC_SUM ? sum : sum / all_weights;
  };
  std::vector<double> gradient;
  for (size_t i = 0; i < x.size(); i++) gradient.push_back(slope(x, i, loss));
  const gf_ctc ctc = {T, B, C, N, blank, reduction, 0};
  Engine engine(threads, isa);
  Buffer value(1), dlogits(logits.size());
  CHECK_OK(gf_ctc_loss(engine, &ctc, logits.data(), lengths, classes.data(), counts, weights.data(),
                       value.data(), dlogits.data()));
  CHECK_CLOSE(value, std::vector<double>{loss()}, 1e-6);
  CHECK_CLOSE(dlogits, gradient, 1e-5);
  CHECK(value.guards_intact() && dlogits.guards_intact());
}

}  // namespace

int main() {
  for (const std::string& isa : check::isas()) {
    for (int threads : {1, 3}) {
      test_crf(isa, threads);
      for (int32_t reduction : {GF_CTC_ROW_MEAN, GF_CTC_LABEL_MEAN, GF_CTC_SUM}) {
        test_ctc(isa, threads, reduction);
      }
    }
  }
  return check::finish("labels_test");
}
