package org.gatefold.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BeamSearchTest {
    private static final int END = 0;

    /** A table of probabilities by what was read so far, for each source. */
    private interface Table {
        double[] next(int source, List<Integer> read);
    }

    /** Keeps what each row has read. */
    private static final class TableDecoder implements StepDecoder {
        private final int sources;
        private final int vocabulary;
        private final Table table;
        private List<List<Integer>> rows;
        private int mostRows;

        TableDecoder(int sources, int vocabulary, Table table) {
            this.sources = sources;
            this.vocabulary = vocabulary;
            this.table = table;
        }

        @Override
        public int sources() {
            return sources;
        }

        @Override
        public int vocabulary() {
            return vocabulary;
        }

        @Override
        public void step(int[] from, int[] tokens, float[] logProbabilities) {
            List<List<Integer>> next = new ArrayList<>();
            for (int row = 0; row < tokens.length; row++) {
                assertThat(from[row] % sources).isEqualTo(row % sources);
                List<Integer> read = new ArrayList<>();
                if (rows != null) {
                    read.addAll(rows.get(from[row]));
                    read.add(tokens[row]);
                }
                next.add(read);
                double[] p = table.next(row % sources, read);
                for (int token = 0; token < vocabulary; token++) {
                    logProbabilities[row * vocabulary + token] = (float) Math.log(p[token]);
                }
            }
            rows = next;
            mostRows = Math.max(mostRows, tokens.length);
        }
    }

    /** Random probabilities that follow from source and sequence. */
    private static double[] random(int vocabulary, int source, List<Integer> read) {
        Random random = new Random(31L * read.hashCode() + 1009L * source + 5);
        double[] p = new double[vocabulary];
        double sum = 0;
        for (int i = 0; i < vocabulary; i++) {
            p[i] = Math.pow(random.nextDouble(), 3) + 1e-3;
            sum += p[i];
        }
        for (int i = 0; i < vocabulary; i++) {
            p[i] /= sum;
        }
        return p;
    }

    /** All sequences up to a length, with the sums of their log-probabilities. */
    private static void all(
            int vocabulary, int source, int longest, List<Integer> read, double sum, List<Hypothesis> into) {
        double[] p = random(vocabulary, source, read);
        int[] tokens = read.stream().mapToInt(Integer::intValue).toArray();
        into.add(new Hypothesis(tokens, true, sum + Math.log(p[END]), 0));
        if (read.size() == longest) {
            return;
        }
        for (int token = 0; token < vocabulary; token++) {
            if (token != END) {
                List<Integer> longer = new ArrayList<>(read);
                longer.add(token);
                all(vocabulary, source, longest, longer, sum + Math.log(p[token]), into);
            }
        }
    }

    private static double norm(String kind, int tokens) {
        return switch (kind) {
            case "sum" -> 1;
            case "mean" -> tokens;
            case "power" -> Math.sqrt(tokens);
            default -> Math.pow((5 + tokens) / 6.0, 0.8);
        };
    }

    @ParameterizedTest
    @CsvSource({"sum,0", "mean,0", "penalty,0", "power,0", "sum,2", "mean,3"})
    void aWideBeamFindsWhatAnExhaustiveSearchDoes(String kind, int shortest) {
        int vocabulary = 4;
        int longest = 4;
        BeamSearch search = BeamSearch.of(200, END).best(6).maxLength(longest).minLength(shortest);
        search = kind.equals("mean") ? search.meanLogProbability() : search;
        search = kind.equals("penalty") ? search.lengthPenalty(0.8f) : search;
        search = kind.equals("power") ? search.lengthPower(0.5f) : search;
        TableDecoder decoder = new TableDecoder(3, vocabulary, (source, read) -> random(vocabulary, source, read));
        List<List<Hypothesis>> found = search.search(decoder, 9, 9, 9);
        for (int source = 0; source < 3; source++) {
            List<Hypothesis> every = new ArrayList<>();
            all(vocabulary, source, longest, List.of(), 0, every);
            every.removeIf(hypothesis -> hypothesis.tokens().length < shortest);
            every.sort(Comparator.comparing(
                    hypothesis -> -hypothesis.logProbability() / norm(kind, hypothesis.tokens().length + 1)));
            assertThat(found.get(source)).hasSize(6);
            for (int i = 0; i < 6; i++) {
                Hypothesis expected = every.get(i);
                Hypothesis actual = found.get(source).get(i);
                assertThat(actual.tokens()).isEqualTo(expected.tokens());
                assertThat(actual.isEnded()).isTrue();
                assertThat(actual.logProbability()).isCloseTo(expected.logProbability(), within(1e-5));
                assertThat(actual.score())
                        .isCloseTo(expected.logProbability() / norm(kind, expected.tokens().length + 1), within(1e-5));
            }
        }
    }

    /** After 1, which comes first, nothing is likely; after 2 the end is: 0.5 * 0.4 is less than 0.4 * 0.9. */
    @Test
    void greedyIsWrongWhereABeamIsNot() {
        Table table = (source, read) -> read.isEmpty()
                ? new double[] {0.1, 0.5, 0.4}
                : read.get(0) == 1 && read.size() == 1 ? new double[] {0.4, 0.3, 0.3} : new double[] {0.9, 0.05, 0.05};
        List<Hypothesis> greedy =
                BeamSearch.greedy(END).search(new TableDecoder(1, 3, table), 9).get(0);
        List<Hypothesis> beam =
                BeamSearch.of(2, END).search(new TableDecoder(1, 3, table), 9).get(0);
        assertThat(greedy.get(0).tokens()).containsExactly(1);
        assertThat(greedy.get(0).logProbability()).isCloseTo(Math.log(0.5 * 0.4), within(1e-6));
        assertThat(beam.get(0).tokens()).containsExactly(2);
        assertThat(beam.get(0).logProbability()).isCloseTo(Math.log(0.4 * 0.9), within(1e-6));
    }

    @Test
    void manySourcesAreSearchedAsOneByOne() {
        int vocabulary = 6;
        BeamSearch search = BeamSearch.of(3, END).best(3).maxLength(7).meanLogProbability();
        TableDecoder together = new TableDecoder(5, vocabulary, (source, read) -> random(vocabulary, source, read));
        List<List<Hypothesis>> found = search.search(together, 9, 9, 9, 9, 9);
        assertThat(together.mostRows).isEqualTo(15);
        for (int i = 0; i < 5; i++) {
            int only = i;
            TableDecoder alone = new TableDecoder(1, vocabulary, (source, read) -> random(vocabulary, only, read));
            assertThat(found.get(i)).hasToString(search.search(alone, 9).get(0).toString());
        }
    }

    @Test
    void endsAtTheGreatestLength() {
        Table table = (source, read) -> new double[] {0.01, 0.59, 0.4};
        TableDecoder decoder = new TableDecoder(1, 3, table);
        Hypothesis cut =
                BeamSearch.greedy(END).maxLength(4).search(decoder, 9).get(0).get(0);
        assertThat(cut.tokens()).containsExactly(1, 1, 1, 1);
        assertThat(cut.logProbability()).isCloseTo(4 * Math.log(0.59) + Math.log(0.01), within(1e-6));
        List<Hypothesis> endless = BeamSearch.of(2, BeamSearch.NO_END)
                .best(2)
                .maxLength(3)
                .search(new TableDecoder(1, 3, table), 9)
                .get(0);
        assertThat(endless.get(0).tokens()).containsExactly(1, 1, 1);
        assertThat(endless.get(0).isEnded()).isFalse();
        assertThat(endless.get(1).logProbability()).isCloseTo(2 * Math.log(0.59) + Math.log(0.4), within(1e-6));
    }

    @Test
    void mistakesAreNamed() {
        TableDecoder decoder = new TableDecoder(2, 3, (source, read) -> new double[] {Double.NaN, 1, 1});
        BeamSearch search = BeamSearch.of(2, END);
        assertThatThrownBy(() -> search.search(decoder, 1)).hasMessage("first: expected 2 tokens, got 1");
        assertThatThrownBy(() -> search.search(decoder, 1, 1))
                .hasMessage("logProbabilities: expected numbers, got NaN for token 0 of source 0 after 0 tokens");
        assertThatThrownBy(() -> BeamSearch.of(0, END)).hasMessage("width: expected at least 1, got 0");
        assertThatThrownBy(() -> search.best(3)).hasMessage("best: expected at most the width of 2, got 3");
        assertThatThrownBy(() -> search.lengthPenalty(-1f))
                .hasMessage("alpha: expected a finite number of at least 0, got -1.0");
        assertThatThrownBy(() -> search.lengthPower(Float.NaN))
                .hasMessage("power: expected a finite number of at least 0, got NaN");
        assertThatThrownBy(() -> search.minLength(5).maxLength(4)).hasMessage("maxLength: expected at least 5, got 4");
        assertThatThrownBy(() -> BeamSearch.of(1, 3).search(decoder, 1, 1))
                .hasMessage("end: expected a token below the vocabulary of 3, got 3");
    }

    @Test
    void drawsSequencesOfADecoder() {
        int vocabulary = 3;
        Table table = (source, read) -> read.size() == 2 ? new double[] {1, 0, 0} : new double[] {0, 0.25, 0.75};
        int[] first = new int[4000];
        List<Hypothesis> drawn =
                Sampling.of(3).generate(new TableDecoder(first.length, vocabulary, table), 9, END, first);
        int[] counts = new int[4];
        for (Hypothesis hypothesis : drawn) {
            assertThat(hypothesis.isEnded()).isTrue();
            int[] tokens = hypothesis.tokens();
            assertThat(tokens).hasSize(2);
            counts[2 * (tokens[0] - 1) + tokens[1] - 1]++;
            double expected = Arrays.stream(tokens)
                    .mapToDouble(token -> Math.log(token == 1 ? 0.25 : 0.75))
                    .sum();
            assertThat(hypothesis.logProbability()).isCloseTo(expected, within(1e-5));
        }
        assertThat(counts[0] / 4000.0).isCloseTo(0.0625, within(0.015));
        assertThat(counts[1] / 4000.0).isCloseTo(0.1875, within(0.025));
        assertThat(counts[3] / 4000.0).isCloseTo(0.5625, within(0.03));
        assertThat(Sampling.of(3)
                        .generate(new TableDecoder(1, vocabulary, table), 1, END, 0)
                        .get(0)
                        .isEnded())
                .isFalse();
    }
}
