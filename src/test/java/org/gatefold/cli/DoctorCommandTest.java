package org.gatefold.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.plan.Choice;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Isolated, because the properties are seen by every test of the JVM. */
@Isolated
class DoctorCommandTest {
    private static final String RECORDS = "gatefold.cuda.records";
    private static final String MUTANTS = "gatefold.mutants";

    @TempDir
    Path folder;

    private String recordsBefore;

    @BeforeEach
    void keepRecordsApart() {
        recordsBefore = System.getProperty(RECORDS);
        System.setProperty(RECORDS, folder.resolve("cards").toString());
    }

    @AfterEach
    void restore() {
        System.clearProperty(MUTANTS);
        System.clearProperty(Choice.PROPERTY);
        System.clearProperty(Scope.SEPARATE_PROPERTY);
        if (recordsBefore == null) {
            System.clearProperty(RECORDS);
        } else {
            System.setProperty(RECORDS, recordsBefore);
        }
    }

    @Test
    void aHealthyDeviceEndsWithZero() {
        CommandLineRun run = CommandLineRun.of("doctor", "--device", "cpu", "--quick");
        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        assertThat(run.out())
                .startsWith("cpu: ")
                .containsPattern("Recurrent: LSTM, F32 .* PASS")
                .contains("Optimizer: Adam")
                .containsPattern("all \\d+ checks passed")
                .contains("no benchmark: the examination was a quick one")
                .doesNotContain("FAIL");
    }

    @Test
    void theReportComesAsJsonToo() throws IOException {
        Path file = folder.resolve("report.json");
        CommandLineRun run = CommandLineRun.of("doctor", "--device", "reference", "--quick", "--json", file.toString());
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("checks passed");
        JsonObject report = CommandLineRun.json(file);
        assertThat(report.get("healthy").getAsBoolean()).isTrue();
        assertThat(report.getAsJsonObject("machine").has("Java")).isTrue();
        assertThat(report.getAsJsonArray("checks").size()).isGreaterThan(100);

        CommandLineRun toOut =
                CommandLineRun.of("doctor", "--device", "reference", "--quick", "--only", "linear", "--json");
        assertThat(toOut.err()).startsWith("reference: ").contains("Linear: backward", "checks passed");
        JsonObject printed = JsonParser.parseString(toOut.out()).getAsJsonObject();
        assertThat(printed.get("device").getAsString()).isEqualTo("reference");
        assertThat(operations(printed)).containsOnly("Linear");
        assertThat(printed.getAsJsonArray("checks")).hasSize((int)
                operations(report).stream().filter("Linear"::equals).count());
    }

    private static List<String> operations(JsonObject report) {
        return report.getAsJsonArray("checks").asList().stream()
                .map(check -> check.getAsJsonObject().get("operation").getAsString())
                .toList();
    }

    @Test
    void someOperationsMayBeCheckedAlone() {
        CommandLineRun run =
                CommandLineRun.of("doctor", "--device", "reference", "--only", "Softmax,norm", "--only", "Loss");
        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        assertThat(run.out())
                .contains("Softmax: ", "Norm: ", "Loss: ", "no benchmark: recurrent layers were not examined")
                .doesNotContain("Linear: ", "Recurrent: ");
        CommandLineRun unknown = CommandLineRun.of("doctor", "--device", "reference", "--only", "Norms,linear");
        assertThat(unknown.exitCode()).isNotZero();
        assertThat(unknown.err())
                .contains("operations to examine: expected some of [Linear, ", "], got Norms")
                .doesNotContain("\tat ");
    }

    @Test
    void aWrongKernelFailsAndIsNotChosenAgain() throws IOException {
        loadMutants();
        System.setProperty(Choice.PROPERTY, "recurrent:cuda.steps");
        String mutant = "mutant:FORGOTTEN_CELL_GRADIENT";
        Path file = folder.resolve("report.json");
        CommandLineRun run = CommandLineRun.of(
                "doctor", "--device", mutant, "--quick", "--only", "Recurrent", "--json", file.toString());
        System.clearProperty(Choice.PROPERTY);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .startsWith(mutant + " (simulated): ")
                .containsPattern("Recurrent: LSTM, F32 +cuda.steps .* FAIL")
                .containsPattern("FAIL cuda.steps, Recurrent: LSTM, F32, .*: error of .*, limit 1.0e-05")
                .containsPattern("Recurrent: GRU, F32 +cuda.steps .* PASS")
                .contains("no benchmark: the device is simulated, so its time says nothing");
        assertThat(run.out().lines().filter(line -> line.startsWith("  Gatefold ")))
                .hasSize(1);
        JsonObject report = CommandLineRun.json(file);
        assertThat(report.get("healthy").getAsBoolean()).isFalse();
        assertThat(report.getAsJsonArray("checks"))
                .extracting(JsonElement::getAsJsonObject)
                .anyMatch(check -> check.get("verdict").getAsString().equals("FAIL")
                        && check.get("implementation").getAsString().equals("cuda.steps"));
        RecurrentSpec spec = RecurrentSpec.of(Cell.GRU, 3, 2, 4, 5);
        try (Device device = Devices.named(mutant)) {
            assertThat(Choice.choose(device, RecurrentOp.FAMILY, spec, Mode.INFERENCE)
                            .name())
                    .isNotEqualTo("cuda.steps");
            System.setProperty(Choice.PROPERTY, "recurrent:cuda.steps");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Choice.choose(device, RecurrentOp.FAMILY, spec, Mode.INFERENCE))
                    .withMessageMatching(
                            "no implementation .*cuda.steps: failed verification on this card on \\S+: error of .*");
        }
    }

    @Test
    void afterAnErrorThatEndsTheContextNothingMoreIsRun() {
        loadMutants();
        System.setProperty(Scope.SEPARATE_PROPERTY, "true");
        SimulatedDevice.setOption("log_findings", "0");
        try {
            CommandLineRun run = CommandLineRun.of(
                    "doctor", "--device", "mutant:ROW_PAST_THE_END", "--quick", "--only", "Recurrent");
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.out())
                    .contains("the device is unusable in this process")
                    .containsPattern("\\d+ of \\d+ checks failed, \\d+ not run");
        } finally {
            SimulatedDevice.setOption("log_findings", "1");
            SimulatedDevice.reset();
        }
    }

    private static void loadMutants() {
        assumeTrue(SimulatedDevice.isBuilt(), "mistakes are planted on the simulated device only");
        SimulatedDevice.load();
        System.setProperty(MUTANTS, "true");
    }
}
