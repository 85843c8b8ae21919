package org.gatefold.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ends a whole process is still one line. */
class FailureTest {
    @TempDir
    private Path folder;

    /** Runs the program in a process of its own, and requires that it fails with one line. */
    private String complaint(List<String> options, String classes, String... arguments) throws Exception {
        Path log = folder.resolve("log");
        int exitCode =
                ProgramProcess.start(options, classes, List.of(arguments), log).waitFor();
        List<String> lines = Files.readAllLines(log);
        assertThat(lines).hasSize(1);
        assertThat(exitCode).isEqualTo(Main.FAILED);
        return lines.get(0);
    }

    @Test
    void aHeapThatIsTooSmallIsOneLine() throws Exception {
        Path data = Files.writeString(folder.resolve("long.csv"), "value\n" + "1.25\n".repeat(3_000_000));
        assertThat(complaint(
                        List.of("-Xmx20m"), ProgramProcess.classes(), "train", "forecast", "--data", data.toString()))
                .isEqualTo("gatefold: the Java heap is too small; give more with GATEFOLD_JAVA_OPTS=-Xmx8g");
    }

    private String with(String provider) throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve("org.gatefold.recipe.Recipe"), provider + "\n");
        return ProgramProcess.classes() + File.pathSeparator + folder;
    }

    @Test
    void aRecipeThatIsNotThereIsNamed() throws Exception {
        assertThat(complaint(List.of(), with("some.Missing"), "train", "--list"))
                .isEqualTo("gatefold: org.gatefold.recipe.Recipe: Provider some.Missing not found");
    }

    @Test
    void twoRecipesOfOneNameAreNamed() throws Exception {
        assertThat(complaint(List.of(), with(OtherImages.class.getName()), "train", "--list"))
                .isEqualTo("gatefold: recipe 'image': expected one of this name on the class path, got "
                        + "org.gatefold.recipe.image.Images and " + OtherImages.class.getName());
    }

    /** Named like a recipe that is there. */
    public static final class OtherImages implements Recipe {
        @Override
        public RecipeDescription describe() {
            return Recipe.named("image");
        }
    }
}
