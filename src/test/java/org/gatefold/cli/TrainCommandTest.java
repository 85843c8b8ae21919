package org.gatefold.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.Recipes;
import org.gatefold.recipe.option.Option;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What recipes say of themselves is what the command line offers. */
class TrainCommandTest {
    static Stream<Recipe> recipes() {
        return Recipes.all().stream();
    }

    @Test
    void listsEveryRecipe() {
        CommandLineRun list = CommandLineRun.of("train", "--list");
        assertThat(list.exitCode()).as(list.err()).isZero();
        assertThat(Recipes.all()).hasSizeGreaterThanOrEqualTo(3);
        for (Recipe recipe : Recipes.all()) {
            assertThat(list.out()).contains(recipe.describe().name());
        }
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void helpNamesEveryOption(Recipe recipe) {
        CommandLineRun help = CommandLineRun.of("train", recipe.describe().name(), "--help");
        assertThat(help.exitCode()).as(help.err()).isZero();
        assertThat(help.out().replaceAll("\\s+", " "))
                .contains(recipe.describe().summary());
        assertThat(recipe.describe().options().all()).isNotEmpty();
        for (Option<?> option : recipe.describe().options().all()) {
            assertThat(help.out()).contains("--" + option.name());
        }
        assertThat(help.out()).contains("--data", "--test", "--out", "--resume", "--device", "--threads", "--debug");
    }

    @Test
    void defaultsAreThoseOfTheRecipe() {
        assertThat(CommandLineRun.of("train", "image", "--help").out()).containsPattern("--hidden=N .*By default 128");
        assertThat(CommandLineRun.of("train", "forecast", "--help").out())
                .containsPattern("--hidden=N .*By default 32");
    }
}
