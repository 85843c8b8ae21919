package org.gatefold.recipe.forecast;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.Stretch;
import org.gatefold.data.table.Table;
import org.gatefold.data.transform.SeriesTransform;
import org.gatefold.data.transform.TransformChain;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Prior;
import org.gatefold.recipe.field.distribution.DistributionTarget;
import org.gatefold.recipe.field.distribution.Head;
import org.gatefold.recipe.field.panel.JointPrior;
import org.gatefold.recipe.field.panel.JointTarget;
import org.gatefold.recipe.field.panel.PanelBaselines;
import org.gatefold.recipe.field.panel.PanelInput;
import org.gatefold.recipe.field.panel.PanelPrior;
import org.gatefold.recipe.field.panel.PanelTable;
import org.gatefold.recipe.field.panel.PanelTarget;
import org.gatefold.recipe.field.recursion.RecursiveTarget;
import org.gatefold.recipe.field.series.Ahead;
import org.gatefold.recipe.field.series.AheadTable;
import org.gatefold.recipe.field.series.Horizon;
import org.gatefold.recipe.field.series.NumberTarget;
import org.gatefold.recipe.field.series.Numeric;
import org.gatefold.recipe.field.series.Series;
import org.gatefold.recipe.field.series.SeriesBaselines;
import org.gatefold.recipe.field.series.SeriesPrior;
import org.gatefold.recipe.option.Options;

/** What forecasts read and answer, by the options: of one column or several, of one series or of each of a file. Stateless. */
final class ForecastFields {
    /** Degrees of freedom of Student's t: few enough that outliers pull little. */
    private static final int FREEDOM = 5;

    private ForecastFields() {}

    private static boolean isPanel(Options options) {
        return options.find(ForecastOptions.SERIES).isPresent();
    }

    private static boolean isJoint(Options options) {
        return options.get(ForecastOptions.COLUMN).length > 1;
    }

    static NumberTarget target(Options options) {
        NumberTarget one = ofOneSeries(options);
        return isPanel(options) ? PanelTarget.of(one) : one;
    }

    private static boolean isRecursive(Options options) {
        return options.get(ForecastOptions.STRATEGY) == ForecastOptions.Strategy.RECURSIVE;
    }

    private static NumberTarget ofOneSeries(Options options) {
        NumberTarget whole = atOnce(options, options.get(ForecastOptions.HORIZON));
        return isRecursive(options)
                ? RecursiveTarget.of(atOnce(options, 1), whole, List.of(options.get(ForecastOptions.COLUMN)))
                : whole;
    }

    private static NumberTarget atOnce(Options options, int steps) {
        List<NumberTarget> columns =
                columns(options).map(column -> column(options, column, steps)).toList();
        return isJoint(options) ? JointTarget.of(columns) : columns.get(0);
    }

    private static NumberTarget column(Options options, Numeric column, int steps) {
        boolean spread = ForecastOptions.isSpread(options);
        double[] levels = ForecastOptions.levels(options);
        Horizon horizon = Horizon.of(column, steps)
                .asChange(options.get(ForecastOptions.TARGET) == ForecastOptions.Answer.CHANGE)
                .dated(options.find(ForecastOptions.DATES).orElse(null))
                .period(options.get(ForecastOptions.PERIOD))
                .intervals(spread ? new double[0] : levels)
                .knownBefore(Gaps.knownBefore(options, gapped(options)));
        if (!spread) {
            return horizon;
        }
        return options.find(ForecastOptions.DISTRIBUTION)
                .map(kind -> DistributionTarget.of(horizon, head(kind), levels))
                .orElseGet(() -> DistributionTarget.quantiles(horizon, ForecastOptions.quantiles(options)));
    }

    private static Head.Located head(ForecastOptions.Distribution kind) {
        return switch (kind) {
            case GAUSSIAN -> new Head.Gaussian();
            case STUDENT_T -> new Head.StudentT(FREEDOM);
        };
    }

    /** The linear forecasts that a network corrects; null for none. */
    static Prior prior(Options options) {
        if (options.get(ForecastOptions.ALONE)) {
            return null;
        }
        Prior one = SeriesPrior.of(options.get(ForecastOptions.PERIOD), List.of(options.get(ForecastOptions.KNOWN)));
        Prior all = isJoint(options)
                ? JointPrior.of(columns(options).map(column -> one).toList())
                : one;
        return isPanel(options) ? PanelPrior.of(all) : all;
    }

    static List<Baseline> baselines(Options options) {
        List<Baseline> one = SeriesBaselines.forecasts(options.get(ForecastOptions.PERIOD));
        List<Baseline> all = isJoint(options) ? JointTarget.baselines(one) : one;
        return isPanel(options) ? PanelBaselines.of(all) : all;
    }

    /** The columns that are forecast. */
    private static Stream<Numeric> columns(Options options) {
        List<SeriesTransform> transforms = new ArrayList<>();
        if (options.get(ForecastOptions.LOG)) {
            transforms.add(new SeriesTransform.Log());
        }
        if (options.get(ForecastOptions.SQRT)) {
            transforms.add(new SeriesTransform.SquareRoot());
        }
        options.find(ForecastOptions.SEASONAL_DIFF)
                .ifPresent(lag -> transforms.add(new SeriesTransform.Difference(lag)));
        if (options.get(ForecastOptions.DIFF)) {
            transforms.add(new SeriesTransform.Difference(1));
        }
        return Arrays.stream(options.get(ForecastOptions.COLUMN)).map(name -> Numeric.column(name)
                .scaled(options.get(ForecastOptions.SCALE))
                .transformed(new TransformChain(transforms)));
    }

    /** The columns that may have gaps. */
    private static List<String> gapped(Options options) {
        return Stream.concat(Arrays.stream(options.get(ForecastOptions.COLUMN)), further(options))
                .toList();
    }

    /** What is read: the window, and what is known ahead, if there is something. */
    static List<Field> inputs(Options options) {
        List<Field> inputs = new ArrayList<>(List.of(read(options)));
        List<Numeric> known = numbers(options, Arrays.stream(options.get(ForecastOptions.KNOWN)))
                .toList();
        if (!known.isEmpty()) {
            inputs.add(Ahead.of(known, isRecursive(options) ? 1 : options.get(ForecastOptions.HORIZON)));
        }
        return isPanel(options) ? inputs.stream().<Field>map(PanelInput::of).toList() : inputs;
    }

    /** The window of rows before. */
    static Series read(Options options) {
        List<Numeric> columns = new ArrayList<>(columns(options).toList());
        numbers(options, further(options)).forEach(columns::add);
        Gaps.masks(options, gapped(options)).forEach(columns::add);
        return Series.of(options.get(ForecastOptions.WINDOW), columns)
                .calendar(options.get(ForecastOptions.CALENDAR) ? options.get(ForecastOptions.DATES) : null);
    }

    private static Stream<Numeric> numbers(Options options, Stream<String> columns) {
        return columns.map(name -> Numeric.column(name).scaled(options.get(ForecastOptions.SCALE)));
    }

    /** Columns beside those that are forecast. */
    private static Stream<String> further(Options options) {
        List<String> forecast = List.of(options.get(ForecastOptions.COLUMN));
        return Stream.concat(
                        Arrays.stream(options.get(ForecastOptions.FEATURES)),
                        Arrays.stream(options.get(ForecastOptions.KNOWN)))
                .distinct()
                .filter(name -> !forecast.contains(name));
    }

    /** A table by series, if a column names them. */
    static Table arranged(Options options, Table table) {
        return isPanel(options) ? PanelTable.of((CsvTable) table, options.get(ForecastOptions.SERIES)) : table;
    }

    /** A table without rows to come, of which only what is known ahead is told, and with its gaps filled. */
    static Table prepared(Options options, Table table) {
        boolean ahead = options.get(ForecastOptions.KNOWN).length > 0;
        List<String> forecast = List.of(options.get(ForecastOptions.COLUMN));
        if (table instanceof PanelTable panel) {
            return (ahead ? panel.ahead(forecast) : panel)
                    .filled(
                            (read, series) -> Gaps.filled(options, read, series, gapped(options)),
                            options::trainingRows);
        }
        if (!ahead) {
            return filled(options, (CsvTable) table);
        }
        AheadTable parted = AheadTable.of((CsvTable) table, forecast);
        return parted.behind(filled(options, parted.known()));
    }

    private static CsvTable filled(Options options, CsvTable table) {
        int training = Math.min(options.trainingRows(table.rows()), table.rows());
        return Gaps.filled(options, table, List.of(new Stretch(0, training, table.rows())), gapped(options));
    }
}
