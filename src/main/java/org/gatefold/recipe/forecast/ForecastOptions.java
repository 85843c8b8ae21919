package org.gatefold.recipe.forecast;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.gatefold.data.transform.Scaler;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;

/** The options of forecasts. Stateless. */
final class ForecastOptions {
    private static final String NO_INTERVALS = "none";

    static final Option<String[]> COLUMN = Option.texts(
                    "column",
                    "NAMES",
                    "The column to forecast, or several, separated by commas, which one network forecasts together; need not be named if it is"
                            + " the only one of numbers.")
            .expecting(
                    "names, none of them twice",
                    names -> names.length > 0 && Arrays.stream(names).distinct().count() == names.length);
    static final Option<String> SERIES = Option.text(
            "series-column",
            "NAME",
            "The column that names the series that a row belongs to, in files of several series; one network forecasts all of them,"
                    + " each in a scale of its own, and the first rows of each are trained on.");
    static final Option<String[]> FEATURES =
            Option.texts("features", "NAMES", "Further columns that the model reads, separated by commas.");
    static final Option<String[]> KNOWN = Option.texts(
            "known",
            "NAMES",
            "Columns of numbers that are known beforehand, such as holidays or prices, separated by commas: the model reads them in the rows"
                    + " that it forecasts too. For predict they stand in rows behind the last value of --column.");
    static final Option<String> DATES = Option.text("date-column", "NAME", "The column of dates.");
    static final Option<Integer> WINDOW = atLeast(
            1,
            "window",
            "N",
            "Rows that the model reads; 60, or a quarter of the rows to train on if these are fewer than 240.");
    static final Option<Integer> HORIZON =
            atLeast(1, "horizon", "K", "Rows that it forecasts.").or(1);
    static final Option<Strategy> STRATEGY = Option.choice(
                    "strategy",
                    "KIND",
                    Strategy.class,
                    "How several rows are forecast: direct, all at once, or recursive, one after the other, each read as if it had come.")
            .orAlways(Strategy.DIRECT);
    static final Option<Boolean> LOG = Option.flag("log", "Take the logarithm.");
    static final Option<Boolean> SQRT = Option.flag("sqrt", "Take the square root.");
    static final Option<Integer> SEASONAL_DIFF =
            atLeast(1, "seasonal-diff", "P", "Take the change against P rows earlier.");
    static final Option<Boolean> DIFF = Option.flag("diff", "Take the change against the row before.");
    static final Option<Boolean> CALENDAR =
            Option.flag("calendar", "Read the position within year, week and day too; needs --date-column.");
    static final Option<Scaler.Kind> SCALE = Option.choice(
                    "scale", "KIND", Scaler.Kind.class, "standard, minmax or none, fitted to the training part.")
            .or(Scaler.Kind.STANDARD);
    static final Option<Answer> TARGET = Option.choice(
            "target",
            "KIND",
            Answer.class,
            "What the model answers: the change against the last value, or the level; change, unless --diff.");
    static final Option<Integer> PERIOD = Option.integer(
                    "period", "P", "Rows in a season, for the seasonal baseline; 0 to find it.")
            .expecting("at least 2", period -> period == 0 || period >= 2)
            .or(0);

    static final Option<String[]> INTERVALS = Option.texts(
                    "intervals",
                    "SHARES",
                    "Shares of what comes that intervals round the forecasts are to hold, such as 0.5,0.9; none for no"
                            + " intervals. They are calibrated on the rows held back.")
            .expecting("shares above 0 and below 1, such as 0.8,0.95, or none", ForecastOptions::areLevels)
            .or(new String[] {"0.8", "0.95"})
            .formerly(new String[] {NO_INTERVALS});

    static final Option<String[]> QUANTILES = Option.texts(
                    "quantiles",
                    "SHARES",
                    "The network learns what these shares of what comes are below, such as 0.05,0.5,0.95, in place of intervals"
                            + " calibrated on the rows held back.")
            .expecting(
                    "rising shares above 0 and below 1, such as 0.05,0.5,0.95",
                    shares -> shares.length == 0 || (!areNone(shares) && areLevels(shares) && areRising(shares)));
    static final Option<Distribution> DISTRIBUTION = Option.choice(
            "distribution",
            "KIND",
            Distribution.class,
            "The network learns a distribution, gaussian or student-t of 5 degrees of freedom, whose middle is the forecast and from which"
                    + " --intervals are taken.");
    static final Option<Boolean> ALONE =
            Option.flag("alone", "The network forecasts by itself, and not what linear forecasts leave over.");

    /** The distribution that a network learns. */
    enum Distribution {
        GAUSSIAN,
        STUDENT_T
    }

    static final Option<Integer> BUDGET = Option.integer(
                    "budget",
                    "SECONDS",
                    "How long other preparations (logarithm, square root, seasonal changes, windows, sizes) are tried on the training part"
                            + " before the run; 0 for not.")
            .atLeast(0)
            .orAlways(0);

    /** How several rows are forecast. */
    enum Strategy {
        DIRECT,
        RECURSIVE
    }

    /** What the model answers. */
    enum Answer {
        CHANGE,
        LEVEL
    }

    private ForecastOptions() {}

    private static Option<Integer> atLeast(int least, String name, String label, String description) {
        return Option.integer(name, label, description).expecting("at least " + least, value -> value >= least);
    }

    /** Shares of what comes that intervals are to hold. */
    static double[] levels(Options options) {
        String[] given = options.get(INTERVALS);
        return areNone(given) ? new double[0] : numbers(given);
    }

    private static boolean areNone(String... shares) {
        return shares.length == 1 && shares[0].equals(NO_INTERVALS);
    }

    private static boolean areRising(String... shares) {
        double[] given = Arrays.stream(shares).mapToDouble(Double::parseDouble).toArray();
        return IntStream.range(1, given.length).allMatch(i -> given[i - 1] < given[i]);
    }

    /** The quantiles that are learnt; none by default. */
    static double[] quantiles(Options options) {
        return numbers(options.get(QUANTILES));
    }

    /** True if the network learns what lies round its forecasts. */
    static boolean isSpread(Options options) {
        return options.get(QUANTILES).length > 0 || options.find(DISTRIBUTION).isPresent();
    }

    private static double[] numbers(String... shares) {
        return Arrays.stream(shares).mapToDouble(Double::parseDouble).distinct().toArray();
    }

    private static boolean areLevels(String... shares) {
        try {
            return areNone(shares)
                    || (shares.length > 0 && Arrays.stream(numbers(shares)).allMatch(level -> level > 0 && level < 1));
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
