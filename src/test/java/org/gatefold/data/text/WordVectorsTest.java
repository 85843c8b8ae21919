package org.gatefold.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WordVectorsTest {
    @TempDir
    private Path folder;

    private static WordVectors read(byte... bytes) throws IOException {
        return WordVectors.read("vectors", new ByteArrayInputStream(bytes), word -> true);
    }

    private static WordVectors read(String text) throws IOException {
        return read(text.getBytes(StandardCharsets.UTF_8));
    }

    /** As word2vec writes it, with or without a line end behind each vector. */
    private static byte[] binary(String header, boolean lineEnds, String[] words, float[]... vectors)
            throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write((header + "\n").getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < words.length; i++) {
            out.write((words[i] + " ").getBytes(StandardCharsets.UTF_8));
            ByteBuffer numbers =
                    ByteBuffer.allocate(Float.BYTES * vectors[i].length).order(ByteOrder.LITTLE_ENDIAN);
            numbers.asFloatBuffer().put(vectors[i]);
            out.write(numbers.array());
            if (lineEnds) {
                out.write('\n');
            }
        }
        return out.toByteArray();
    }

    @Test
    void readsTextWithAndWithoutHeader() throws IOException {
        for (String text : new String[] {
            "the 0.5 -1 2e-1\ncaf\u00e9 1 .5 3.\n",
            "2 3\nthe 0.5 -1 2e-1 \ncaf\u00e9 1 .5 3. \n",
            "2 3\r\nthe 0.5 -1 2e-1\r\ncaf\u00e9 1 .5 3.\r\n",
            "the\t0.5\t-1\t2e-1\n\ncaf\u00e9\t1\t.5\t3."
        }) {
            WordVectors vectors = read(text);
            assertThat(vectors.features()).isEqualTo(3);
            assertThat(vectors.words()).containsExactly("the", "caf\u00e9");
            assertThat(vectors.vector("the")).containsExactly(0.5f, -1f, 0.2f);
            assertThat(vectors.vector("caf\u00e9")).containsExactly(1f, 0.5f, 3f);
            assertThat(vectors.vector("tea")).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsBinaryOfAnyLength(boolean lineEnds) throws IOException {
        Random random = new Random(3);
        String[] words = new String[3000];
        float[][] numbers = new float[words.length][37];
        for (int i = 0; i < words.length; i++) {
            words[i] = (i % 7 == 0 ? "caf\u00e9_" : "w") + i;
            for (int k = 0; k < numbers[i].length; k++) {
                numbers[i][k] = (float) random.nextGaussian();
            }
        }
        WordVectors vectors = read(binary("3000 37", lineEnds, words, numbers));
        assertThat(vectors.words()).containsExactly(words);
        for (int i = 0; i < words.length; i++) {
            assertThat(vectors.vector(words[i])).containsExactly(numbers[i]);
        }
    }

    @Test
    void readsLongTextAsItIsWritten() throws IOException {
        Random random = new Random(5);
        StringBuilder text = new StringBuilder();
        float[][] numbers = new float[2000][50];
        for (int i = 0; i < numbers.length; i++) {
            text.append('w').append(i);
            for (int k = 0; k < numbers[i].length; k++) {
                numbers[i][k] = (float) random.nextGaussian();
                text.append(' ').append(numbers[i][k]);
            }
            text.append('\n');
        }
        WordVectors vectors = read(text.toString());
        assertThat(vectors.words()).hasSize(2000);
        for (int i = 0; i < numbers.length; i++) {
            assertThat(vectors.vector("w" + i)).containsExactly(numbers[i]);
        }
    }

    @Test
    void aWideVectorIsLongerThanTheBuffer() throws IOException {
        float[] wide = new float[40_000];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = i / 7f;
        }
        WordVectors vectors = read(binary("1 40000", true, new String[] {"wide"}, wide));
        assertThat(vectors.vector("wide")).containsExactly(wide);
    }

    @Test
    void readsFilesPackedByGzipAndTellsFeaturesAlone() throws IOException {
        Path file = folder.resolve("vectors.gz");
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(binary("1 2", true, new String[] {"the"}, new float[] {1, 2}));
        }
        assertThat(WordVectors.features(file)).isEqualTo(2);
        assertThat(WordVectors.read(file).vector("the")).containsExactly(1f, 2f);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 12));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> WordVectors.read(file))
                .withMessageStartingWith("cannot read " + file);
    }

    @Test
    void keepsOnlyWhatIsWantedAndTheFirstOfTwo() throws IOException {
        String text = "the 1 2\nof 3 4\nthe 5 6\n";
        WordVectors vectors = WordVectors.read(
                "vectors", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "the"::equals);
        assertThat(vectors.words()).containsExactly("the");
        assertThat(vectors.vector("the")).containsExactly(1f, 2f);
    }

    /** GloVe's vectors of web pages have such words. */
    @Test
    void aWordMayHoldBlanks() throws IOException {
        WordVectors vectors = read("a 1 2\n. . 3 4\nat name@domain.com 5 6\n7 8 9\n");
        assertThat(vectors.words()).containsExactly("a", ". .", "at name@domain.com", "7");
        assertThat(vectors.vector("7")).containsExactly(8f, 9f);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\"|vectors: expected words and their vectors, got an empty file",
                "the|vectors, line 1: expected a word and its vector, or the numbers of words and of features, got 'the'",
                "2 0/the 1|vectors, line 1: expected 1 to 65536 features, got 0",
                "2 999999999999/the 1|vectors, line 1: expected 1 to 65536 features, got 999999999999",
                "9 2|vectors: expected 9 words, as line 1 tells, got 0; the file is cut off",
                "0 2|vectors: expected at least one word and its vector, got none",
                "999999999999999999 2/the 1 2|vectors: expected 999999999999999999 words, as line 1 tells, got 1; the file is"
                        + " cut off",
                "3 2/the 1 2/of 3 4|vectors: expected 3 words, as line 1 tells, got 2; the file is cut off",
                "1 2/the 1 2/of 3 4|vectors, line 3: expected the end behind 1 words, as line 1 tells, got 'of 3 4'",
                "the 1 2/of 3|vectors, line 2: expected a word and 2 numbers, got 'of 3'",
                "the 1 2/of 3 4 5|vectors, line 2: expected a word and 2 numbers, got 'of 3 4 5'",
                "the 1 2/of 3 4,5|vectors, line 2: expected a word and 2 numbers, number 2, got '4,5'",
                "the 1 x 3|vectors, line 1: expected a word and 3 numbers, number 2, got 'x'",
                "the 1 2/of nan 4|vectors, line 2: expected a word and 2 numbers, number 1, got 'nan'",
                "the 1 2/of 1e99 4|vectors, line 2: expected a word and 2 finite numbers, number 1, got '1e99'",
                "the 1 2/of 1e 4|vectors, line 2: expected a word and 2 numbers, number 1, got '1e'",
            })
    void namesTheLineThatIsWrong(String text, String complaint) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(text.replace('/', '\n')))
                .withMessage(complaint);
    }

    /** A line that is not kept is checked too. */
    @Test
    void namesWrongLinesOfWordsThatAreNotWanted() {
        byte[] text = "the 1 2\nof 3 -\n".getBytes(StandardCharsets.UTF_8);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WordVectors.read("vectors", new ByteArrayInputStream(text), "the"::equals))
                .withMessage("vectors, line 2: expected a word and 2 numbers, number 2, got '-'");
    }

    @Test
    void namesWhatIsWrongInBinaryFiles() throws IOException {
        String[] words = {"the", "of"};
        float[][] numbers = {{0.25f, -1.5f, 3}, {1, Float.NaN, 2}};
        byte[] whole = binary("2 3", true, words, numbers);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(whole))
                .withMessage("vectors, word 2, 'of': expected finite numbers, got NaN");
        numbers[1][1] = 0;
        byte[] good = binary("2 3", true, words, numbers);
        for (int cut = 2; cut < 14; cut++) {
            byte[] part = Arrays.copyOf(good, good.length - cut);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> read(part))
                    .withMessage("vectors: expected 2 words, as line 1 tells, got 1; the file is cut off");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(binary("1 3", false, words, numbers)))
                .withMessage("vectors: expected the end behind 1 words, as line 1 tells, got more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(binary("99999999999999999 3", false, words, numbers)))
                .withMessage("vectors: expected 99999999999999999 words, as line 1 tells, got 2; the file is cut off");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(binary("2 3", false, new String[] {"a", "b".repeat(5000)}, numbers)))
                .withMessage("vectors, word 2: expected at most 4096 bytes before a blank, got more");
    }

    /** A file without line ends is not read into memory as a whole. */
    @Test
    void aLineWithoutEndIsNamed() {
        byte[] endless = new byte[8 << 20];
        Arrays.fill(endless, (byte) '1');
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(endless))
                .withMessage("vectors, line 1: expected at most 2097152 bytes, got more");
    }
}
