package org.gatefold.recipe.baseline.series;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A linear regression of a series on values of its own some rows earlier, on waves of a season, on a straight line and on other columns,
 * which are known of the rows that are forecast, fitted by least squares in double precision: an autoregression of chosen lags, a dynamic
 * harmonic regression (Hyndman and Athanasopoulos 2021, section 10.5), or one with exogenous inputs, ARX (Ljung 1999, section 4.2). Several
 * steps ahead it is iterated on its own forecasts.
 *
 * <p>Immutable as long as nobody writes the arrays.
 *
 * @param terms what it is a regression on
 * @param known {@code [column][row]}, the other columns, as far as they are known; none before they are told by {@link #knowing}
 * @param weights of 1 and of the terms, in their order: lags, cosine and sine of each wave, the row, each other column in its rows
 */
@SuppressWarnings("ArrayRecordComponent") // compared by identity alone
public record LaggedRegression(Terms terms, double[][] known, double... weights) implements SeriesBaseline {
    /**
     * What a series is explained by.
     *
     * @param lags rows back, at least 1 each, rising; may be none
     * @param period rows in a season; 1 for none
     * @param waves of 1, 2, … to a season, at most {@code period / 2}
     * @param line whether there is a straight line
     * @param columns others that are known of the rows that are forecast
     * @param back rows before its own whose values of these count, too
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by identity alone
    public record Terms(int[] lags, int period, int waves, boolean line, int columns, int back) {
        /** Without other columns. */
        public Terms(int[] lags, int period, int waves, boolean line) {
            this(lags, period, waves, line, 0, 0);
        }

        public Terms {
            lags = lags.clone();
            for (int i = 0; i < lags.length; i++) {
                if (lags[i] <= (i == 0 ? 0 : lags[i - 1])) {
                    throw new IllegalArgumentException(
                            "lags: expected rising numbers above 0, got " + Arrays.toString(lags));
                }
            }
            if (period < 1 || waves < 0 || waves > period / 2) {
                throw new IllegalArgumentException(
                        "period, waves: expected at least 1 and 0 to half of it, got " + period + ", " + waves);
            }
            if (columns < 0 || back < 0) {
                throw new IllegalArgumentException("columns, back: expected at least 0, got " + columns + ", " + back);
            }
        }

        /** These beside so many other columns. */
        Terms beside(int others, int rowsBack) {
            return new Terms(lags, period, waves, line, others, rowsBack);
        }

        /** Lags alone, in any order; each counts once, and those below 1 do not. */
        public static Terms lags(IntStream lags) {
            return new Terms(lags.filter(lag -> lag > 0).sorted().distinct().toArray(), 1, 0, false);
        }

        /** How many weights there are. */
        public int count() {
            int ofWaves = 2 * waves - (waves > 0 && 2 * waves == period ? 1 : 0);
            return 1 + lags.length + ofWaves + (line ? 1 : 0) + columns * (1 + back);
        }

        /** Rows that must be known before one: of the longest lag, or of other columns; 0 if none. */
        public int reach() {
            return Math.max(lags.length == 0 ? 0 : lags[lags.length - 1], columns == 0 ? 0 : back);
        }

        /** The values that weights belong to. */
        private double[] at(int row, double[][] known, IntToDoubleFunction series) {
            double[] values = new double[count()];
            int next = 0;
            values[next++] = 1;
            for (int lag : lags) {
                values[next++] = series.applyAsDouble(row - lag);
            }
            for (int wave = 1; wave <= waves; wave++) {
                // A whole number of turns is taken away first, so that the angle is exact in late rows.
                double angle = 2 * Math.PI * ((long) wave * row % period) / period;
                values[next++] = Math.cos(angle);
                if (2 * wave != period) {
                    values[next++] = Math.sin(angle);
                }
            }
            if (line) {
                values[next++] = row;
            }
            for (int column = 0; column < columns; column++) {
                for (int rows = 0; rows <= back; rows++) {
                    values[next++] = known[column][row - rows];
                }
            }
            return values;
        }
    }

    public LaggedRegression {
        if (weights.length != terms.count()) {
            throw new IllegalArgumentException("weights: expected " + terms.count() + ", got " + weights.length);
        }
    }

    /** One that is a regression on nothing else, or has yet to be told of it by {@link #knowing}. */
    public LaggedRegression(Terms terms, double... weights) {
        this(terms, new double[0][], weights);
    }

    @Override
    public LaggedRegression knowing(double[][] columns) {
        if (terms.columns() == 0) {
            return this;
        }
        if (columns.length != terms.columns()) {
            throw new IllegalArgumentException(
                    "columns: expected " + terms.columns() + " that are known ahead, got " + columns.length);
        }
        return new LaggedRegression(terms, columns, weights);
    }

    /**
     * Fits {@code series[0]} to {@code series[to - 1]}.
     *
     * @param to more than the longest lag
     * @param shrinkage rows without lagged values and answer that the weights of lags are fitted to beside, for each, in the deviation
     *     of the series (ridge regression, Hoerl and Kennard 1970); 0 for none
     */
    public static LaggedRegression fit(double[] series, int to, Terms terms, double shrinkage) {
        return fit(series, to, terms, shrinkage, new double[0][]);
    }

    /** @param known {@code [column][row]}, of which no row from {@code to} on is read, either; kept for forecasts */
    static LaggedRegression fit(double[] series, int to, Terms terms, double shrinkage, double[][] known) {
        if (to > series.length || to <= terms.reach()) {
            throw new IllegalArgumentException(
                    "rows: expected " + (terms.reach() + 1) + " to " + series.length + ", got " + to);
        }
        int equations = to - terms.reach();
        int shrunk = shrinkage > 0 ? terms.lags().length : 0;
        double[][] columns = new double[terms.count()][equations + shrunk];
        double[] right = new double[equations + shrunk];
        for (int i = 0; i < equations; i++) {
            int row = terms.reach() + i;
            double[] values = terms.at(row, known, earlier -> series[earlier]);
            for (int j = 0; j < values.length; j++) {
                columns[j][i] = values[j];
            }
            right[i] = series[row];
        }
        double size = shrunk == 0 ? 0 : Math.sqrt(shrinkage) * deviation(Arrays.copyOf(series, to));
        for (int i = 0; i < shrunk; i++) {
            columns[1 + i][equations + i] = size;
        }
        return new LaggedRegression(terms, known, LeastSquares.solve(columns, right));
    }

    /** A regression on nothing but columns that are known ahead, {@code [column][row]}, of which the rows of the series are looked at. */
    public static LaggedRegression onKnown(double[] series, double[][] known) {
        return fit(series, series.length, new Terms(new int[0], 1, 0, false, known.length, 0), 0, known);
    }

    private static double deviation(double... values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        return Math.sqrt(Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .average()
                .orElseThrow());
    }

    @Override
    public String name() {
        return "regression";
    }

    @Override
    public String detail() {
        int lags = terms.lags().length;
        return (lags == 0 ? "no lags" : lags + (lags == 1 ? " lag to " : " lags to ") + terms.reach())
                + (terms.waves() == 0
                        ? ""
                        : ", " + terms.waves() + (terms.waves() == 1 ? " wave" : " waves") + " of period "
                                + terms.period())
                + (terms.line() ? ", a line" : "")
                + (terms.columns() == 0
                        ? ""
                        : ", " + terms.columns() + (terms.columns() == 1 ? " column" : " columns") + " known ahead");
    }

    @Override
    public int before() {
        return Math.max(1, terms.reach());
    }

    /**
     * Forecasts from the values before {@code origin}, and from other columns until the last row that is forecast.
     *
     * @throws IllegalArgumentException if fewer values are known before {@code origin} than the longest lag, or of other columns fewer than
     *     are read
     */
    @Override
    public double[] forecast(double[] series, int origin, int horizon) {
        if (origin < terms.reach()) {
            throw new IllegalArgumentException(
                    "origin: expected at least " + terms.reach() + " rows before it, got " + origin);
        }
        if (known.length != terms.columns()
                || Arrays.stream(known).anyMatch(column -> column.length < origin + horizon)) {
            throw new IllegalArgumentException(
                    "columns: expected " + terms.columns() + " known of " + (origin + horizon)
                            + " rows, got " + known.length + " of "
                            + Arrays.stream(known)
                                    .mapToInt(column -> column.length)
                                    .min()
                                    .orElse(0));
        }
        double[] forecast = new double[horizon];
        for (int step = 0; step < horizon; step++) {
            double[] values =
                    terms.at(origin + step, known, row -> row >= origin ? forecast[row - origin] : series[row]);
            for (int j = 0; j < values.length; j++) {
                forecast[step] += weights[j] * values[j];
            }
        }
        return forecast;
    }
}
