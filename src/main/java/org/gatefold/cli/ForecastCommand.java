package org.gatefold.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.gatefold.data.Scaler;
import org.gatefold.data.SeriesTransform;
import org.gatefold.data.TransformChain;
import org.gatefold.device.Copies;
import org.gatefold.device.Device;
import org.gatefold.recipe.ModelTraining;
import org.gatefold.recipe.NetworkOptions;
import org.gatefold.recipe.RunFolder;
import org.gatefold.recipe.TrainingOptions;
import org.gatefold.recipe.forecast.ForecastReport;
import org.gatefold.recipe.forecast.ForecastTask;
import org.gatefold.recipe.forecast.Forecaster;
import org.gatefold.recipe.forecast.Series;
import org.gatefold.recipe.forecast.SeriesPreparation;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code gatefold train forecast}: trains a forecaster of a series and measures it beside its baselines. */
@Command(
        name = "forecast",
        description = "Trains an LSTM that forecasts a column of a CSV file; without --data, the monthly sunspots.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Defaults: window 60, horizon 1, 32 hidden units in 1 layer, batch 32, learning rate 0.003, weight decay"
                    + " 0.3, seed 1; as many epochs as make about 1,400 updates, 20 to 100. The sunspots are scaled by"
                    + " their square root. All of this was chosen on the last quarter of the sunspots' training part.",
            "",
            "Example: gatefold train forecast --data air.csv --column passengers --window 24 --log --seasonal-diff 12"
        })
final class ForecastCommand implements Callable<Integer> {
    private static final NetworkOptions NETWORK = new NetworkOptions(32, 1, 0);
    private static final TrainingOptions TRAINING = new TrainingOptions(20, 32, 3e-3f, 0.3f, 1, 0, 10, 1);
    private static final int WINDOW = 60;
    private static final int UPDATES = 1400;
    private static final int FEWEST_EPOCHS = 20;
    private static final int MOST_EPOCHS = 100;

    @Spec
    private CommandSpec spec;

    @Option(names = "--data", paramLabel = "FILE", description = "A CSV file with a header line; gzip is fine.")
    private Path data;

    @Option(names = "--column", paramLabel = "NAME", description = "The column to forecast.")
    private String column;

    @Option(
            names = "--features",
            paramLabel = "NAMES",
            split = ",",
            description = "Further columns that the model reads, separated by commas.")
    private List<String> features = new ArrayList<>();

    @Option(names = "--date-column", paramLabel = "NAME", description = "The column of dates.")
    private String dateColumn;

    @Option(names = "--window", paramLabel = "N", description = "Rows that the model reads.")
    private Integer window;

    @Option(names = "--horizon", paramLabel = "K", defaultValue = "1", description = "Rows that it forecasts.")
    private int horizon;

    @ArgGroup
    private Split split = new Split();

    @Option(names = "--log", description = "Take the logarithm.")
    private boolean log;

    @Option(names = "--sqrt", description = "Take the square root.")
    private boolean sqrt;

    @Option(names = "--seasonal-diff", paramLabel = "P", description = "Take the change against P rows earlier.")
    private Integer seasonalDiff;

    @Option(names = "--diff", description = "Take the change against the row before.")
    private boolean diff;

    @Option(names = "--calendar", description = "Read the position within year, week and day too; needs --date-column.")
    private boolean calendar;

    @Option(
            names = "--scale",
            paramLabel = "KIND",
            defaultValue = "standard",
            description = "standard, minmax or none, fitted to the training part.")
    private Scaler.Kind scale;

    @Option(
            names = "--target",
            paramLabel = "KIND",
            description =
                    "What the model answers: the change against the last value, or the level; change, unless --diff.")
    private Target target;

    @Option(
            names = "--period",
            paramLabel = "P",
            defaultValue = "0",
            description = "Rows in a season, for the seasonal baseline; found by itself by default.")
    private int period;

    @Mixin
    private TrainingOption training;

    @Mixin
    private RunOption run;

    @Mixin
    private DeviceOption device;

    /** What the model answers. */
    enum Target {
        CHANGE,
        LEVEL
    }

    /** Where the test part begins. */
    private static final class Split {
        @Option(
                names = "--train-share",
                paramLabel = "SHARE",
                description = "Share of the rows, their beginning, to train on; 0.8 by default.")
        private Double share;

        @Option(names = "--train-rows", paramLabel = "N", description = "Rows to train on instead.")
        private Integer rows;

        int of(int all) {
            if (rows != null) {
                return rows;
            }
            return (int) Math.round(all * (share == null ? 0.8 : share));
        }
    }

    @Override
    public Integer call() throws IOException {
        ForecastSettings settings;
        RunFolder folder;
        Series series;
        if (run.resume()) {
            run.tellIgnored(spec);
            folder = run.folder(Forecaster.RECIPE);
            settings = folder.settings(ForecastSettings.class);
            series = settings.series();
        } else {
            ForecastData source = data == null ? ForecastData.sunspots() : ForecastData.of(data);
            series = source.series(column, features, dateColumn);
            settings = settings(source, series);
            settings.prepare(series);
            folder = run.folder(Forecaster.RECIPE);
            folder.begin(Forecaster.RECIPE, settings);
        }
        return train(settings, series, folder);
    }

    private ForecastSettings settings(ForecastData source, Series series) {
        try {
            ForecastTask task = new ForecastTask(
                    window == null ? WINDOW : window,
                    horizon,
                    transforms(source.isSunspots()),
                    scale,
                    calendar,
                    target == null ? !diff : target == Target.CHANGE);
            int trainingRows = split.of(series.rows());
            if (trainingRows < 1 || trainingRows > series.rows() - horizon) {
                throw new IllegalArgumentException("training rows: expected 1 to " + (series.rows() - horizon)
                        + " of the " + series.rows() + " rows, got " + trainingRows);
            }
            if (period < 0 || period == 1) {
                throw new IllegalArgumentException("period: expected at least 2, got " + period);
            }
            TrainingOptions wanted = training.training(TRAINING);
            int windows = Math.max(
                    1,
                    Forecaster.fittedRows(trainingRows, wanted.validation())
                            - task.transforms().lost()
                            - task.window()
                            - horizon
                            + 1);
            return new ForecastSettings(
                    source.file(),
                    series.target(),
                    series.features(),
                    series.dateColumn(),
                    trainingRows,
                    period,
                    task,
                    training.network(NETWORK),
                    training.epochs().isPresent() ? wanted : wanted.withEpochs(epochs(windows, wanted.batch())));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private TransformChain transforms(boolean sunspots) {
        if (log && sqrt) {
            throw new IllegalArgumentException("expected --log or --sqrt, got both");
        }
        List<SeriesTransform> transforms = new ArrayList<>();
        if (log) {
            transforms.add(new SeriesTransform.Log());
        }
        if (sqrt || (sunspots && !log)) {
            transforms.add(new SeriesTransform.SquareRoot());
        }
        if (seasonalDiff != null) {
            transforms.add(new SeriesTransform.Difference(seasonalDiff));
        }
        if (diff) {
            transforms.add(new SeriesTransform.Difference(1));
        }
        return new TransformChain(transforms);
    }

    private static int epochs(int windows, int batch) {
        int updates = (windows + batch - 1) / batch;
        return Math.max(FEWEST_EPOCHS, Math.min(MOST_EPOCHS, UPDATES / updates));
    }

    private int train(ForecastSettings settings, Series series, RunFolder folder) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        ModelTraining run = new ModelTraining(settings.training())
                .checkpoints(folder.checkpoint(Forecaster.RECIPE))
                .resume(this.run.resume());
        SeriesPreparation preparation = settings.prepare(series);
        try (Interruption interruption = Interruption.stopping(run);
                Device opened = device.open();
                Forecaster forecaster = Forecaster.create(
                        opened,
                        preparation,
                        settings.network(),
                        settings.training().seed())) {
            String implementation =
                    forecaster.implementation(settings.training().batch());
            out.println(settings.describe(series));
            Copies before = opened.copies();
            try (ProgressDisplay progress = Main.progress(spec, opened.name() + " (" + implementation + ")")) {
                run.listener(progress);
                forecaster.train(series, settings.trainingRows(), run);
            }
            if (interruption.happened()) {
                return RunOption.tellInterrupted(out, folder, Forecaster.RECIPE, run.history());
            }
            RunMetrics metrics = new RunMetrics(
                    opened.name(),
                    implementation,
                    settings.training().seed(),
                    run.history(),
                    opened.copies().since(before));
            forecaster.save(folder.model());
            ForecastReport report = ForecastReport.of(forecaster, series, settings.trainingRows(), settings.period());
            ForecastOutput output = new ForecastOutput(series, report);
            output.write(folder, metrics);
            output.print(out);
            out.print(metrics.copiesLine());
            out.println("written to " + folder.path());
            return Main.DONE;
        }
    }
}
