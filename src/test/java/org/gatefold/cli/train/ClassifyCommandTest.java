package org.gatefold.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.cli.CommandLineRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms in which texts of classes come, the options of their networks, and what is wrong with files. */
class ClassifyCommandTest {
    @TempDir
    private Path folder;

    private Path file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private CommandLineRun train(Path data, Path test, String... more) {
        List<String> all = new ArrayList<>(List.of("train", "classify", "--data", data.toString()));
        if (test != null) {
            all.addAll(List.of("--test", test.toString()));
        }
        all.addAll(List.of("--device", "reference"));
        if (!List.of(more).contains("--out")) {
            all.addAll(List.of("--out", folder.resolve("run").toString()));
        }
        all.addAll(List.of("--hidden", "3", "--embedding", "4", "--min-count", "1"));
        if (!List.of(more).contains("--epochs")) {
            all.addAll(List.of("--epochs", "1"));
        }
        all.addAll(List.of(more));
        return CommandLineRun.of(all.toArray(String[]::new));
    }

    private Path run(int number) {
        return folder.resolve("run" + number);
    }

    private JsonObject test() throws IOException {
        return CommandLineRun.json(folder.resolve("run/metrics.json")).getAsJsonObject("test");
    }

    /** Rows of two classes between a separator. */
    private static String rows(String header, String line, int count) {
        StringBuilder text = new StringBuilder(header);
        for (int i = 0; i < count; i++) {
            text.append(line.replace("TEXT", (i % 2 == 0 ? "very good " : "quite bad ") + i)
                    .replace("LABEL", i % 2 == 0 ? "pos" : "neg"));
        }
        return text.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "csv ! text,label/ ! TEXT,LABEL/ ! ''",
                "tsv ! text\tlabel/ ! TEXT\tLABEL/ ! ''",
                "txt ! text#label/ ! TEXT#LABEL/ ! --delimiter #",
                "tsv ! '' ! LABEL\tTEXT/ ! --no-header --delimiter tab --text 2 --label 1",
                "jsonl ! '' ! {\"label\": \"LABEL\", \"text\": \"TEXT\"}/ ! ''",
                "jsonl ! '' ! {\"a\": {\"b\": 1}, \"review\": \"TEXT\", \"stars\": \"LABEL\"}/ ! --text review --label stars",
            })
    void readsEveryFormAlsoToTestOnAndToAnswer(String ending, String header, String line, String options)
            throws IOException {
        Path data = file("data." + ending, rows(header, line, 30).replace('/', '\n'));
        Path test = file("test." + ending, rows(header, line, 4).replace('/', '\n'));
        CommandLineRun run = train(data, test, options.isEmpty() ? new String[0] : options.split(" "));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("30 rows to train on, 4 to test", "2 classes");
        assertThat(test().get("rows").getAsInt()).isEqualTo(4);
        CommandLineRun answers =
                CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", test.toString());
        assertThat(answers.exitCode()).as(answers.err()).isZero();
        assertThat(answers.out().lines().skip(1))
                .hasSize(4)
                .allMatch(answer -> answer.matches("\\d,(neg|pos),.*,(neg|pos)"));
    }

    @Test
    void readsAFileForEachClassAlsoToTestOn() throws IOException {
        for (String part : List.of("train", "test")) {
            file(part + "/pos.txt", "very good\n".repeat(part.equals("train") ? 20 : 3));
            file(part + "/neg.txt", "quite bad\n".repeat(part.equals("train") ? 20 : 2));
        }
        CommandLineRun run = train(folder.resolve("train"), folder.resolve("test"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("40 rows to train on, 5 to test");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--cell gru --pooling last|bidirectional Gru of 3 units, layers 1, Dropout",
                "--cell rnn --pooling mean|bidirectional Rnn of 3 units, layers 1, TimePooling, Dropout",
                "--pooling attention --word-dropout 0.2|Embedding, Dropout, Dropout, Conv1d, Activation, bidirectional Lstm of"
                        + " 3 units, layers 1, AttentionPooling, Dropout",
                "--filters 0|Embedding, Dropout, bidirectional Lstm of 3 units",
            })
    void theNetworkIsTheOneThatWasAskedFor(String options, String layers) throws IOException {
        Path data = file("data.csv", rows("text,label\n", "TEXT,LABEL\n", 30));
        CommandLineRun run = train(data, null, options.split(" "));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains(layers);
        CommandLineRun answers =
                CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", data.toString());
        assertThat(answers.exitCode()).as(answers.err()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nbsvm|[\\d.]+ of linear classifiers of words and characters and [\\d.]+ of the network",
                "naive-bayes|[\\d.]+ of naive Bayes and [\\d.]+ of the network",
                "none|better than_beaten by",
            })
    void whatAnswersBesideTheNetworkIsTheMethodThatWasAskedFor(String method, String told) throws IOException {
        Path data = file("data.csv", rows("text,label\n", "TEXT,LABEL\n", 40));
        CommandLineRun run = train(data, data, "--beside", method);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).containsPattern("\nthe model is (" + told.replace("_", "|") + ")");
        CommandLineRun answers =
                CommandLineRun.of("predict", folder.resolve("run").toString(), "--data", data.toString());
        assertThat(answers.exitCode()).as(answers.err()).isZero();
        long right = answers.out()
                .lines()
                .filter(line -> line.matches(".*,(pos|neg),.*,\\1"))
                .count();
        assertThat(right / 40.0).isEqualTo(test().get("accuracy").getAsDouble());
    }

    /** What is learnt is the same, and what is validated and kept is not. */
    @Test
    void theAverageOfTheWeightsIsKeptWhereOneIsAskedFor() throws IOException {
        Path data = file("data.csv", rows("text,label\n", "TEXT,LABEL\n", 60));
        String[][] first = new String[2][];
        for (int i = 0; i < 2; i++) {
            CommandLineRun run = train(data, null, "--average", i == 0 ? "0" : "0.9", "--out", run(i).toString());
            assertThat(run.exitCode()).as(run.err()).isZero();
            first[i] = Files.readAllLines(run(i).resolve("history.csv")).get(1).split(",");
        }
        assertThat(first[1][1]).isEqualTo(first[0][1]);
        assertThat(first[1][2]).isNotEqualTo(first[0][2]);
    }

    /** Of 9 rows in 10 that are of one class, the other is found only where it weighs more. */
    @Test
    void balancedClassesAreLearntHoweverRareTheyAre() throws IOException {
        StringBuilder text = new StringBuilder("text,label\n");
        for (int i = 0; i < 200; i++) {
            // Every third "bad" is rare: without weights "often" is the better guess.
            text.append(i % 10 == 0 ? "bad,rare\n" : i % 10 < 4 ? "bad,often\n" : "good,often\n");
        }
        Path data = file("data.csv", text.toString());
        double[] recalls = new double[2];
        for (int i = 0; i < 2; i++) {
            CommandLineRun run = train(
                    data,
                    data,
                    "--class-weights",
                    i == 0 ? "none" : "balanced",
                    "--epochs",
                    "8",
                    "--lr",
                    "0.02",
                    "--dropout",
                    "0",
                    "--validation",
                    "0",
                    "--out",
                    run(i).toString());
            assertThat(run.exitCode()).as(run.err()).isZero();
            JsonObject rare = CommandLineRun.json(run(i).resolve("metrics.json"))
                    .getAsJsonObject("test")
                    .getAsJsonArray("classes")
                    .get(1)
                    .getAsJsonObject();
            assertThat(rare.get("class").getAsString()).isEqualTo("rare");
            recalls[i] = rare.get("recall").getAsDouble();
        }
        assertThat(recalls).containsExactly(0, 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.jsonl|{\"text\": \"a\", \"label\": 1}/{\"text\": \"b\"|, line 2: expected one JSON object, got '{\"text\": \"b\"'",
                "a.jsonl|{\"text\": \"a\", \"label\": 1}/{\"text\": \"b\"}/{\"text\": \"c\"}/{\"text\": \"c\"}/{\"text\": \"c\"}/{\"text\": \"c\"}|, line 2, column 'label': expected a text, a number, or true"
                        + " or false, got none",
                "a.jsonl|''|: expected a JSON object a line, found none",
                "a.csv|text,label/a,x/b,x/c,x/d,x/e,x|, column 'label': expected at least 2 classes among the rows to train on, got [x]",
            })
    void wrongFilesAreNamed(String name, String text, String complaint) throws IOException {
        Path data = file(name, text.replace('/', '\n'));
        CommandLineRun run = train(data, null, "--validation", "0");
        assertThat(run.complaint()).isEqualTo("gatefold: " + data + complaint);
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void classesThatOnlyTheTestPartHasAreTold() throws IOException {
        Path data = file("data.csv", rows("text,label\n", "TEXT,LABEL\n", 30));
        Path test = file("test.csv", "text,label\nodd,other\nvery good,pos\n");
        CommandLineRun run = train(data, test);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains(
                        "\n1 of the rows to test have a class that no row to train on has, and count as answered wrongly");
        assertThat(test().getAsJsonArray("classes")
                        .get(2)
                        .getAsJsonObject()
                        .get("class")
                        .getAsString())
                .isEqualTo("(other)");
    }

    @Test
    void foldsAreTold() throws IOException {
        Path data = file("data.csv", rows("text,label\n", "TEXT,LABEL\n", 30));
        CommandLineRun run = train(data, null, "--folds", "2");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).containsPattern("\n2 folds: mean ± deviation, .*\n[^\n]*\n  model +\\d[.\\d]+ ± \\d");
        assertThat(Files.readString(folder.resolve("run/report.html"))).contains("2 folds: mean ± deviation");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--cell lstn",
                "--pooling first",
                "--class-weights even",
                "--word-dropout 1",
                "--beside bayes",
                "--folds 1"
            })
    void wrongOptionsAreUsageErrors(String options) throws IOException {
        Path data = file("data.csv", rows("text,label\n", "TEXT,LABEL\n", 30));
        CommandLineRun run = train(data, null, options.split(" "));
        assertThat(run.complaint()).startsWith("gatefold: " + options.split(" ")[0] + ": expected ");
        assertThat(run.exitCode()).isEqualTo(2);
    }

    /** One line of two million characters among short ones. */
    @Test
    void aLongTextIsATextToo() throws IOException {
        Path data = file(
                "data.csv",
                rows("text,label\n", "TEXT,LABEL\n", 30) + "good ".repeat(400) + "x".repeat(2_000_000) + ",pos\n");
        CommandLineRun run = train(data, null);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).doesNotContain("longer than");
    }

    /** As long a line, of words. */
    @Test
    void ofAVeryLongTextTheBeginningIsReadAndThatIsTold() throws IOException {
        Path data = file("data.csv", rows("text,label\n", "TEXT,LABEL\n", 30));
        Path test = file("test.csv", "text,label\n" + "good ".repeat(400_000) + ",pos\nbad,neg\n");
        CommandLineRun run = train(data, test, "--longest", "2");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("\ntest rows: 1 text is longer than 2 tokens; the network reads the beginning\n");
    }

    @Test
    void membersAreToldOfAndAnswerTogether() throws IOException {
        Path data = file("all.csv", rows("text,label\n", "TEXT,LABEL\n", 40));
        CommandLineRun trained = train(data, null, "--members", "2");
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        assertThat(trained.out()).contains("mean of 2 networks: Embedding, ", "its members by themselves: accuracy ");
        Path run = folder.resolve("run");
        assertThat(Files.readString(run.resolve("report.html")))
                .contains("Training, member 2", "its members by themselves: accuracy ");
        assertThat(run.resolve("training-2.png")).exists();
        CommandLineRun info = CommandLineRun.of("info", run.toString());
        assertThat(info.out()).contains("member2-lstm", "\"members\": 2");
        CommandLineRun answered = CommandLineRun.of("predict", run.toString(), "--data", data.toString());
        assertThat(answered.out().lines()).as(answered.err()).hasSize(41);
    }

    @Test
    void tasksWithoutMembersDoNotKnowTheOption() {
        for (String task : List.of("language-model", "market-risk")) {
            assertThat(CommandLineRun.of("train", task, "--members", "2").err())
                    .contains("Unknown option", "--members");
        }
    }
}
