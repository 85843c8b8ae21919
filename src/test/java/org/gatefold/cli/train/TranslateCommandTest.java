package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.gatefold.cli.CommandLineRun;
import org.gatefold.contract.Subject;
import org.gatefold.op.recurrent.RecurrentOp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TranslateCommandTest {
    private static final String[] ENGLISH = {"one", "two", "three", "four", "five"};
    private static final String[] GERMAN = {"eins", "zwei", "drei", "vier", "fünf"};

    private static final Map<String, String> SMALL =
            Map.of("--hidden", "6", "--embedding", "8", "--epochs", "2", "--batch", "16", "--min-count", "1");

    @TempDir
    private Path folder;

    /** Numbers of some words, said from behind. */
    private static List<String> lines(int count, boolean source) {
        return IntStream.range(0, count)
                .mapToObj(row -> {
                    List<String> words = new ArrayList<>();
                    for (int i = 0; i < 1 + row % 4; i++) {
                        int digit = (row * 7 + i * i * 3 + row / 5) % 5;
                        words.add(source ? words.size() : 0, source ? ENGLISH[digit] : GERMAN[digit]);
                    }
                    return String.join(" ", words);
                })
                .toList();
    }

    private Path file(String name, List<String> lines) throws IOException {
        return Files.write(folder.resolve(name), lines);
    }

    private Path pairs(String name, int count) throws IOException {
        List<String> sources = lines(count, true);
        List<String> targets = lines(count, false);
        return file(
                name,
                IntStream.range(0, count)
                        .mapToObj(row -> sources.get(row) + "\t" + targets.get(row))
                        .toList());
    }

    private CommandLineRun train(String run, Path data, String... more) {
        List<String> all = new ArrayList<>(List.of("train", "translate", "--data", data.toString()));
        all.addAll(List.of("--out", folder.resolve(run).toString()));
        all.addAll(List.of(more));
        SMALL.forEach((option, value) -> {
            if (!all.contains(option)) {
                all.addAll(List.of(option, value));
            }
        });
        return CommandLineRun.of(all.toArray(String[]::new));
    }

    private CommandLineRun predict(String run, Path data, String... more) {
        List<String> all =
                new ArrayList<>(List.of("predict", folder.resolve(run).toString(), "--data", data.toString()));
        all.addAll(List.of(more));
        return CommandLineRun.of(all.toArray(String[]::new));
    }

    @Test
    void learnsToWriteFromBehind() throws IOException {
        CommandLineRun result = train(
                "run",
                pairs("numbers.tsv", 200),
                "--tokens",
                "spaces",
                "--epochs",
                "30",
                "--lr",
                "0.02",
                "--dropout",
                "0",
                "--hidden",
                "16");
        assertThat(result.exitCode()).as(result.err()).isZero();
        JsonObject metrics = CommandLineRun.json(folder.resolve("run/metrics.json"));
        JsonObject test = metrics.getAsJsonObject("test");
        assertThat(test.keySet()).containsExactly("chrf", "bleu", "accuracy", "rows");
        assertThat(test.get("accuracy").getAsDouble()).isGreaterThan(0.8);
        assertThat(metrics.getAsJsonObject("baselines").keySet())
                .containsExactly("copy", "nearest-source", "word-by-word");
        assertThat(result.err()).containsPattern("validation loss [0-9.]+, perplexity [0-9.]+");
        assertThat(result.out()).contains("test part: 20 pairs");
        assertThat(Files.readAllLines(folder.resolve("run/history.csv")))
                .first()
                .isEqualTo("epoch,loss,validationLoss,learningRate,lossScale,skippedSteps,seconds,perplexity");
        assertThat(Files.readAllLines(folder.resolve("run/translations.csv")).get(0))
                .isEqualTo("row,source,actual,translation");

        Path asked = file("asked", List.of("one two three", "", "four"));
        CommandLineRun found = predict("run", asked);
        assertThat(found.exitCode()).as(found.err()).isZero();
        List<String> written = found.out().lines().toList();
        assertThat(written).hasSize(3);
        assertThat(written.get(0)).matches("[a-zü]+ [a-zü]+ [a-zü]+");
        assertThat(written.get(1)).isEmpty();
        assertThat(written.get(2)).isEqualTo("vier");
        List<String> ranked =
                predict("run", asked, "--n-best", "2").out().lines().toList();
        assertThat(ranked.get(0)).matches("1\t-[0-9.]+\t" + written.get(0));
        assertThat(ranked.get(1)).startsWith("1\t-");
        assertThat(ranked.get(2)).isEqualTo("2\t0.0000\t");
        assertThat(ranked).hasSize(5);

        Path pictures = folder.resolve("pictures");
        assertThat(predict("run", asked, "--pictures", pictures.toString()).exitCode())
                .isZero();
        BufferedImage picture = ImageIO.read(pictures.resolve("row-1.png").toFile());
        assertThat(picture.getWidth()).isGreaterThan(4 * 28);
        assertThat(pictures.resolve("row-3.png")).exists();
    }

    @Test
    void unknownWordsAreCopied() throws IOException {
        List<String> lines = IntStream.range(0, 120)
                .mapToObj(row -> "name" + row + "\tname" + row)
                .toList();
        CommandLineRun result = train("run", file("names.tsv", lines), "--tokens", "spaces", "--min-count", "2");
        assertThat(result.complaint()).contains("expected texts in the rows to train on");
        List<String> known = IntStream.range(0, 120)
                .mapToObj(row -> "to name" + row + "\tan name" + row)
                .toList();
        result = train(
                "known",
                file("known.tsv", known),
                "--tokens",
                "spaces",
                "--min-count",
                "2",
                "--epochs",
                "40",
                "--lr",
                "0.02",
                "--dropout",
                "0");
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(predict("known", file("asked", List.of("to Zoe"))).out()).matches("an (to|Zoe)\n");
    }

    @Test
    void twoFilesAreAsGoodAsOne() throws IOException {
        Path sources = file("a.en", lines(60, true));
        Path targets = file("a.de", lines(60, false));
        assertThat(train("two", sources, "--target-data", targets.toString()).exitCode())
                .isZero();
        assertThat(train("one", pairs("a.tsv", 60)).exitCode()).isZero();
        assertThat(folder.resolve("two/history.csv")).exists();
        List<Double> two = losses("two");
        assertThat(two).isEqualTo(losses("one"));

        Path tests = file("b.en", lines(9, true));
        Path testTargets = file("b.de", lines(9, false));
        CommandLineRun tested = train(
                "tested",
                sources,
                "--target-data",
                targets.toString(),
                "--test",
                tests.toString(),
                "--target-test",
                testTargets.toString());
        assertThat(tested.out()).contains("60 rows to train on, 9 to test");
        assertThat(train("wrong", sources, "--target-data", testTargets.toString())
                        .complaint())
                .isEqualTo("gatefold: " + sources + " and " + testTargets
                        + ": expected equally many lines, got 60 and 9; line 10 of " + sources + " has none beside it");
        assertThat(train("wrong", sources).complaint()).contains("there is no column 'target'");
        Path empty = file("empty", List.of());
        assertThat(train("wrong", sources, "--target-data", empty.toString()).complaint())
                .isEqualTo("gatefold: " + empty + ": expected at least one line, found none");
        assertThat(train("wrong", empty, "--target-data", targets.toString()).complaint())
                .isEqualTo("gatefold: " + empty + ": expected at least one line, found none");
        assertThat(train("wrong", empty).complaint())
                .isEqualTo("gatefold: " + empty + ": expected at least one line, found none");
        assertThat(folder.resolve("wrong")).doesNotExist();
        assertThat(predict("two", empty).complaint())
                .isEqualTo("gatefold: " + empty + ": expected at least one line, found none");
    }

    @Test
    void everyKindOfTokensAndAttentionIsTrained() throws IOException {
        Path data = pairs("a.tsv", 40);
        for (List<String> options : List.of(
                List.of("--tokens", "words", "--attention", "dot"),
                List.of("--tokens", "characters", "--attention", "additive", "--input-feeding"),
                List.of("--tokens", "subwords", "--attention", "none", "--beam", "1", "--smoothing", "0"))) {
            String run = options.get(1);
            CommandLineRun result = train(run, data, options.toArray(String[]::new));
            assertThat(result.exitCode()).as(result.err()).isZero();
            assertThat(predict(run, data).out().lines()).hasSize(40);
        }
        assertThat(predict("subwords", data, "--attention", folder.toString()).complaint())
                .endsWith("--pictures: expected a model with attention, got one without");
    }

    @Test
    void columnsOfCsvAreNamed() throws IOException {
        Path data = file(
                "a.csv",
                List.of("en,de,x", "one,eins,1", "two,zwei,2", "one,eins,1", "two,zwei,2", "one,eins,1", "two,zwei,2"));
        assertThat(train("run", data, "--source", "en", "--target", "de", "--validation", "0")
                        .exitCode())
                .isZero();
        assertThat(predict("run", file("b.csv", List.of("en", "one"))).out().lines())
                .hasSize(1);
        assertThat(train("other", data, "--source", "en").err()).contains("--source and --target: expected both");
    }

    /** What only some models have is refused by those of other tasks. */
    @Test
    void modelsOfOtherTasksSayWhatTheyAreNot() throws IOException {
        Path series = CommandLineRun.seasons(folder, 60);
        List<String> forecast = CommandLineRun.forecast(series, folder.resolve("forecast"), 8, 4, "--epochs", "1");
        assertThat(CommandLineRun.of(forecast.toArray(String[]::new)).exitCode())
                .isZero();
        assertThat(predict("forecast", series, "--n-best", "2").complaint())
                .endsWith("--n-best: expected a model that writes sequences, got one that answers 'value'");
        Path pictures = folder.resolve("none");
        assertThat(predict("forecast", series, "--attention", pictures.toString())
                        .complaint())
                .endsWith("--pictures: expected a model that writes sequences, got one that answers 'value'");
        assertThat(pictures).doesNotExist();

        Path pairs = pairs("a.tsv", 40);
        assertThat(train("run", pairs).exitCode()).isZero();
        assertThat(predict("run", pairs, "--walk-forward").complaint())
                .endsWith(
                        "--walk-forward: expected a model that forecasts, got one that answers 'target' for every row");
        assertThat(predict("run", pairs, "--n-best", "0").err()).contains("--n-best: expected at least 1, got 0");
        assertThat(predict("run", pairs, "--n-best", "2", "--walk-forward").err())
                .contains("--n-best: expected no --walk-forward beside it");
        assertThat(CommandLineRun.of("generate", folder.resolve("run").toString(), "--prompt", "one")
                        .complaint())
                .contains("expected a language model");
        assertThat(predict("run", pairs, "--attention", pairs.toString()).complaint())
                .isEqualTo("gatefold: " + pairs + ": it is a file");
    }

    private List<Double> losses(String run) throws IOException {
        return CommandLineRun.losses(folder.resolve(run));
    }

    @Test
    void theLossCurveOnCudaIsThatOfTheCpu() throws IOException {
        try (Subject subject = Subject.open("cuda:0", "cuda.steps", RecurrentOp.class)) {
            assertThat(subject.device().name()).isEqualTo("cuda:0");
        }
        Path data = pairs("a.tsv", 48);
        assertThat(train("cpu", data, "--device", "cpu", "--epochs", "4", "--lr", "0.02")
                        .exitCode())
                .isZero();
        CommandLineRun result = train("gpu", data, "--device", "cuda:0", "--epochs", "4", "--lr", "0.02");
        assertThat(result.exitCode()).as(result.err()).isZero();
        List<Double> expected = losses("cpu");
        List<Double> actual = losses("gpu");
        assertThat(actual).hasSameSizeAs(expected);
        for (int epoch = 0; epoch < expected.size(); epoch++) {
            assertThat(actual.get(epoch)).isCloseTo(expected.get(epoch), within(1e-4 * expected.get(epoch)));
        }
        assertThat(actual.get(actual.size() - 1)).isLessThan(actual.get(0));
    }
}
