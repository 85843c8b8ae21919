package org.gatefold.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the README shows is what runs. */
final class ReadmeTest {
    private static final Path SOURCE = Path.of("src/test/java/org/gatefold/readme/SineExample.java");

    @Test
    void theExampleIsTheOneThatIsCompiled() throws IOException {
        List<String> lines = Files.readAllLines(SOURCE);
        int begin = line(lines, "// README begins");
        int end = line(lines, "// README ends");
        String example =
                String.join("\n", lines.subList(begin + 1, end)).stripIndent().strip();
        String readme = Files.readString(Path.of("README.md"));
        assertThat(readme.lines().map(String::strip).toList())
                .containsSubsequence(example.lines().map(String::strip).toList());
    }

    private static int line(List<String> lines, String text) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains(text)) {
                return i;
            }
        }
        throw new AssertionError("no line with " + text);
    }

    @Test
    void theExampleLearns() {
        float[][][] result = SineExample.run();
        double sum = 0;
        for (int row = 450; row < 500; row++) {
            double error = result[0][row][0] - result[1][row][0];
            sum += error * error;
        }
        // Repeating the last value errs by about 0.21.
        assertThat(Math.sqrt(sum / 50)).isLessThan(0.05);
    }
}
