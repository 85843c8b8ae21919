package org.gatefold.recipe.baseline.series;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.gatefold.data.transform.SeriesTransform;
import org.gatefold.data.transform.TransformChain;
import org.gatefold.recipe.baseline.series.LaggedRegression.Terms;

/**
 * The simple forecasts that a series may be forecast by: of the series, of its logarithm or, where that is not to be had, of its square root,
 * and of the changes of these, autoregressions, regressions on lags about the season and on its waves, exponential smoothing, Theta, and
 * no change; where other columns are known ahead, regressions on these beside lags and waves, too. All forms of one kind count together half
 * as much as a method by itself, before anything is known.
 */
final class Candidates {
    private static final double TOGETHER = 0.5;

    private static final double[][] NONE = {};

    /** The highest order that an autoregression may choose, as that which models are compared with. */
    private static final int MOST_ORDER = 36;

    /** Rows without which no order is chosen. */
    private static final int FEWEST_TO_CHOOSE = 10;

    /** Orders of autoregressions, besides those that a period suggests. */
    private static final int[] ORDERS = {1, 2, 3, 4, 6, 8, 12, 18, 24, 36};

    /** The highest order that a period suggests: a year of weeks and a row. */
    private static final int MOST_SUGGESTED = 53;

    /** Orders for long series, such as of hours, where a week tells more than a day; they take longest, and go with the fewest transforms. */
    private static final int[] HIGH_ORDERS = {72, 168};

    /** Orders of autoregressions that are shrunk. */
    private static final int[] SHRUNK_ORDERS = {6, 13, 26};

    private static final double SHRINKAGE = 5;

    /** Orders of autoregressions beside waves. */
    private static final int[] ORDERS_BESIDE_WAVES = {0, 1, 2, 4, 8};

    private static final int[] WAVES = {1, 2, 3, 6};

    /** The most rows just before, and about a season earlier, that a regression on both has. */
    private static final int MOST_ABOUT_SEASON = 3;

    /** Rows just before that a regression on several seasons has. */
    private static final int BEFORE_SEASONS = 6;

    /** Seasons that make a longer one, as days make weeks. */
    private static final int SEASONS_TOGETHER = 7;

    /** Equations that each weight of a regression must have. */
    private static final int ROWS_A_WEIGHT = 3;

    /** Equations that each weight of a regression far back must have. */
    private static final int ROWS_A_HIGH_WEIGHT = 20;

    /** Equations that each weight of a regression on several seasons must have. */
    private static final int ROWS_A_FAR_WEIGHT = 10;

    /** Rows before its own of which what is known ahead may tell. */
    private static final int BACK = 1;

    /** The shortest season of whose waves and lags there are fewer than values. */
    private static final int SHORTEST_SEASON = 3;

    private final List<Candidate> all = new ArrayList<>();
    private final double[][] known;
    private final int fitted;
    private final int[] periods;

    private Candidates(double[][] known, int fitted, int... periods) {
        this.known = known;
        this.fitted = fitted;
        this.periods = periods;
    }

    /**
     * The candidates for a series.
     *
     * @param series the training part
     * @param known {@code [column][row]}, columns that are known ahead; may be none
     * @param fitted the fewest rows that they will be fitted to
     * @param periods rows in a season, each at least 2; none for no season
     */
    static List<Candidate> of(double[] series, double[][] known, int fitted, int... periods) {
        Candidates candidates = new Candidates(known, fitted, periods);
        candidates.add(List.of());
        if (Arrays.stream(series).allMatch(value -> value > 0)) {
            candidates.add(List.of(new SeriesTransform.Log()));
        } else if (Arrays.stream(series).allMatch(value -> value >= 0)) {
            candidates.add(List.of(new SeriesTransform.SquareRoot()));
        }
        return candidates.all;
    }

    /** Methods of a series in a scale. */
    private void add(List<SeriesTransform> scale) {
        TransformChain level = chain(scale);
        TransformChain changes = chain(scale, 1);
        addArma(level, 1);
        addArma(changes, 1);
        for (TransformChain transforms : List.of(level, changes)) {
            addAutoregressions(
                    transforms,
                    scale.isEmpty(),
                    IntStream.concat(
                            Arrays.stream(periods), Arrays.stream(periods).map(period -> period + 1)));
            for (int period : periods) {
                addWaves(transforms, period, false);
                addSeasonalLags(transforms, period);
            }
        }
        for (int period : periods) {
            addWaves(level, period, true);
            for (TransformChain transforms : List.of(chain(scale, period), chain(scale, period, 1))) {
                addAutoregressions(transforms, false, IntStream.of(period, period + 1));
                addSeasonalLags(transforms, period);
                addArma(transforms, period);
            }
        }
        if (known.length > 0) {
            addBesideKnown(scale, level, changes);
        }
        if (fitted >= FEWEST_TO_CHOOSE) {
            add(level, 1, (values, rows) -> Autoregression.choose(values, rows, MOST_ORDER));
        }
        for (int period : periods.length == 0 ? new int[] {1} : periods) {
            if (fitted >= Theta.FEWEST) {
                add(level, 1, (values, rows) -> Theta.fit(values, rows, period));
            }
        }
        for (int period :
                IntStream.concat(IntStream.of(1), Arrays.stream(periods)).toArray()) {
            if (fitted >= ExponentialSmoothing.fewestRows(period)) {
                add(level, 1, (values, rows) -> ExponentialSmoothing.fit(values, rows, period));
            }
        }
    }

    private static TransformChain chain(List<SeriesTransform> scale, int... lags) {
        List<SeriesTransform> steps = new ArrayList<>(scale);
        Arrays.stream(lags).mapToObj(SeriesTransform.Difference::new).forEach(steps::add);
        return new TransformChain(steps);
    }

    private void add(TransformChain transforms, double trust, BiFunction<double[], Integer, SeriesBaseline> fit) {
        all.add(new Candidate(transforms, trust, fit));
    }

    private int room(TransformChain transforms) {
        return fitted - transforms.lost();
    }

    /**
     * Autoregressions of all orders that the rows allow, some of them shrunk; of order 0, what transforms leave is forecast as 0.
     *
     * @param far whether high orders are among them
     */
    private void addAutoregressions(TransformChain transforms, boolean far, IntStream suggested) {
        int room = room(transforms);
        IntStream few = IntStream.concat(Arrays.stream(ORDERS), suggested.filter(order -> order <= MOST_SUGGESTED))
                .filter(order -> ROWS_A_WEIGHT * (order + 1) <= room - order);
        IntStream high = far
                ? Arrays.stream(HIGH_ORDERS).filter(order -> ROWS_A_HIGH_WEIGHT * (order + 1) <= room - order)
                : IntStream.empty();
        IntStream none = transforms.steps().isEmpty() || room < 1 ? IntStream.empty() : IntStream.of(0);
        int[] orders =
                IntStream.concat(none, IntStream.concat(few, high)).distinct().toArray();
        for (int order : orders) {
            add(
                    transforms,
                    TOGETHER / orders.length,
                    (values, rows) -> order == 0 ? Autoregression.of(0) : Autoregression.fit(values, rows, order));
        }
        addRegressions(
                transforms,
                Arrays.stream(SHRUNK_ORDERS)
                        .filter(order -> 2 * order + 2 <= room)
                        .mapToObj(order -> Terms.lags(IntStream.rangeClosed(1, order)))
                        .toList(),
                SHRINKAGE);
    }

    private void addWaves(TransformChain transforms, int period, boolean line) {
        List<Terms> forms = new ArrayList<>();
        for (int waves :
                Arrays.stream(WAVES).filter(waves -> waves <= period / 2).toArray()) {
            for (int order : ORDERS_BESIDE_WAVES) {
                Terms terms = new Terms(IntStream.rangeClosed(1, order).toArray(), period, waves, line);
                if (period >= SHORTEST_SEASON && has(ROWS_A_WEIGHT, transforms, terms)) {
                    forms.add(terms);
                }
            }
        }
        addRegressions(transforms, forms, 0);
    }

    /** Regressions on the rows just before and those about a season earlier, and on several seasons. */
    private void addSeasonalLags(TransformChain transforms, int period) {
        if (period <= SHORTEST_SEASON) {
            return;
        }
        List<Terms> forms = new ArrayList<>();
        for (int few = 1; few <= MOST_ABOUT_SEASON; few++) {
            Terms terms = Terms.lags(IntStream.concat(
                    IntStream.rangeClosed(1, few), IntStream.rangeClosed(period - few + 1, period + few)));
            if (has(ROWS_A_WEIGHT, transforms, terms)) {
                forms.add(terms);
            }
        }
        int week = SEASONS_TOGETHER * period;
        Terms several = Terms.lags(IntStream.concat(
                IntStream.rangeClosed(1, BEFORE_SEASONS),
                IntStream.of(period - 1, period, period + 1, 2 * period, 2 * period + 1, week - 1, week, week + 1)));
        if (several.reach() <= room(transforms) / 4 && has(ROWS_A_FAR_WEIGHT, transforms, several)) {
            forms.add(several);
        }
        addRegressions(transforms, forms, 0);
    }

    /** Regressions on what is known ahead: beside lags, also of the row before; and with a season beside its waves, or of changes against it. */
    private void addBesideKnown(List<SeriesTransform> scale, TransformChain level, TransformChain changes) {
        for (TransformChain transforms : List.of(level, changes)) {
            addBesideKnown(transforms, BACK, terms(1, 0));
            for (int period : periods) {
                for (int waves : WAVES) {
                    if (period >= SHORTEST_SEASON && waves <= period / 2) {
                        addBesideKnown(transforms, 0, terms(period, waves));
                    }
                }
            }
        }
        for (int period : periods) {
            addBesideKnown(chain(scale, period), 0, terms(1, 0));
        }
    }

    /** Lags of all orders beside waves. */
    private static List<Terms> terms(int period, int waves) {
        return Arrays.stream(ORDERS_BESIDE_WAVES)
                .mapToObj(order -> new Terms(IntStream.rangeClosed(1, order).toArray(), period, waves, false))
                .toList();
    }

    /** @param back the most rows before that count */
    private void addBesideKnown(TransformChain transforms, int back, List<Terms> beside) {
        addRegressions(
                transforms,
                IntStream.rangeClosed(0, back)
                        .boxed()
                        .flatMap(rows -> beside.stream().map(terms -> terms.beside(known.length, rows)))
                        .filter(terms -> has(ROWS_A_WEIGHT, transforms, terms))
                        .toList(),
                0);
    }

    /** With and without an autoregression; changes against both the season and the row before have no mean. */
    private void addArma(TransformChain transforms, int period) {
        if (room(transforms) < SeasonalArma.FEWEST + period) {
            return;
        }
        boolean centred = transforms.lost() <= period;
        for (boolean autoregressive : new boolean[] {false, true}) {
            add(
                    transforms,
                    TOGETHER,
                    (values, rows) -> SeasonalArma.fit(values, rows, period, centred, autoregressive));
        }
    }

    private boolean has(int rows, TransformChain transforms, Terms terms) {
        return rows * terms.count() <= room(transforms) - terms.reach();
    }

    private void addRegressions(TransformChain transforms, List<Terms> forms, double shrinkage) {
        double[][] columns = Transformed.known(transforms, known);
        for (Terms terms : forms) {
            add(
                    transforms,
                    TOGETHER / forms.size(),
                    (values, rows) -> LaggedRegression.fit(
                            values, rows, terms, shrinkage, terms.columns() == 0 ? NONE : columns));
        }
    }
}
