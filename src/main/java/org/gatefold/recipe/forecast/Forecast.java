package org.gatefold.recipe.forecast;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.Stretch;
import org.gatefold.data.table.Table;
import org.gatefold.data.transform.Scaler;
import org.gatefold.data.transform.SeriesTransform;
import org.gatefold.data.transform.TransformChain;
import org.gatefold.layer.Layer;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Graph;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.recipe.Option;
import org.gatefold.recipe.Options;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.TrainingLength;
import org.gatefold.recipe.UsageException;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Prior;
import org.gatefold.recipe.field.panel.JointPrior;
import org.gatefold.recipe.field.panel.JointTarget;
import org.gatefold.recipe.field.panel.PanelBaselines;
import org.gatefold.recipe.field.panel.PanelInput;
import org.gatefold.recipe.field.panel.PanelPrior;
import org.gatefold.recipe.field.panel.PanelTable;
import org.gatefold.recipe.field.panel.PanelTarget;
import org.gatefold.recipe.field.series.Horizon;
import org.gatefold.recipe.field.series.NumberTarget;
import org.gatefold.recipe.field.series.Numeric;
import org.gatefold.recipe.field.series.Series;
import org.gatefold.recipe.field.series.SeriesBaselines;
import org.gatefold.recipe.field.series.SeriesPrior;
import org.gatefold.tensor.Form;

/**
 * Forecasts a column of numbers: a combination of linear forecasts, and an LSTM over the rows before with a linear layer on its last
 * state, which learns what these leave over.
 */
public final class Forecast implements Recipe {
    private static final String NO_INTERVALS = "none";

    private static final Option<String[]> COLUMN = Option.texts(
                    "column",
                    "NAMES",
                    "The column to forecast, or several, separated by commas, which one network forecasts together; need not be named if it is"
                            + " the only one of numbers.")
            .expecting(
                    "names, none of them twice",
                    names -> Arrays.stream(names).distinct().count() == names.length);
    private static final Option<String> SERIES = Option.text(
            "series-column",
            "NAME",
            "The column that names the series that a row belongs to, in files of several series; one network forecasts all of them,"
                    + " each in a scale of its own, and the first rows of each are trained on.");
    private static final Option<String[]> FEATURES =
            Option.texts("features", "NAMES", "Further columns that the model reads, separated by commas.");
    private static final Option<String> DATES = Option.text("date-column", "NAME", "The column of dates.");
    private static final Option<Integer> WINDOW = atLeast(
            1,
            "window",
            "N",
            "Rows that the model reads; 60, or a quarter of the rows to train on if these are fewer than 240.");
    private static final Option<Integer> HORIZON =
            atLeast(1, "horizon", "K", "Rows that it forecasts.").or(1);
    private static final Option<Boolean> LOG = Option.flag("log", "Take the logarithm.");
    private static final Option<Boolean> SQRT = Option.flag("sqrt", "Take the square root.");
    private static final Option<Integer> SEASONAL_DIFF =
            atLeast(1, "seasonal-diff", "P", "Take the change against P rows earlier.");
    private static final Option<Boolean> DIFF = Option.flag("diff", "Take the change against the row before.");
    private static final Option<Boolean> CALENDAR =
            Option.flag("calendar", "Read the position within year, week and day too; needs --date-column.");
    private static final Option<Scaler.Kind> SCALE = Option.choice(
                    "scale", "KIND", Scaler.Kind.class, "standard, minmax or none, fitted to the training part.")
            .or(Scaler.Kind.STANDARD);
    private static final Option<Answer> TARGET = Option.choice(
            "target",
            "KIND",
            Answer.class,
            "What the model answers: the change against the last value, or the level; change, unless --diff.");
    private static final Option<Integer> PERIOD = Option.integer(
                    "period", "P", "Rows in a season, for the seasonal baseline; 0 to find it.")
            .expecting("at least 2", period -> period == 0 || period >= 2)
            .or(0);

    private static final Option<String[]> INTERVALS = Option.texts(
                    "intervals",
                    "SHARES",
                    "Shares of what comes that intervals round the forecasts are to hold, such as 0.5,0.9; none for no"
                            + " intervals. They are calibrated on the rows held back.")
            .expecting("shares above 0 and below 1, such as 0.8,0.95, or none", Forecast::areLevels)
            .or(new String[] {"0.8", "0.95"})
            .formerly(new String[] {NO_INTERVALS});

    private static final Option<Boolean> ALONE =
            Option.flag("alone", "The network forecasts by itself, and not what linear forecasts leave over.");

    private static final Option<Integer> MEMBERS = atLeast(
                    1,
                    "members",
                    "N",
                    "Networks with first weights of their own, which are trained side by side; their mean is the forecast.")
            .expecting("1 to 100", members -> members >= 1 && members <= 100)
            .orAlways(1);

    private static final String SAMPLE_DATES = "month";
    private static final int FEWEST_HELD_BACK = 20;
    private static final int MOST_WINDOW = 60;
    private static final TrainingLength LENGTH = new TrainingLength(1400, 20, 100);

    /** What the model answers. */
    private enum Answer {
        CHANGE,
        LEVEL
    }

    private static Option<Integer> atLeast(int least, String name, String label, String description) {
        return Option.integer(name, label, description).expecting("at least " + least, value -> value >= least);
    }

    @Override
    public RecipeDescription describe() {
        return Recipe.named("forecast")
                .says("Forecasts a column of a table whose rows follow each other in time.")
                .data("/org/gatefold/data/sunspots-monthly.csv")
                .testOnLast(0.2)
                .trainedAgainOnAll()
                .options(
                        COLUMN,
                        SERIES,
                        FEATURES,
                        DATES,
                        WINDOW,
                        HORIZON,
                        LOG,
                        SQRT,
                        SEASONAL_DIFF,
                        DIFF,
                        CALENDAR,
                        SCALE)
                .options(TARGET, PERIOD, INTERVALS, ALONE, MEMBERS, Gaps.MISSING)
                .arranged(Forecast::arranged)
                .prepared(Forecast::prepared)
                .input(o -> isPanel(o) ? PanelInput.of(read(o)) : read(o))
                .target(o -> isPanel(o) ? PanelTarget.of(target(o)) : target(o))
                .prior(o -> o.get(ALONE) ? null : isPanel(o) ? PanelPrior.of(prior(o)) : prior(o))
                .network(Forecast::members)
                .baselines(o -> isPanel(o) ? PanelBaselines.of(baselines(o)) : baselines(o))
                .defaults(o -> o.hidden(32).learningRate(3e-3).weightDecay(0.3).validation(0.2))
                .note(
                        "Trains as many epochs as make about 1,400 updates, 20 to 100, as was chosen on the training part of the"
                                + " sample, monthly sunspots.")
                .note("Example: gatefold train forecast --data air.csv --column passengers --window 24 --log"
                        + " --seasonal-diff 12");
    }

    /** Networks that share nothing but what they read. */
    private static Network members(Options options, Fields fields, Map<String, Form> inputs) {
        Graph.Builder graph = Graph.builder();
        Map.Entry<String, Form> input = inputs.entrySet().iterator().next();
        Graph.Node read = graph.input(input.getKey(), input.getValue());
        List<Graph.Node> last = new ArrayList<>();
        for (int i = 0; i < options.get(MEMBERS); i++) {
            last.add(graph.layer(options.stacked(Lstm.of(options.hidden())), read));
        }
        List<Layer> heads = fields.target().head();
        Graph.Node[] answers = new Graph.Node[last.size()];
        Arrays.setAll(answers, i -> graph.layer(heads.get(i), last.get(i)));
        return graph.output(Model.OUTPUT, answers.length == 1 ? answers[0] : graph.concatenate(answers))
                .build();
    }

    private static boolean isPanel(Options options) {
        return options.find(SERIES).isPresent();
    }

    private static boolean isJoint(Options options) {
        return options.get(COLUMN).length > 1;
    }

    /** What is forecast of one series. */
    private static NumberTarget target(Options options) {
        List<Horizon> columns = columns(options)
                .map(column -> Horizon.of(column, options.get(HORIZON))
                        .asChange(options.get(TARGET) == Answer.CHANGE)
                        .dated(options.find(DATES).orElse(null))
                        .period(options.get(PERIOD))
                        .intervals(levels(options))
                        .members(options.get(MEMBERS))
                        .knownBefore(Gaps.knownBefore(options, gapped(options))))
                .toList();
        return isJoint(options) ? JointTarget.of(columns) : columns.get(0);
    }

    private static Prior prior(Options options) {
        SeriesPrior one = SeriesPrior.of(options.get(PERIOD));
        return isJoint(options)
                ? JointPrior.of(columns(options).map(column -> one).toList())
                : one;
    }

    private static List<Baseline> baselines(Options options) {
        List<Baseline> one = SeriesBaselines.forecasts(options.get(PERIOD));
        return isJoint(options) ? JointTarget.baselines(one) : one;
    }

    private static double[] levels(Options options) {
        String[] given = options.get(INTERVALS);
        return areNone(given) ? new double[0] : numbers(given);
    }

    private static boolean areNone(String... shares) {
        return shares.length == 1 && shares[0].equals(NO_INTERVALS);
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

    /** The columns that are forecast. */
    private static Stream<Numeric> columns(Options options) {
        List<SeriesTransform> transforms = new ArrayList<>();
        if (options.get(LOG)) {
            transforms.add(new SeriesTransform.Log());
        }
        if (options.get(SQRT)) {
            transforms.add(new SeriesTransform.SquareRoot());
        }
        options.find(SEASONAL_DIFF).ifPresent(lag -> transforms.add(new SeriesTransform.Difference(lag)));
        if (options.get(DIFF)) {
            transforms.add(new SeriesTransform.Difference(1));
        }
        return Arrays.stream(options.get(COLUMN))
                .map(name ->
                        Numeric.column(name).scaled(options.get(SCALE)).transformed(new TransformChain(transforms)));
    }

    /** The columns that may have gaps. */
    private static List<String> gapped(Options options) {
        return Stream.concat(Arrays.stream(options.get(COLUMN)), further(options))
                .toList();
    }

    private static Table arranged(Options options, Table table) {
        return isPanel(options) ? PanelTable.of((CsvTable) table, options.get(SERIES)) : table;
    }

    private static Table prepared(Options options, Table table) {
        if (table instanceof PanelTable panel) {
            return panel.filled(
                    (read, series) -> Gaps.filled(options, read, series, gapped(options)), options::trainingRows);
        }
        int training = Math.min(options.trainingRows(table.rows()), table.rows());
        List<Stretch> one = List.of(new Stretch(0, training, table.rows()));
        return Gaps.filled(options, (CsvTable) table, one, gapped(options));
    }

    private static Series read(Options options) {
        List<Numeric> columns = new ArrayList<>(columns(options).toList());
        further(options)
                .map(name -> Numeric.column(name).scaled(options.get(SCALE)))
                .forEach(columns::add);
        Gaps.masks(options, gapped(options)).forEach(columns::add);
        return Series.of(options.get(WINDOW), columns).calendar(options.get(CALENDAR) ? options.get(DATES) : null);
    }

    private static Stream<String> further(Options options) {
        List<String> forecast = List.of(options.get(COLUMN));
        return Arrays.stream(options.get(FEATURES)).filter(name -> !forecast.contains(name));
    }

    @Override
    public Options complete(Options options, Table data, boolean sample) {
        if (options.get(LOG) && options.get(SQRT)) {
            throw new UsageException("expected --log or --sqrt, got both");
        }
        Options dated = sample ? options.with(DATES, SAMPLE_DATES) : options;
        if (dated.get(CALENDAR) && dated.find(DATES).isEmpty()) {
            throw new UsageException("calendar features: expected a column of dates; name it with --date-column");
        }
        Options named = dated.with(TARGET, dated.get(DIFF) ? Answer.LEVEL : Answer.CHANGE);
        if (named.get(COLUMN).length == 0) {
            named = named.with(COLUMN, new String[] {onlyNumbers(data, dated)});
        }
        int series = data instanceof PanelTable panel ? panel.series().size() : 1;
        int training = named.trainingRows(data instanceof PanelTable panel ? panel.shortest() : data.rows());
        if (training < FEWEST_HELD_BACK) {
            named = named.validation(0);
        }
        named = named.with(WINDOW, Math.max(1, Math.min(MOST_WINDOW, training / 4)));
        int each = series == 1 ? training : named.trainingRows(data.rows() / series);
        int windows =
                each - (int) Math.round(each * named.validation()) - read(named).before() - named.get(HORIZON) + 1;
        int updates = (Math.max(1, windows) * series + named.batch() - 1) / named.batch();
        return LENGTH.of(named, updates);
    }

    private static String onlyNumbers(Table data, Options options) {
        List<String> others = Stream.of(options.find(DATES), options.find(SERIES))
                .flatMap(Optional::stream)
                .toList();
        List<String> candidates = data.names().stream()
                .filter(name -> !others.contains(name) && data.startsWithNumber(name))
                .toList();
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        throw new IllegalArgumentException(data.source()
                + ": name the column to forecast with --column; its columns are " + String.join(", ", data.names()));
    }
}
