package org.gatefold.data.ngram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** N-grams against probabilities by hand, sums and their own files. */
class NGramModelTest {
    private static final List<List<String>> SENTENCES = List.of(
            List.of("the", "cat", "sat"),
            List.of("the", "cat", "ran"),
            List.of("a", "dog", "sat"),
            List.of("the", "dog", "ran", "home"),
            List.of());

    private static final List<String> WORDS =
            List.of("the", "cat", "sat", "ran", "a", "dog", "home", NGramModel.UNKNOWN, NGramModel.END);

    @TempDir
    private Path folder;

    private static double p(NGramModel model, String word, String... before) {
        return Math.exp(model.logProbability(List.of(before), word));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void probabilitiesOfAllWordsAddUpToOne(int order) {
        NGramModel model = NGramModel.of(SENTENCES, order);
        assertThat(model.order()).isEqualTo(order);
        for (String[] before : new String[][] {
            {}, {"the"}, {"the", "cat"}, {"a", "dog", "sat"}, {"nobody", "cat"}, {"home", "home"}, {"x", "y", "z"}
        }) {
            double sum =
                    WORDS.stream().mapToDouble(word -> p(model, word, before)).sum();
            assertThat(sum).as("behind %s", List.of(before)).isCloseTo(1, within(1e-9));
        }
    }

    @Test
    void bigramsAreThoseOfTheDefinition() {
        // Counted: <s> a twice, <s> b once, a b once, a </s> once, b </s> twice; three were counted once and two twice.
        NGramModel model = NGramModel.of(List.of(List.of("a"), List.of("a", "b"), List.of("b")), 2);
        double discount = 3 / (3.0 + 2 * 2);
        // By how many words stand before: a 1, b 2, </s> 2 of 5; one was counted once and two twice.
        double ofWords = 1 / (1.0 + 2 * 2);
        double a = (1 - ofWords) / 5 + 3 * ofWords / 5 / 4;
        double end = (2 - ofWords) / 5 + 3 * ofWords / 5 / 4;
        assertThat(p(model, "a")).isCloseTo((2 - discount) / 3 + 2 * discount / 3 * a, within(1e-9));
        assertThat(p(model, NGramModel.END, "b")).isCloseTo((2 - discount) / 2 + discount / 2 * end, within(1e-9));
        // b a was never seen: what b leaves to single words.
        assertThat(p(model, "a", "b")).isCloseTo(discount / 2 * a, within(1e-9));
        assertThat(p(model, "who", "b")).isCloseTo(discount / 2 * 3 * ofWords / 5 / 4, within(1e-9));
    }

    @Test
    void longerHistoriesTellMore() {
        NGramModel model = NGramModel.of(SENTENCES, 3);
        assertThat(p(model, "cat", "the")).isGreaterThan(p(model, "cat"));
        assertThat(p(model, "home", "dog", "ran")).isGreaterThan(p(model, "home", "cat", "ran"));
        assertThat(model.knows("cat")).isTrue();
        assertThat(model.knows("who")).isFalse();
        List<String> sentence = List.of("the", "cat");
        assertThat(Math.exp(model.logProbability(sentence)))
                .isCloseTo(
                        p(model, "the") * p(model, "cat", "the") * p(model, NGramModel.END, "the", "cat"),
                        within(1e-12));
    }

    @Test
    void aFileHoldsTheSame() throws IOException {
        NGramModel model = NGramModel.of(SENTENCES, 3);
        Path file = Files.writeString(folder.resolve("a.arpa"), "written by nobody\n\n" + ArpaFile.text(model));
        NGramModel read = ArpaFile.read(file);
        assertThat(read.order()).isEqualTo(3);
        assertThat(read.size()).isEqualTo(model.size());
        for (String word : WORDS) {
            for (String before : Set.of("the", "ran", "who")) {
                assertThat(read.logProbability(List.of(before), word))
                        .isCloseTo(model.logProbability(List.of(before), word), within(1e-5));
            }
        }
    }

    @Test
    void filesOfOthersAreRead() {
        NGramModel read = ArpaFile.parse("b", """
                \\data\\
                ngram 1=4
                ngram 2=1

                \\1-grams:
                -99 <s> -0.30103
                -1 </s>
                -1.5 <UNK>
                -0.5 yes -0.2

                \\2-grams:
                -0.1 <s> yes

                \\end\\
                """);
        assertThat(read.logProbability(List.of(), "yes")).isCloseTo(-0.1 * Math.log(10), within(1e-12));
        assertThat(read.logProbability(List.of(), "no")).isCloseTo(-1.80103 * Math.log(10), within(1e-12));
        assertThat(read.logProbability(List.of("yes"), NGramModel.END)).isCloseTo(-1.2 * Math.log(10), within(1e-12));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ngram 1=2|-1 a|expected 2 n-grams of length 1, got 1",
                "ngram 1=1|-1 a b c|expected a probability, 1 words and perhaps a weight, got '-1 a b c'",
                "ngram 1=1|x a|expected a number, got 'x'",
                "ngram one=1|-1 a|expected 'ngram LENGTH=COUNT', got 'ngram one=1'",
                "ngram 1=500001|-1 a|expected at most 500000 n-grams, got 500001; prune the model",
            })
    void damagedFilesAreRefusedByTheirLine(String header, String line, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ArpaFile.parse("c", "\\data\\\n" + header + "\n\\1-grams:\n" + line + "\n\\end\\\n"))
                .withMessageStartingWith("c, line ")
                .withMessageEndingWith(problem);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ArpaFile.parse("d", "hello"))
                .withMessageContaining("cut off, or no ARPA file");
    }
}
