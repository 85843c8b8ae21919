package org.gatefold.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.gatefold.file.FileException;
import org.gatefold.file.Mutations;
import org.gatefold.recipe.option.Options;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is in {@code settings.json}, a run goes on or says in one line which file, and which field of it, is wrong. */
class DamagedSettingsTest {
    private static final int ROUNDS = 300;

    @TempDir
    private Path folder;

    static Stream<Recipe> recipes() {
        return Recipes.all().stream();
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void everyOutcomeIsSuccessOrNamesTheFile(Recipe recipe) throws IOException {
        Path data = Files.write(folder.resolve("sample"), Samples.lines(recipe));
        Path run = folder.resolve("run");
        Options options = recipe.describe().options().given(Map.of("epochs", 2, "hidden", 2, "validation", 0.1));
        try (Experiment begun = Experiment.begin(recipe, options, data, null, run)) {
            assertThat(begun.folder().isFinished()).isFalse();
        }
        Path settings = run.resolve("settings.json");
        JsonObject sound = JsonParser.parseString(Files.readString(settings)).getAsJsonObject();
        int refused = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Files.writeString(settings, new Mutations(seed).json(sound).toString());
            try {
                resume(recipe, run);
            } catch (FileException e) {
                refused++;
                assertThat(e).as("seed " + seed).hasMessageStartingWith(settings + ": ");
                assertThat(e.getMessage()).doesNotContain("\n");
            } catch (IOException | IllegalArgumentException e) {
                refused++;
                assertThat(e.getMessage())
                        .as("seed " + seed + " names the data")
                        .matches("(?s)cannot read .*|.*: has changed since the run began: .*");
            }
        }
        assertThat(refused).isBetween(ROUNDS / 4, ROUNDS - 1);
        Files.writeString(settings, sound.toString());
        resume(recipe, run);
    }

    private static void resume(Recipe recipe, Path run) throws IOException {
        RunFolder opened = RunFolder.open(run, recipe.describe().name());
        try (Experiment resumed = Experiment.resume(recipe, opened)) {
            assertThat(resumed.summary()).isNotEmpty();
        }
    }
}
