package org.gatefold.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a slot leaves behind: a line a stage, whatever becomes of the stages. */
class GpuSlotTest {
    @TempDir
    private Path folder;

    /** Runs stages; the exit status is put before the output. */
    private List<String> run(String minutes, String... stages) throws IOException, InterruptedException {
        Path file = Files.write(folder.resolve("stages"), List.of(stages));
        List<String> command = new ArrayList<>(List.of("ci/gpu", "--slot", minutes, "--simulated", "--no-build"));
        command.addAll(
                List.of("--stages", file.toString(), "--results", results().toString()));
        Process script = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = new ArrayList<>(new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList());
        lines.add(0, String.valueOf(script.waitFor()));
        return lines;
    }

    private Path results() {
        return folder.resolve("results.jsonl");
    }

    private List<JsonObject> stages() throws IOException {
        return Files.readAllLines(results()).stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .toList();
    }

    private List<String> statuses() throws IOException {
        return stages().stream()
                .map(stage -> stage.get("stage").getAsString() + " "
                        + stage.get("status").getAsString())
                .toList();
    }

    /** Minutes of a card are not spent on finding out that a class has been renamed. */
    @Test
    void stagesNameTestsThatAreThere() throws Exception {
        List<String> tests = Files.readAllLines(Path.of("ci/gpu-stages")).stream()
                .filter(line -> line.contains(" suites "))
                .flatMap(line -> Stream.of(line.split(" suites ", 2)[1].split(" ")))
                .toList();
        assertThat(tests).isNotEmpty().allSatisfy(Class::forName);
    }

    @Test
    void everyStageLeavesALineWithItsFigures() throws Exception {
        List<String> output =
                run("1", "# a comment", "first 0.2 * echo '{\"us\": 2.5}' >\"$VALUES\"", "absent 0.2 - exit 77");
        assertThat(output.get(0)).isEqualTo("0");
        assertThat(statuses()).containsExactly("first passed", "absent skipped");
        JsonObject first = stages().get(0);
        assertThat(first.getAsJsonObject("values").get("us").getAsDouble()).isEqualTo(2.5);
        assertThat(first.get("card").getAsString()).isEqualTo("simulated");
        assertThat(stages().get(1).get("values").isJsonNull()).isTrue();
    }

    @Test
    void aStageThatFailsOrLastsTooLongDoesNotEndTheSlot() throws Exception {
        List<String> output = run("1", "bad 0.2 - echo why && false", "slow 0.02 - sleep 60", "good 0.2 - true");
        assertThat(output.get(0)).isEqualTo("1");
        assertThat(output).contains("    why");
        assertThat(statuses()).containsExactly("bad failed", "slow cut off", "good passed");
    }

    @Test
    void nothingIsDoneAfterAStageOnWhichAllDepends() throws Exception {
        List<String> output = run("1", "smoke 0.2 * false", "good 0.2 - true");
        assertThat(output.get(0)).isEqualTo("1");
        assertThat(statuses()).containsExactly("smoke failed");
    }

    @Test
    void stagesForWhichNoTimeIsLeftAreSaid() throws Exception {
        assertThat(run("0.02", "long 1 - sleep 60", "late 1 - true").get(0)).isEqualTo("1");
        assertThat(statuses()).containsExactly("long cut off", "late skipped");
    }

    @Test
    void badArgumentsAreNamed() throws Exception {
        assertThat(run("soon", "good 0.1 - true"))
                .containsExactly("2", "ci/gpu-slot: MINUTES: expected a number, got 'soon'");
    }

    @Test
    void theTableShowsPeersBesideEveryImplementation() {
        String stage = "{\"stage\":\"%s\",\"card\":\"H100\",\"values\":%s}";
        String row =
                "{\"spec\":\"RecurrentSpec[cell=LSTM, steps=64, batch=32, inputSize=128, hiddenSize=256, precision=F16]\","
                        + "\"mode\":\"INFERENCE\",\"implementation\":\"%s\",\"microsecondsPerStep\":%s}";
        List<String> lines = List.of(
                String.format(stage, "card", "null"),
                String.format(
                        stage,
                        "benchmark",
                        "{\"benchmark\":[" + String.format(row, "cuda.steps", "6.5") + ","
                                + String.format(row, "cuda.fused", "5.15") + "]}"),
                String.format(
                        stage,
                        "pytorch",
                        "{\"rows\":[{\"shape\":\"T64 B32 I128 H256\",\"precision\":\"F16\",\"mode\":\"INFERENCE\","
                                + "\"microsecondsPerStep\":2.81}]}"),
                String.format(
                        stage,
                        "peers",
                        "{\"comparisons\":[{\"shape\":\"T64,B32,I128,H256,L1,D1,S0\",\"pass\":\"inference\",\"precision\":\"F16\","
                                + "\"results\":{\"cudnn.standard\":{\"us_per_step\":3.5}}}]}"));
        assertThat(SlotTable.of(lines)).isEqualTo("""
                        On H100, microseconds a step:

                        | layer | precision | pass | PyTorch | cuda.fused | cuda.steps | cudnn.standard, in turns |
                        |---|---|---|---|---|---|---|
                        | LSTM T64 B32 I128 H256 | F16 | inference | **2.81** | 5.15 | 6.50 | 3.50 |
                        """);
    }
}
