package org.gatefold.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gatefold.data.Batch;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.data.table.Table;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Baseline;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.option.Options;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What recipes for markets answer for a row does not change when that row and all behind it are others: neither models nor baselines. */
class MarketLookAheadTest {
    private static final int ROWS = 140;

    /** The first row that is another. */
    private static final int CHANGED = 125;

    @TempDir
    private Path folder;

    static Stream<Recipe> recipes() {
        return Recipes.all().stream().filter(recipe -> recipe.describe().name().startsWith("market-"));
    }

    /** Candles of three assets, whose rows from {@link #CHANGED} on depend on a seed. */
    private static List<String> lines(long seed) {
        Random same = new Random(7);
        Random other = new Random(seed);
        List<String> lines = new ArrayList<>(List.of("date,asset,open,high,low,close,volume"));
        double[] prices = {100, 20, 3};
        for (int row = 0; row < ROWS; row++) {
            Random random = row < CHANGED ? same : other;
            for (int asset = 0; asset < prices.length; asset++) {
                double open = prices[asset];
                prices[asset] *= Math.exp(0.02 * random.nextGaussian());
                double high = Math.max(open, prices[asset]) * (1 + 0.01 * random.nextDouble());
                double low = Math.min(open, prices[asset]) * (1 - 0.01 * random.nextDouble());
                lines.add(LocalDate.of(2020, 1, 1).plusDays(row) + "," + "ABC".charAt(asset) + "," + open + "," + high
                        + "," + low + "," + prices[asset] + "," + (1000 + random.nextInt(500)));
            }
        }
        return lines;
    }

    private Path data(long seed) throws IOException {
        return Files.write(folder.resolve("data-" + seed), lines(seed));
    }

    private static Options options(Recipe recipe) {
        return Samples.small(recipe, Map.of("validation", 0.2, "seed", 3L)).parsed(Map.of("asset-column", "asset"));
    }

    /** Answers of a model for every row up to the first changed one, without what came. */
    private static List<String> answers(Device device, Path model, Path data) throws IOException {
        try (TrainedModel trained = TrainedModel.load(device, model)) {
            List<String> lines = trained.predict(data, true).lines().toList();
            List<String> header = Arrays.asList(lines.get(0).split(","));
            int before = trained.fields().before();
            return lines.subList(1, CHANGED - before + 2).stream()
                    .map(line -> {
                        String[] fields = line.split(",", -1);
                        return IntStream.range(0, fields.length)
                                .filter(i -> !header.get(i).equals("actual"))
                                .mapToObj(i -> fields[i])
                                .collect(Collectors.joining(","));
                    })
                    .toList();
        }
    }

    private void requireThatNoModelLooksAhead(Recipe recipe) throws IOException {
        try (Device device = Devices.named("reference")) {
            Path out = folder.resolve("run");
            try (Experiment experiment = Experiment.begin(recipe, options(recipe), data(1), null, out);
                    Experiment.Training training = experiment.on(device)) {
                training.run(new TrainingListener() {});
            }
            List<String> answers = answers(device, out.resolve("model.safetensors"), data(1));
            assertThat(answers).hasSizeGreaterThan(80);
            assertThat(answers.stream()
                            .map(line -> line.replaceFirst("^[^,]*,", ""))
                            .distinct())
                    .hasSizeGreaterThan(1);
            assertThat(answers(device, out.resolve("model.safetensors"), data(2)))
                    .isEqualTo(answers);
        }
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void noModelLooksAhead(Recipe recipe) throws IOException {
        requireThatNoModelLooksAhead(recipe);
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void noBaselineLooksAhead(Recipe recipe) throws IOException {
        List<List<String>> one = baselines(recipe, data(1));
        assertThat(one).isNotEmpty();
        assertThat(baselines(recipe, data(2))).isEqualTo(one);
    }

    /** The answers of each baseline for the rows of the test part up to the first changed one. */
    private static List<List<String>> baselines(Recipe recipe, Path data) throws IOException {
        RecipeDescription description = recipe.describe();
        Options given = options(recipe);
        Table table = DataFile.read(recipe, description, given, data, null).table();
        Options options = recipe.complete(given, table, false);
        Split split = description.split(table, null, null, options);
        Fields fields = description.fields(options).fit(split.training());
        Rows all = fields.examples(split.test());
        Rows test = all.slice(0, (int)
                Arrays.stream(all.indices()).filter(row -> row <= CHANGED).count());
        assertThat(test.size()).isGreaterThan(5);
        List<List<String>> answers = new ArrayList<>();
        for (Baseline baseline : description.baselines(options, fields.target())) {
            double[][] each =
                    baseline.method().attempt(fields, split.training(), test).answers();
            answers.add(
                    each == null
                            ? List.of()
                            : Arrays.stream(each).map(Arrays::toString).toList());
        }
        return answers;
    }

    /** A field that reads the row that it is to answer. */
    private record Peeking(Field field) implements WrappedField {
        @Override
        public Field fit(Rows training) {
            return new Peeking(field.fit(training));
        }

        @Override
        public Column encode(Rows rows) {
            return field.encode(Rows.of(
                    rows.table(),
                    Arrays.stream(rows.indices())
                            .map(row -> Math.min(row + 1, rows.table().rows()))
                            .toArray()));
        }

        @Override
        public Field restored(JsonFields state) {
            return new Peeking(field.restored(state));
        }
    }

    /** What the model reads for the first changed row. */
    private static List<Float> read(Recipe recipe, Path data, boolean peeking) throws IOException {
        RecipeDescription description = recipe.describe();
        Options given = options(recipe);
        Table table = DataFile.read(recipe, description, given, data, null).table();
        Options options = recipe.complete(given, table, false);
        Field field = description.fields(options).input();
        Field fitted = (peeking ? new Peeking(field) : field)
                .fit(description.split(table, null, null, options).fitted());
        Batch batch = Dataset.of(fitted.encode(Rows.of(table, CHANGED))).batch();
        List<Float> values = new ArrayList<>();
        for (int step = 0; step < batch.length(0); step++) {
            for (int feature = 0; feature < batch.features(); feature++) {
                values.add(batch.input(0, step, feature));
            }
        }
        return values;
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void aFieldThatLooksAheadIsFound(Recipe recipe) throws IOException {
        assertThat(read(recipe, data(2), false)).isEqualTo(read(recipe, data(1), false));
        assertThat(read(recipe, data(2), true)).isNotEqualTo(read(recipe, data(1), true));
    }
}
