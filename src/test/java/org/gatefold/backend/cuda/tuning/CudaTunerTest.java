package org.gatefold.backend.cuda.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.gatefold.backend.cuda.MutantBackend;
import org.gatefold.backend.cuda.MutantBackend.Mistake;
import org.gatefold.backend.cuda.PlantedDevices;
import org.gatefold.backend.cuda.cudnn.TamperedRecurrent;
import org.gatefold.backend.cuda.driver.CudaException;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.OutOfMemoryException;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.plan.Tuner;
import org.gatefold.op.plan.VerificationRecord;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The tuner on the simulated device, switched on there. Isolated, because the properties are seen by every test. */
@Isolated
class CudaTunerTest {
    private static final RecurrentSpec SPEC = RecurrentSpec.of(Cell.LSTM, 3, 3, 4, 5);

    @TempDir
    Path folder;

    private static String recordsBefore;

    @BeforeAll
    static void load() {
        assumeTrue(SimulatedDevice.isBuilt(), "the simulated device is not built");
        SimulatedDevice.load();
        recordsBefore = System.getProperty(CardRecords.FOLDER_PROPERTY);
    }

    @BeforeEach
    void setProperties() {
        System.setProperty(CardRecords.FOLDER_PROPERTY, folder.toString());
        System.setProperty(CudaTuner.PROPERTY, "on");
        SimulatedDevice.setOption("clock", "launches");
    }

    @AfterEach
    void tellTimeAgain() {
        SimulatedDevice.setOption("clock", "wall");
    }

    @AfterAll
    static void restore() {
        System.clearProperty(CudaTuner.PROPERTY);
        if (recordsBefore == null) {
            System.clearProperty(CardRecords.FOLDER_PROPERTY);
        } else {
            System.setProperty(CardRecords.FOLDER_PROPERTY, recordsBefore);
        }
    }

    private static RecurrentOp steps(Device device) {
        return named(device, "cuda.steps");
    }

    private static RecurrentOp named(Device device, String name) {
        return device.operations(RecurrentOp.class).stream()
                .filter(op -> op.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static TamperedRecurrent like(RecurrentOp op, String name) {
        return new TamperedRecurrent(op, name, 1, y -> {});
    }

    private static Tuner.Decision<RecurrentOp> choose(
            Device device, RecurrentSpec spec, Mode mode, RecurrentOp... candidates) {
        return device.service(Tuner.class)
                .orElseThrow()
                .decide(device, RecurrentOp.FAMILY, List.of(candidates), spec, mode);
    }

    private static String chosen(Tuner.Decision<RecurrentOp> decision) {
        return decision.op().orElseThrow().name();
    }

    @Test
    void theFasterOneIsTakenWhateverTheOrder() {
        try (Device device = Devices.named("cuda:0")) {
            RecurrentOp steps = steps(device);
            RecurrentOp slow = new TamperedRecurrent(steps, "slow", 4, y -> {});
            assertThat(chosen(choose(device, SPEC, Mode.TRAINING, slow, steps))).isEqualTo("cuda.steps");
            assertThat(chosen(choose(device, SPEC, Mode.INFERENCE, steps, slow)))
                    .isEqualTo("cuda.steps");
            assertThat(device.bytesInUse()).isZero();
        }
    }

    @Test
    void aChallengerMustWinByMoreThanThreePercent() {
        assertThat(CudaTuner.fastest(Map.of("preferred", 1.0, "challenger", 0.98), "preferred"))
                .isEqualTo("preferred");
        assertThat(CudaTuner.fastest(Map.of("preferred", 1.0, "challenger", 0.96), "preferred"))
                .isEqualTo("challenger");
    }

    @Test
    void wrongResultsAreRejectedAndRecordedForEveryProcess() {
        try (Device device = Devices.named("cuda:0")) {
            RecurrentOp wrong = new TamperedRecurrent(steps(device), "wrong", 1, y -> y.fill(0.25f));
            Tuner.Decision<RecurrentOp> choice = choose(device, SPEC, Mode.TRAINING, wrong, steps(device));
            assertThat(chosen(choice)).isEqualTo("cuda.steps");
            assertThat(choice.rejected())
                    .singleElement()
                    .asString()
                    .matches("wrong: failed verification on this card on \\d{4}-\\d\\d-\\d\\d: error of y .*");
        }
        try (Device later = Devices.named("cuda:0")) {
            VerificationRecord record = later.service(VerificationRecord.class).orElseThrow();
            assertThat(record.failure("recurrent:wrong")).isPresent();
            assertThat(record.failure("recurrent:cuda.steps")).isEmpty();
            record.passed("recurrent:wrong");
            assertThat(record.failure("recurrent:wrong")).isEmpty();
        }
        try (Device last = Devices.named("cuda:0")) {
            assertThat(last.service(VerificationRecord.class).orElseThrow().failure("recurrent:wrong"))
                    .isEmpty();
        }
    }

    @Test
    void resultsThatDifferFromRunToRunAreRejected() {
        AtomicInteger run = new AtomicInteger();
        try (Device device = Devices.named("cuda:0")) {
            RecurrentOp restless = new TamperedRecurrent(steps(device), "restless", 1, y -> {
                float[] values = y.toFloats();
                values[0] *= 1 + 1e-6f * run.getAndIncrement();
                y.write(values);
            });
            assertThat(choose(device, SPEC, Mode.INFERENCE, restless, steps(device))
                            .rejected())
                    .singleElement()
                    .asString()
                    .contains("y differs between runs");
        }
    }

    @Test
    void ifAllAreWrongNoneIsTaken() {
        try (Device device = Devices.named("cuda:0")) {
            RecurrentOp one = new TamperedRecurrent(steps(device), "one", 1, y -> y.fill(1f));
            RecurrentOp other = new TamperedRecurrent(steps(device), "other", 1, y -> y.fill(Float.NaN));
            Tuner.Decision<RecurrentOp> choice = choose(device, SPEC, Mode.INFERENCE, one, other);
            assertThat(choice.op()).isEmpty();
            assertThat(choice.rejected()).hasSize(2);
        }
    }

    @Test
    void aDecisionHoldsForItsClassOfShapesInEveryProcess() throws IOException {
        try (Device device = Devices.named("cuda:0")) {
            TamperedRecurrent counted = like(steps(device), "counted");
            choose(device, SPEC, Mode.INFERENCE, steps(device), counted);
            int tried = counted.plans.get();
            assertThat(tried).isPositive();
            choose(device, SPEC.withSize(4, 4), Mode.INFERENCE, steps(device), counted);
            assertThat(counted.plans).hasValue(tried);
            choose(device, SPEC.withSize(5, 4), Mode.INFERENCE, steps(device), counted);
            assertThat(counted.plans).hasValueGreaterThan(tried);
        }
        try (Device later = Devices.named("cuda:0")) {
            TamperedRecurrent counted = like(steps(later), "counted");
            choose(later, SPEC, Mode.INFERENCE, steps(later), counted);
            assertThat(counted.plans).hasValue(0);
            choose(later, SPEC, Mode.INFERENCE, steps(later), counted, like(steps(later), "new"));
            assertThat(counted.plans)
                    .as("a new candidate asks for a new decision")
                    .hasPositiveValue();
        }
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.writeString(file, "{\"card\": ");
            }
        }
        try (Device last = Devices.named("cuda:0")) {
            TamperedRecurrent counted = like(steps(last), "counted");
            choose(last, SPEC, Mode.INFERENCE, steps(last), counted);
            assertThat(counted.plans).as("a damaged decision is made again").hasPositiveValue();
        }
    }

    @Test
    void aCandidateThatCannotBeTriedLeavesTheOrderOfTheList() {
        try (Device device = Devices.named("cuda:0")) {
            RecurrentOp greedy = new TamperedRecurrent(steps(device), "greedy", 1, y -> {
                throw new OutOfMemoryException("too little memory");
            });
            Tuner.Decision<RecurrentOp> choice = choose(device, SPEC, Mode.TRAINING, steps(device), greedy);
            assertThat(chosen(choice)).isEqualTo("cuda.steps");
            assertThat(choice.rejected()).isEmpty();
            assertThat(device.service(VerificationRecord.class).orElseThrow().failure("recurrent:greedy"))
                    .isEmpty();
            assertThat(device.bytesInUse()).isZero();
        }
    }

    /** After such an error, as on a card, nothing works in this process; the next one knows better. */
    @Test
    void anErrorThatEndsTheContextIsThrownAndRecorded() {
        System.setProperty(PlantedDevices.PROPERTY, "true");
        System.setProperty(Scope.SEPARATE_PROPERTY, "true");
        SimulatedDevice.setOption("log_findings", "0");
        String mutant = MutantBackend.PREFIX + Mistake.ROW_PAST_THE_END;
        try {
            assertThatThrownBy(() -> {
                        try (Device device = Devices.named(mutant)) {
                            RecurrentOp steps = steps(device);
                            choose(device, SPEC, Mode.TRAINING, steps, like(steps, "other"));
                        }
                    })
                    .isInstanceOf(CudaException.class);
            SimulatedDevice.reset();
            try (Device later = Devices.named(mutant)) {
                assertThat(later.service(VerificationRecord.class).orElseThrow().failure("recurrent:cuda.steps"))
                        .isPresent();
            }
            try (Device right = Devices.named("cuda:0")) {
                assertThat(right.service(VerificationRecord.class).orElseThrow().failure("recurrent:cuda.steps"))
                        .as("other kernels, other record")
                        .isEmpty();
            }
        } finally {
            System.clearProperty(PlantedDevices.PROPERTY);
            System.clearProperty(Scope.SEPARATE_PROPERTY);
            SimulatedDevice.setOption("log_findings", "1");
        }
    }

    /** Such a failure is the candidate's alone: the device is good for the others. */
    @Test
    void aCandidateThatGivesUpIsRejectedAndRecorded() {
        System.setProperty(PlantedDevices.PROPERTY, "true");
        SimulatedDevice.setOption("second_ms", "10");
        try (Device device = Devices.named(MutantBackend.PREFIX + Mistake.LOST_ARRIVAL)) {
            RecurrentOp persistent = named(device, "cuda.persistent");
            RecurrentSpec ofSeveralBlocks = RecurrentSpec.of(Cell.LSTM, 5, 2, 3, 20);
            Tuner.Decision<RecurrentOp> choice =
                    choose(device, ofSeveralBlocks, Mode.INFERENCE, persistent, steps(device));
            assertThat(chosen(choice)).isEqualTo("cuda.steps");
            assertThat(choice.rejected()).singleElement().asString().contains("cuda.persistent gave up");
            device.synchronize();
            assertThat(device.bytesInUse()).isZero();
        } finally {
            System.clearProperty(PlantedDevices.PROPERTY);
            SimulatedDevice.setOption("second_ms", "1000000");
        }
    }

    @Test
    void onTheSimulatedDeviceNothingIsMeasuredUnlessAskedFor() {
        System.clearProperty(CudaTuner.PROPERTY);
        try (Device device = Devices.named("cuda:0")) {
            TamperedRecurrent counted = like(steps(device), "counted");
            assertThat(chosen(choose(device, SPEC, Mode.INFERENCE, counted, steps(device))))
                    .isEqualTo("counted");
            assertThat(counted.plans).hasValue(0);
        }
    }

    @Test
    void theSwitchIsOnOrOff() {
        System.setProperty(CudaTuner.PROPERTY, "maybe");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Devices.named("cuda:0").close())
                .withMessage("-Dgatefold.cuda.tuner: expected on or off, got 'maybe'");
    }

    @Test
    void classesOfShapesTellApartWhatDecidesTheSpeed() {
        assertThat(RecurrentOp.FAMILY.shapes(SPEC.withSize(33, 1), Mode.TRAINING))
                .isEqualTo("LSTM T64 B1 I4 H5, 1 layers, FORWARD, F32, TRAINING")
                .isEqualTo(RecurrentOp.FAMILY.shapes(SPEC.withSize(64, 1), Mode.TRAINING))
                .isNotEqualTo(RecurrentOp.FAMILY.shapes(SPEC.withSize(65, 1), Mode.TRAINING))
                .isNotEqualTo(RecurrentOp.FAMILY.shapes(SPEC.withSize(64, 1), Mode.INFERENCE))
                .isNotEqualTo(
                        RecurrentOp.FAMILY.shapes(SPEC.withSize(64, 1).withPrecision(Precision.TF32), Mode.TRAINING));
    }
}
