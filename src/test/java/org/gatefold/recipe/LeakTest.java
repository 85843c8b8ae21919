package org.gatefold.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gatefold.data.Column;
import org.gatefold.data.table.Table;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.file.JsonFields;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.series.Horizon;
import org.gatefold.recipe.field.series.Numeric;
import org.gatefold.recipe.field.series.Series;
import org.gatefold.recipe.option.Options;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No recipe learns anything from rows it is tested on, nor fits its fields to rows held back: weights and fitted fields stay the
 * same, bit for bit, when those rows are others. A recipe that looks there is found.
 */
class LeakTest {
    private static final Pattern LINE = Pattern.compile(", line (\\d+), column ");

    @TempDir
    private Path folder;

    static Stream<Recipe> recipes() {
        return Recipes.all().stream();
    }

    private static Options options(Recipe recipe) {
        return Samples.small(recipe, Map.of("validation", 0.2, "seed", 3L));
    }

    /** The lines with one row that is learnt from in place of every row of a part. */
    private List<String> without(Recipe recipe, List<String> lines, Function<Split, Rows> part) throws IOException {
        RecipeDescription description = recipe.describe();
        Table table = DataFile.read(
                        recipe, description, options(recipe), Files.write(folder.resolve("read"), lines), null)
                .table();
        Options options = recipe.complete(options(recipe), table, false);
        Split split = description.split(table, null, null, options);
        List<List<String>> rows = rows(table, lines);
        List<String> other = rows.get(split.fitted().index(0));
        for (int row : part.apply(split).indices()) {
            rows.set(row, other);
        }
        List<String> changed = new ArrayList<>(lines.subList(0, line(table, 0)));
        rows.forEach(changed::addAll);
        assertThat(changed).isNotEqualTo(lines);
        return changed;
    }

    /** The lines of each row, up to the next one. */
    private static List<List<String>> rows(Table table, List<String> lines) {
        List<List<String>> rows = new ArrayList<>();
        for (int row = 0; row < table.rows(); row++) {
            int end = row + 1 < table.rows() ? line(table, row + 1) : lines.size();
            rows.add(lines.subList(line(table, row), end));
        }
        return rows;
    }

    /** The line that a row begins in, counted from 0. */
    private static int line(Table table, int row) {
        Matcher line = LINE.matcher(table.where(row, table.names().get(0)));
        assertThat(line.find()).isTrue();
        return Integer.parseInt(line.group(1)) - 1;
    }

    private RunFolder train(Recipe recipe, List<String> lines, String name) throws IOException {
        Path data = Files.write(folder.resolve(name + ".data"), lines);
        try (Experiment experiment = Experiment.begin(recipe, options(recipe), data, null, folder.resolve(name));
                Device device = Devices.named("cpu");
                Experiment.Training training = experiment.on(device)) {
            training.run(new TrainingListener() {});
            return experiment.folder();
        }
    }

    /** The model file holds weights, options and fitted fields. */
    private void requireThatTheTestPartIsNotLearnt(Recipe recipe, List<String> lines) throws IOException {
        RunFolder run = train(recipe, lines, "run");
        RunFolder other = train(recipe, without(recipe, lines, Split::test), "other");
        assertThat(other.model()).hasSameBinaryContentAs(run.model());
    }

    private static JsonElement fitted(RunFolder run) throws IOException {
        return JsonParser.parseString(Files.readString(run.file("settings.json")))
                .getAsJsonObject()
                .get("fields");
    }

    private void requireThatRowsHeldBackAreNotFitted(Recipe recipe, List<String> lines) throws IOException {
        RunFolder run = train(recipe, lines, "run");
        RunFolder other = train(recipe, without(recipe, lines, Split::heldBack), "other");
        assertThat(fitted(other)).isEqualTo(fitted(run));
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void testPartIsNotLearnt(Recipe recipe) throws IOException {
        requireThatTheTestPartIsNotLearnt(recipe, Samples.lines(recipe));
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void rowsHeldBackAreNotFitted(Recipe recipe) throws IOException {
        requireThatRowsHeldBackAreNotFitted(recipe, Samples.lines(recipe));
    }

    /** Where a field looks at rows that it must not know. */
    private enum Leak {
        /** It is scaled by all rows, and keeps that. */
        FIT,
        /** It keeps what it should, but is read as scaled by all rows. */
        ENCODE,
        NONE
    }

    private record Leaking(Field field, Leak leak) implements WrappedField {
        @Override
        public Field fit(Rows training) {
            return new Leaking(field.fit(leak == Leak.FIT ? Rows.all(training.table()) : training), leak);
        }

        @Override
        public Column encode(Rows rows) {
            return (leak == Leak.ENCODE ? field.fit(Rows.all(rows.table())) : field).encode(rows);
        }

        @Override
        public Field restored(JsonFields state) {
            return new Leaking(field.restored(state), leak);
        }
    }

    private static Recipe leaking(Leak leak) {
        Numeric value = Numeric.column("value");
        return () -> Recipe.named("leaking")
                .data("none")
                .testOnLast(0.3)
                .input(new Leaking(Series.of(4, List.of(value)), leak))
                .target(Horizon.of(value, 1))
                .network(options -> List.of(Lstm.of(options.hidden())));
    }

    private static List<String> rise() {
        return Stream.concat(Stream.of("value"), IntStream.range(0, 60).mapToObj(row -> row + "." + row * 7 % 10))
                .toList();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aLeakFromTheTestPartIsFound(Leak leak) {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> requireThatTheTestPartIsNotLearnt(leaking(leak), rise()));
    }

    @Test
    void aLeakFromRowsHeldBackIsFound() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> requireThatRowsHeldBackAreNotFitted(leaking(Leak.FIT), rise()));
    }

    @Test
    void withoutLeakNothingIsFoundInTheTestPart() throws IOException {
        requireThatTheTestPartIsNotLearnt(leaking(Leak.NONE), rise());
    }

    @Test
    void withoutLeakNothingIsFoundInRowsHeldBack() throws IOException {
        requireThatRowsHeldBackAreNotFitted(leaking(Leak.NONE), rise());
    }
}
