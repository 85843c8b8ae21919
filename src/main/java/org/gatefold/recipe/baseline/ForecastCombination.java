package org.gatefold.recipe.baseline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gatefold.data.transform.SeriesTransform;
import org.gatefold.data.transform.TransformChain;

/**
 * A weighted mean of simple forecasts, which is seldom worse than the best of them and often better (Bates and Granger 1969).
 * Its members are linear autoregressions, exponential smoothings and Theta methods of the series, of its logarithm and of its changes.
 * Their weights follow from how they forecast the second half of the training part, or as much of it as leaves three seasons before, in
 * folds of which each is forecast by what is fitted to all before it. Where that tells little, of few rows, all count by a power of their
 * inverse squared error (Stock and Watson 2004), all orders of an autoregression together half as much as one other method; where it
 * tells more, those that are chosen one after the other, each time that one which makes the mean best (ensemble selection, Caruana
 * 2004). A member that needs more rows before a forecast than there are, or the logarithm of what is not above 0, is left out there; where
 * that goes for all of them, the last value stands.
 *
 * <p>Immutable and thread-safe.
 *
 * @param members with their weights, above 0
 */
public record ForecastCombination(Map<Transformed, Double> members) implements SeriesBaseline {
    /** The power of the mean squared error by which a member loses weight. */
    private static final int POWER = 6;

    /** How often a member is selected. */
    private static final int ROUNDS = 8;

    /** Errors of a candidate from which on selection alone counts. */
    private static final double ALL_SELECTED = 800;

    /** Members of less weight than this share of the largest are left out. */
    private static final double LEAST_WEIGHT = 0.02;

    /** Members that are told of. */
    private static final int MOST_TOLD = 4;

    /** Parts of the end of the training part, each forecast by what is fitted to all before it. */
    private static final int FOLDS = 4;

    /** The least share of the training part that is forecast to find weights. */
    private static final double LEAST_FORECAST = 0.3;

    /** Seasons, and rows more, that what is fitted first should see. */
    private static final int SEASONS_BEFORE = 3;

    private static final int ROWS_MORE = 2;

    /** What all orders of an autoregression count together before anything is known, beside 1 of any other method. */
    private static final double ORDERS_TOGETHER = 0.5;

    /** A training part shorter than this is forecast by its last value. */
    private static final int FEWEST = 8;

    /** Orders of autoregressions, besides those that a period suggests. */
    private static final int[] ORDERS = {1, 2, 3, 4, 6, 8, 12, 18, 24, 36};

    /** Equations that each weight of an autoregression must have. */
    private static final int ROWS_A_WEIGHT = 3;

    /** Orders for long series, such as of hours, where a week tells more than a day. */
    private static final int[] HIGH_ORDERS = {72, 168};

    /** Equations that each weight of such an autoregression must have. */
    private static final int ROWS_A_HIGH_WEIGHT = 20;

    public ForecastCombination {
        members = new LinkedHashMap<>(members);
    }

    /**
     * A way to fit a member to the first rows of a series.
     *
     * @param trust its weight before anything is known
     */
    private record Candidate(
            TransformChain transforms, double trust, BiFunction<double[], Integer, SeriesBaseline> fit) {
        Transformed fitted(double[] series, int to) {
            double[] transformed = transforms.apply(Arrays.copyOf(series, to));
            return new Transformed(transforms, fit.apply(transformed, transformed.length));
        }
    }

    /**
     * Chooses members and fits them to {@code series[0]} to {@code series[to - 1]}; nothing behind is read.
     *
     * @param period rows in a season; 1 for none
     * @param horizon rows that are to be forecast
     */
    public static ForecastCombination fit(double[] series, int to, int period, int horizon) {
        Transformed unchanged =
                new Transformed(TransformChain.of(new SeriesTransform.Difference(1)), Autoregression.of(0));
        List<Fold> folds = to < FEWEST ? List.of() : folds(to, period, horizon);
        if (folds.isEmpty()) {
            return new ForecastCombination(Map.of(unchanged, 1.0));
        }
        List<Candidate> candidates =
                candidates(Arrays.copyOf(series, to), folds.get(0).fitted(), period);
        List<double[]> errors = new ArrayList<>();
        for (Candidate candidate : candidates) {
            errors.add(folds.stream()
                    .map(fold -> errors(
                            series,
                            fold.origins(),
                            candidate.fitted(series, fold.fitted()).forecasts(series, fold.origins(), horizon)))
                    .flatMapToDouble(Arrays::stream)
                    .toArray());
        }
        double[] weights = weights(
                errors, candidates.stream().mapToDouble(Candidate::trust).toArray());
        double largest = Arrays.stream(weights).max().orElseThrow();
        Map<Transformed, Double> members = new LinkedHashMap<>();
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] >= LEAST_WEIGHT * largest) {
                members.merge(candidates.get(i).fitted(series, to), weights[i], Double::sum);
            }
        }
        return new ForecastCombination(members);
    }

    private static List<Candidate> candidates(double[] series, int fitted, int period) {
        List<List<SeriesTransform>> scales = new ArrayList<>(List.of(List.of()));
        if (Arrays.stream(series).allMatch(value -> value > 0)) {
            scales.add(List.of(new SeriesTransform.Log()));
        }
        List<Candidate> candidates = new ArrayList<>();
        for (List<SeriesTransform> scale : scales) {
            List<SeriesTransform> changes = new ArrayList<>(scale);
            changes.add(new SeriesTransform.Difference(1));
            add(candidates, new TransformChain(scale), fitted, period);
            add(candidates, new TransformChain(changes), fitted, period);
            if (period > 1) {
                List<SeriesTransform> seasonal = new ArrayList<>(scale);
                seasonal.add(new SeriesTransform.Difference(period));
                add(candidates, new TransformChain(seasonal), fitted, period);
                seasonal.add(new SeriesTransform.Difference(1));
                add(candidates, new TransformChain(seasonal), fitted, period);
            }
            if (fitted >= Theta.FEWEST) {
                candidates.add(
                        new Candidate(new TransformChain(scale), 1, (values, rows) -> Theta.fit(values, rows, period)));
            }
            for (int season : period == 1 ? new int[] {1} : new int[] {1, period}) {
                if (fitted >= ExponentialSmoothing.fewestRows(season)) {
                    candidates.add(new Candidate(
                            new TransformChain(scale),
                            1,
                            (values, rows) -> ExponentialSmoothing.fit(values, rows, season)));
                }
            }
        }
        return candidates;
    }

    /** Autoregressions of all orders that the rows allow, and the mean alone. */
    private static void add(List<Candidate> candidates, TransformChain transforms, int fitted, int period) {
        IntStream few = IntStream.concat(
                        Arrays.stream(ORDERS), period == 1 ? IntStream.empty() : IntStream.of(period, period + 1))
                .filter(order -> ROWS_A_WEIGHT * (order + 1) <= fitted - transforms.lost() - order);
        IntStream high = Arrays.stream(HIGH_ORDERS)
                .filter(order -> ROWS_A_HIGH_WEIGHT * (order + 1) <= fitted - transforms.lost() - order);
        int[] orders = IntStream.concat(few, high).distinct().toArray();
        for (int order : orders) {
            candidates.add(new Candidate(
                    transforms,
                    ORDERS_TOGETHER / orders.length,
                    (values, rows) -> Autoregression.fit(values, rows, order)));
        }
        if (!transforms.steps().isEmpty() && fitted > transforms.lost()) {
            candidates.add(new Candidate(transforms, 1, (values, rows) -> Autoregression.of(0)));
        }
    }

    /**
     * Rows that are forecast to find weights.
     *
     * @param fitted rows of the series that members are fitted to for that
     * @param origins the first row of each forecast
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Fold(int fitted, int... origins) {}

    /** The folds that have an origin; none if all that is known is shorter than the horizon. */
    private static List<Fold> folds(int to, int period, int horizon) {
        int seasons = period == 1 ? 0 : SEASONS_BEFORE * period + ROWS_MORE;
        int begin = Math.max(to - to / 2, Math.min(to - (int) (LEAST_FORECAST * to), seasons));
        List<Fold> folds = new ArrayList<>();
        for (int fold = 0; fold < FOLDS; fold++) {
            int from = begin + (to - begin) * fold / FOLDS;
            int end = Math.min(begin + (to - begin) * (fold + 1) / FOLDS, to - horizon + 1);
            if (from < end) {
                folds.add(new Fold(from, IntStream.range(from, end).toArray()));
            }
        }
        return folds;
    }

    private static double[] errors(double[] series, int[] origins, double[]... forecasts) {
        int horizon = forecasts[0].length;
        double[] errors = new double[origins.length * horizon];
        for (int i = 0; i < errors.length; i++) {
            errors[i] = forecasts[i / horizon][i % horizon] - series[origins[i / horizon] + i % horizon];
        }
        return errors;
    }

    /**
     * Weights that add up to 1: by the inverse of squares, and the more errors there are the more by selection.
     *
     * @param errors of each candidate, as many
     * @param trust in each candidate before anything is known
     */
    static double[] weights(List<double[]> errors, double... trust) {
        double[] squares = errors.stream()
                .mapToDouble(
                        each -> Arrays.stream(each).map(error -> error * error).sum())
                .toArray();
        double least = Arrays.stream(squares)
                .filter(Double::isFinite)
                .min()
                .orElseThrow(() -> new IllegalArgumentException("series: expected numbers whose squares are finite"));
        double[] inverse = new double[squares.length];
        Arrays.setAll(
                inverse,
                i -> squares[i] == least
                        ? trust[i]
                        : Double.isFinite(squares[i]) ? trust[i] * Math.pow(least / squares[i], POWER) : 0);
        double all = Arrays.stream(inverse).sum();
        int[] taken = taken(errors);
        int count = errors.get(0).length;
        double selected = Math.min(1, count / ALL_SELECTED);
        double[] weights = new double[inverse.length];
        Arrays.setAll(weights, i -> (1 - selected) * inverse[i] / all + selected * taken[i] / ROUNDS);
        return weights;
    }

    /** How often each is taken, one after the other, each time that one which makes the mean best. */
    private static int[] taken(List<double[]> errors) {
        double[] sum = new double[errors.get(0).length];
        int[] taken = new int[errors.size()];
        for (int round = 1; round <= ROUNDS; round++) {
            int best = -1;
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < taken.length; i++) {
                double squares = 0;
                for (int k = 0; k < sum.length; k++) {
                    double mean = (sum[k] + errors.get(i)[k]) / round;
                    squares += mean * mean;
                }
                if (squares < least) {
                    least = squares;
                    best = i;
                }
            }
            taken[best]++;
            for (int k = 0; k < sum.length; k++) {
                sum[k] += errors.get(best)[k];
            }
        }
        return taken;
    }

    @Override
    public String name() {
        return "combination";
    }

    @Override
    public String detail() {
        double all = members.values().stream().mapToDouble(Double::doubleValue).sum();
        String told = members.entrySet().stream()
                .sorted(Comparator.comparingDouble(member -> -member.getValue()))
                .limit(MOST_TOLD)
                .map(member -> String.format(
                        Locale.ROOT,
                        "%.0f %% %s (%s)",
                        100 * member.getValue() / all,
                        member.getKey().name(),
                        member.getKey().detail()))
                .collect(Collectors.joining(", "));
        int more = members.size() - MOST_TOLD;
        return told + (more > 0 ? ", " + more + " more" : "");
    }

    @Override
    public double[] forecast(double[] series, int origin, int horizon) {
        return forecasts(series, new int[] {origin}, horizon)[0];
    }

    @Override
    public double[][] forecasts(double[] series, int[] origins, int horizon) {
        double[][] sums = new double[origins.length][horizon];
        double[] taken = new double[origins.length];
        members.forEach((member, weight) -> {
            int end = member.end(series);
            int[] able = IntStream.range(0, origins.length)
                    .filter(i -> origins[i] >= member.before() && origins[i] <= end)
                    .toArray();
            double[][] forecasts = member.forecasts(
                    series, Arrays.stream(able).map(i -> origins[i]).toArray(), horizon);
            for (int i = 0; i < able.length; i++) {
                taken[able[i]] += weight;
                for (int step = 0; step < horizon; step++) {
                    sums[able[i]][step] += weight * forecasts[i][step];
                }
            }
        });
        for (int i = 0; i < sums.length; i++) {
            for (int step = 0; step < horizon; step++) {
                sums[i][step] = taken[i] == 0 ? series[origins[i] - 1] : sums[i][step] / taken[i];
            }
        }
        return sums;
    }
}
