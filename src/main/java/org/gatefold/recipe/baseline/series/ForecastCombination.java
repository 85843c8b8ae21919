package org.gatefold.recipe.baseline.series;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.gatefold.data.transform.SeriesTransform;
import org.gatefold.data.transform.TransformChain;

/**
 * A weighted mean of simple forecasts, which is seldom worse than the best of them and often better (Bates and Granger 1969).
 * Its {@link Candidates} have all methods that models are compared with among them.
 *
 * <p>Their weights follow from how they forecast the second half of the training part, or as much of it as leaves three seasons before, in
 * folds of which each is forecast by what is fitted to all before it. Where that tells little, of few rows, all count by a power of their
 * inverse squared error (Stock and Watson 2004) that grows with the number of forecasts, as their likelihood does; where it tells more,
 * those that are chosen one after the other, each time that one which makes the mean best (ensemble selection, Caruana 2004). Behind the
 * training part each forecast goes on to weigh by the errors of those before it, as far as what came is known. A member that needs more
 * rows before a forecast than there are, or the logarithm of what is not above 0, is left out there; where that goes for all of them,
 * the last value stands. No forecast goes beyond its {@link Bounds}.
 *
 * <p>Immutable and thread-safe.
 *
 * @param members at least one
 * @param rows of the training part
 * @param errors of each member that its squares are the sum of
 */
public record ForecastCombination(List<Member> members, int rows, int errors) implements OnePassBaseline {
    /** Members of less weight than this share of the largest are left out. */
    private static final double LEAST_WEIGHT = 0.001;

    /** Members that are told of. */
    private static final int MOST_TOLD = 4;

    /** Parts of the end of the training part, each forecast by what is fitted to all before it. */
    private static final int FOLDS = 4;

    /** Rows from which on half as many do: what is fitted changes little then. */
    private static final int MANY = 10_000;

    /** Errors of each candidate that are looked at; of more, as of long horizons, every second forecast is made, or every third, and so on. */
    private static final int MOST_ERRORS = 100_000;

    /** The least share of the training part that is forecast to find weights. */
    private static final double LEAST_FORECAST = 0.3;

    /** Seasons, and rows more, that what is fitted first should see. */
    private static final int SEASONS_BEFORE = 3;

    private static final int ROWS_MORE = 2;

    /** A training part shorter than this is forecast by its last value. */
    private static final int FEWEST = 8;

    /** A forecast of the mean, and what is known of it. */
    public record Member(Transformed method, Evidence evidence) {}

    public ForecastCombination {
        members = List.copyOf(members);
    }

    /**
     * Chooses members and fits them to {@code series[0]} to {@code series[to - 1]}; nothing behind is read.
     *
     * @param periods rows in a season, each at least 2, that the series may have; none for no season
     * @param horizon rows that are to be forecast
     */
    public static ForecastCombination fit(double[] series, int to, int[] periods, int horizon) {
        return fit(series, new double[0][], to, periods, horizon);
    }

    /**
     * As {@link #fit(double[], int, int[], int)}, with other columns that are known of the rows that are forecast.
     *
     * @param known {@code [column][row]}, at least until {@code to}, of which nothing behind is read, either; kept for forecasts
     */
    public static ForecastCombination fit(double[] series, double[][] known, int to, int[] periods, int horizon) {
        List<Fold> folds =
                to < FEWEST ? List.of() : folds(to, Arrays.stream(periods).min().orElse(0), horizon);
        if (folds.isEmpty()) {
            Transformed unchanged =
                    new Transformed(TransformChain.of(new SeriesTransform.Difference(1)), Autoregression.of(0));
            return new ForecastCombination(List.of(new Member(unchanged, new Evidence(1, 0, 1))), to, 0);
        }
        List<Candidate> candidates =
                Candidates.of(Arrays.copyOf(series, to), known, folds.get(0).fitted(), periods);
        Bounds bounds = new Bounds(series, to, horizon);
        double[][] errors = candidates.stream()
                .map(candidate -> folds.stream()
                        .map(fold -> errors(
                                series, candidate.fitted(series, fold.fitted()), bounds, horizon, fold.origins()))
                        .flatMapToDouble(Arrays::stream)
                        .toArray())
                .toArray(double[][]::new);
        int count = errors[0].length / horizon;
        List<Evidence> evidence =
                Evidence.of(candidates.stream().mapToDouble(Candidate::trust).toArray(), horizon, errors);
        double[] weights = Evidence.weights(evidence, count);
        double largest = Arrays.stream(weights).max().orElseThrow();
        List<Member> members = IntStream.range(0, weights.length)
                .filter(i -> weights[i] >= LEAST_WEIGHT * largest)
                .mapToObj(i -> new Member(candidates.get(i).fitted(series, to), evidence.get(i)))
                .toList();
        return new ForecastCombination(members, to, count);
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
        int seasons = period == 0 ? 0 : SEASONS_BEFORE * period + ROWS_MORE;
        int begin = Math.max(to - to / 2, Math.min(to - (int) (LEAST_FORECAST * to), seasons));
        int count = to < MANY ? FOLDS : FOLDS / 2;
        int stride = 1 + (int) ((long) (to - begin) * horizon / MOST_ERRORS);
        List<Fold> folds = new ArrayList<>();
        for (int fold = 0; fold < count; fold++) {
            int from = begin + (to - begin) * fold / count;
            int end = Math.min(begin + (to - begin) * (fold + 1) / count, to - horizon + 1);
            if (from < end) {
                folds.add(new Fold(
                        from,
                        IntStream.iterate(from, origin -> origin < end, origin -> origin + stride)
                                .toArray()));
            }
        }
        return folds;
    }

    private static double[] errors(double[] series, Transformed method, Bounds bounds, int horizon, int... origins) {
        double[][] forecasts = method.forecasts(series, origins, horizon);
        bounds.keep(origins, forecasts);
        double[] errors = new double[origins.length * horizon];
        for (int i = 0; i < errors.length; i++) {
            errors[i] = forecasts[i / horizon][i % horizon] - series[origins[i / horizon] + i % horizon];
        }
        return errors;
    }

    @Override
    public ForecastCombination knowing(double[][] columns) {
        return new ForecastCombination(
                members.stream()
                        .map(member -> new Member(member.method().knowing(columns), member.evidence()))
                        .toList(),
                rows,
                errors);
    }

    private List<Evidence> evidence() {
        return members.stream().map(Member::evidence).toList();
    }

    @Override
    public String name() {
        return "combination";
    }

    @Override
    public String detail() {
        double[] weights = Evidence.weights(evidence(), errors);
        double all = Arrays.stream(weights).sum();
        String told = IntStream.range(0, weights.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -weights[i]))
                .limit(MOST_TOLD)
                .map(i -> String.format(
                        Locale.ROOT,
                        "%.0f %% %s (%s)",
                        100 * weights[i] / all,
                        members.get(i).method().name(),
                        members.get(i).method().detail()))
                .collect(Collectors.joining(", "));
        int more = members.size() - MOST_TOLD;
        return told + (more > 0 ? ", " + more + " more" : "");
    }

    @Override
    public double[][] forecasts(double[] series, int[] origins, int horizon) {
        if (origins.length == 0) {
            return new double[0][];
        }
        int last = Arrays.stream(origins).max().orElseThrow();
        Bounds bounds = new Bounds(series, last, horizon);
        // Origins of forecasts of which all has come before the last.
        int[] watched = errors >= Evidence.ALL_SELECTED
                ? new int[0]
                : IntStream.rangeClosed(rows, last - horizon).toArray();
        double[][] squares = new double[members.size()][];
        double[][][] forecasts = new double[members.size()][][];
        for (int i = 0; i < forecasts.length; i++) {
            Transformed method = members.get(i).method();
            squares[i] = squares(series, method, bounds, horizon, watched);
            forecasts[i] = forecasts(series, method, bounds, horizon, origins);
        }
        List<Evidence> evidence = evidence();
        double[][] means = new double[origins.length][];
        for (int k = 0; k < means.length; k++) {
            int place = k;
            int seen = Math.max(0, Math.min(watched.length, origins[k] - horizon - rows + 1));
            double[] weights = Evidence.weights(
                    evidence,
                    errors,
                    Arrays.stream(squares).mapToDouble(each -> each[seen]).toArray(),
                    seen);
            double[][] each = Arrays.stream(forecasts).map(all -> all[place]).toArray(double[][]::new);
            means[k] = mean(weights, horizon, series[origins[k] - 1], each);
        }
        return means;
    }

    /** Forecasts from those origins from which a method can; null from the others. */
    private static double[][] forecasts(
            double[] series, Transformed method, Bounds bounds, int horizon, int... origins) {
        int end = method.end(series);
        int[] places = IntStream.range(0, origins.length)
                .filter(k -> origins[k] >= method.before() && origins[k] <= end)
                .toArray();
        int[] able = Arrays.stream(places).map(k -> origins[k]).toArray();
        double[][] forecasts = method.forecasts(series, able, horizon);
        bounds.keep(able, forecasts);
        double[][] all = new double[origins.length][];
        for (int i = 0; i < places.length; i++) {
            all[places[i]] = forecasts[i];
        }
        return all;
    }

    /** Sums of squared errors, the mean over steps, of the first forecasts: of none, of one, and so on. */
    private static double[] squares(double[] series, Transformed method, Bounds bounds, int horizon, int... origins) {
        double[][] forecasts = forecasts(series, method, bounds, horizon, origins);
        double[] sums = new double[origins.length + 1];
        for (int i = 0; i < origins.length; i++) {
            sums[i + 1] = sums[i];
            for (int step = 0; forecasts[i] != null && step < horizon; step++) {
                double error = forecasts[i][step] - series[origins[i] + step];
                sums[i + 1] += error * error / horizon;
            }
        }
        return sums;
    }

    /** The weighted mean of the forecasts that are there; a value if none is. */
    private static double[] mean(double[] weights, int horizon, double otherwise, double[]... forecasts) {
        double[] sums = new double[horizon];
        double taken = 0;
        for (int i = 0; i < weights.length; i++) {
            if (forecasts[i] != null) {
                taken += weights[i];
                for (int step = 0; step < horizon; step++) {
                    sums[step] += weights[i] * forecasts[i][step];
                }
            }
        }
        double all = taken;
        return Arrays.stream(sums).map(sum -> all == 0 ? otherwise : sum / all).toArray();
    }
}
