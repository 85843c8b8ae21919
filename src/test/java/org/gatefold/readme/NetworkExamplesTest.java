package org.gatefold.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.gatefold.data.Column;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.exchange.ModelFile;
import org.gatefold.model.Model;
import org.gatefold.train.PairsOfSequences;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/networks.md shows is what runs. */
final class NetworkExamplesTest {
    private static final Path SOURCE = Path.of("src/test/java/org/gatefold/readme/NetworkExamples.java");
    private static final Path PAGE = Path.of("docs/networks.md");

    @TempDir
    private Path directory;

    /** The fenced blocks of a language, line by line. */
    private static List<List<String>> blocks(String language) throws IOException {
        List<List<String>> blocks = new ArrayList<>();
        List<String> block = null;
        for (String line : Files.readAllLines(PAGE)) {
            if (block == null && line.equals("```" + language)) {
                block = new ArrayList<>();
            } else if (block != null && line.equals("```")) {
                blocks.add(block);
                block = null;
            } else if (block != null) {
                block.add(line.strip());
            }
        }
        return blocks;
    }

    @Test
    void everyExampleIsCompiled() throws IOException {
        List<String> source =
                Files.readAllLines(SOURCE).stream().map(String::strip).toList();
        List<List<String>> blocks = blocks("java");
        assertThat(blocks).hasSize(10);
        for (List<String> block : blocks) {
            assertThat(Collections.indexOfSubList(source, block))
                    .as(String.join("\n", block))
                    .isNotNegative();
        }
    }

    @Test
    void theSummaryIsTheGraphs() throws IOException {
        List<String> summary =
                NetworkExamples.graph().summary().lines().map(String::strip).toList();
        assertThat(blocks("text")).containsExactly(summary);
    }

    @Test
    void theGraphLearns() {
        PairsOfSequences pairs = PairsOfSequences.random(320, 1);
        double[] result = NetworkExamples.train(
                NetworkExamples.graph(), pairs.left, pairs.right, pairs.totals, pairs.sides, directory.resolve("sums"));
        assertThat(result[0]).isGreaterThan(0.95);
        assertThat(result[1]).isLessThan(0.1);
    }

    /** A word that is (1, 0) begins a name, and the next one, alike or not, goes on with it. */
    @Test
    void theTaggerLearns() {
        float[][][] sentences = new float[32][][];
        int[][] labels = new int[32][];
        for (int row = 0; row < labels.length; row++) {
            labels[row] = new int[3 + row % 3];
            sentences[row] = new float[labels[row].length][2];
            int name = row / 3 % (labels[row].length - 1);
            labels[row][name] = 1;
            labels[row][name + 1] = 2;
            sentences[row][name][0] = 1f;
            sentences[row][name + 1][1] = row % 2;
        }
        assertThat(NetworkExamples.tag(sentences, labels)).isDeepEqualTo(labels);
    }

    private static int[][] words(int count, long seed) {
        Random random = new Random(seed);
        int[][] words = new int[count][];
        Arrays.setAll(words, row -> random.ints(1 + row % 4, 3, 8).toArray());
        return words;
    }

    private static int[][] backwards(int[][] words) {
        int[][] reversed = new int[words.length][];
        for (int row = 0; row < words.length; row++) {
            int[] word = words[row];
            reversed[row] = new int[word.length];
            Arrays.setAll(reversed[row], i -> word[word.length - 1 - i]);
        }
        return reversed;
    }

    @Test
    void theTranslatorWritesWhatItLearned() {
        int[][] sources = words(600, 1);
        int[][] others = words(60, 2);
        double right = NetworkExamples.translate(sources, backwards(sources), others, backwards(others));
        assertThat(right).isGreaterThan(0.9);
    }

    /** Three letters a row, each seen for two steps, with a pause behind it. */
    @Test
    void theLettersAreFound() {
        int[][] letters = new int[24][];
        float[][][] sounds = new float[letters.length][][];
        for (int row = 0; row < letters.length; row++) {
            letters[row] = new int[] {1 + row % 3, 1 + row / 3 % 3, 1 + row / 9}; // with repetitions
            sounds[row] = new float[9][4];
            for (int t = 0; t < 9; t++) {
                sounds[row][t][t % 3 == 2 ? 0 : letters[row][t / 3]] = 1f;
            }
        }
        List<int[]> found = NetworkExamples.letters(sounds, letters);
        assertThat(found.toArray(int[][]::new)).isDeepEqualTo(letters);
    }

    @Test
    void theOthersRunAndComeBack() {
        Path file = directory.resolve("pondering");
        Column series = Column.numbers("series", new float[][] {{0.5f, -1f}, {2f}});
        try (Device device = Devices.named("reference");
                Model chain = NetworkExamples.sequential().on(device).build();
                Model model = NetworkExamples.module().on(device).build()) {
            assertThat(chain.predict(series).get("output").rows()).hasDimensions(2, 1);
            ModelFile.save(model, file, Map.of());
            try (Model loaded = ModelFile.load(device, file)) {
                assertThat(loaded.predict(series).get("answer").rows())
                        .isDeepEqualTo(model.predict(series).get("answer").rows());
            }
        }
    }

    @Test
    void theStreamGivesWhatTheModelGives() {
        float[][] streamed = NetworkExamples.stream(NetworkExamples.sequential());
        try (Device device = Devices.cpu();
                Model model = NetworkExamples.sequential().on(device).build()) {
            assertThat(streamed).isDeepEqualTo(model.predict(new float[][][] {{{0.5f}, {0.25f}}, {{2f}}}));
        }
    }

    @Test
    void aDecoderBeginsWithWhatAnEncoderEndsWith() {
        assertThat(NetworkExamples.encoderDecoder().inputs()).containsOnlyKeys("source", "target");
    }
}
