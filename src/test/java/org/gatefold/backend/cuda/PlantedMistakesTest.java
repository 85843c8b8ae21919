package org.gatefold.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gatefold.backend.cuda.MutantBackend.Mistake;
import org.gatefold.backend.cuda.driver.Alarm;
import org.gatefold.backend.cuda.driver.CudaException;
import org.gatefold.backend.cuda.kernel.KernelCompiler;
import org.gatefold.backend.cuda.kernel.KernelSources;
import org.gatefold.contract.Compare;
import org.gatefold.contract.oracle.NaiveRecurrent;
import org.gatefold.contract.recurrent.RecurrentCase;
import org.gatefold.contract.recurrent.RecurrentRun;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.CellNoise;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The suite can fail: kernels with a planted mistake give other numbers than the reference, or the simulated device finds
 * the mistake itself.
 */
class PlantedMistakesTest {
    private static final int[] LENGTHS = {6, 0, 4};

    private static final RecurrentSpec SPEC = RecurrentSpec.of(Cell.LSTM, 6, 3, 4, 5)
            .withLayers(2)
            .withDirection(Direction.BIDIRECTIONAL)
            .withDropout(0.5f)
            .withCellClip(0.4f);

    private static final RecurrentSpec OPTIONS = SPEC.withOptions(
            CellOptions.PLAIN.withPeepholes(true).withCoupled(true).withGateClip(0.3f));
    private static final RecurrentSpec NOISE = SPEC.withOptions(CellOptions.PLAIN.withNoise(
            CellNoise.NONE.withZoneout(0.3f, 0.4f).withCandidateDropout(0.3f).withRecurrentDropout(0.3f)));
    private static final RecurrentSpec PROJECTION = SPEC.withOptions(CellOptions.PLAIN
            .withProjection(3)
            .withNoise(CellNoise.NONE.withZoneout(0.3f, 0f).withRecurrentDropout(0.3f)));
    private static final RecurrentSpec SKIPPED_INPUT = RecurrentSpec.of(Cell.LSTM, 6, 3, 5, 5)
            .withDirection(Direction.BIDIRECTIONAL)
            .withOptions(CellOptions.PLAIN.withSkipInput(true));
    private static final RecurrentSpec LAYER_NORM = SPEC.withOptions(CellOptions.PLAIN.withLayerNorm(true));
    private static final RecurrentSpec GRU =
            RecurrentSpec.of(Cell.GRU, 6, 3, 4, 5).withLayers(2).withDirection(Direction.BIDIRECTIONAL);
    private static final RecurrentSpec NORMED_GRU = GRU.withOptions(CellOptions.PLAIN.withLayerNorm(true));
    private static final RecurrentSpec NORMED_RESET_BEFORE =
            GRU.withOptions(CellOptions.PLAIN.withLayerNorm(true).withResetBefore(true));
    private static final RecurrentSpec NORMED_RNN = RecurrentSpec.of(Cell.RNN_TANH, 6, 3, 4, 5)
            .withLayers(2)
            .withDirection(Direction.BIDIRECTIONAL)
            .withOptions(CellOptions.PLAIN.withLayerNorm(true));
    /** Blocks of several groups of units, some of which handle rows one after the other: of four multiprocessors. */
    private static final RecurrentSpec SPREAD = RecurrentSpec.of(Cell.LSTM, 6, 20, 4, 37)
            .withDirection(Direction.BIDIRECTIONAL)
            .withPrecision(Precision.BF16);

    /** Blocks of a cluster with several groups of units, and clusters with few rows, the last fewer. */
    private static final RecurrentSpec CLUSTERS =
            RecurrentSpec.of(Cell.LSTM, 6, 20, 4, 83).withPrecision(Precision.BF16);

    /** What shows by blocks that give up. */
    private static final Set<Mistake> WAITED_FOR_IN_VAIN = EnumSet.of(
            Mistake.LOST_ARRIVAL,
            Mistake.LOST_ARRIVAL_AT_A_SLOT,
            Mistake.LOST_WRITE,
            Mistake.ROWS_EXPECTED_THAT_ARE_NOT_THERE);

    private static final RecurrentSpec RESET_BEFORE =
            RecurrentSpec.of(Cell.GRU, 6, 3, 4, 5).withOptions(CellOptions.PLAIN.withResetBefore(true));

    @BeforeAll
    static void requireSimulator() {
        assumeTrue(SimulatedDevice.isBuilt(), "mistakes are planted on the simulated device only");
        SimulatedDevice.load();
        System.setProperty(PlantedDevices.PROPERTY, "true");
        System.setProperty(Scope.SEPARATE_PROPERTY, "true");
        // Many compilations, few launches.
        System.setProperty(KernelCompiler.DEBUG_PROPERTY, "true");
        SimulatedDevice.setOption("log_findings", "0");
    }

    @AfterAll
    static void restore() {
        System.clearProperty(PlantedDevices.PROPERTY);
        System.clearProperty(Scope.SEPARATE_PROPERTY);
        System.clearProperty(KernelCompiler.DEBUG_PROPERTY);
        if (SimulatedDevice.isBuilt()) {
            SimulatedDevice.setOption("log_findings", "1");
        }
    }

    /** After a finding the context is of no use any more, as on a card. */
    @AfterEach
    void resetDevice() {
        SimulatedDevice.setOption("second_ms", "1000000");
        SimulatedDevice.reset();
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(Mistake.values())
                .filter(mistake -> mistake != Mistake.NONE)
                .flatMap(mistake -> mistake.implementations().stream().map(name -> arguments(mistake, name)));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void isCaught(Mistake mistake, String implementation) {
        if (WAITED_FOR_IN_VAIN.contains(mistake)) {
            SimulatedDevice.setOption("second_ms", "10");
        }
        KernelSources right = new KernelSources(UnaryOperator.identity());
        KernelSources wrong = new KernelSources(mistake::plant);
        assertThat(texts(wrong)).as("the mistake is planted").isNotEqualTo(texts(right));
        assertThat(symptoms(mistake, implementation, spec(mistake, implementation)))
                .isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                MutantBackend.STEPS,
                MutantBackend.FUSED,
                MutantBackend.IN_PARTS,
                MutantBackend.PERSISTENT,
                MutantBackend.CLUSTER
            })
    void rightKernelsAreNotCaught(String implementation) {
        assertThat(symptoms(Mistake.NONE, implementation, spec(Mistake.NONE, implementation)))
                .isEmpty();
        assertThat(symptoms(Mistake.NONE, implementation, GRU)).isEmpty();
    }

    @Test
    void rightKernelsOfOptionsAreNotCaught() {
        assertThat(symptoms(Mistake.NONE, MutantBackend.STEPS, OPTIONS)).isEmpty();
        assertThat(symptoms(Mistake.NONE, MutantBackend.STEPS, RESET_BEFORE)).isEmpty();
        assertThat(symptoms(Mistake.NONE, MutantBackend.STEPS, NOISE)).isEmpty();
        assertThat(symptoms(Mistake.NONE, MutantBackend.STEPS, PROJECTION)).isEmpty();
        assertThat(symptoms(Mistake.NONE, MutantBackend.STEPS, LAYER_NORM)).isEmpty();
        assertThat(symptoms(Mistake.NONE, MutantBackend.STEPS, NORMED_GRU)).isEmpty();
        assertThat(symptoms(Mistake.NONE, MutantBackend.STEPS, NORMED_RESET_BEFORE))
                .isEmpty();
        assertThat(symptoms(Mistake.NONE, MutantBackend.STEPS, NORMED_RNN)).isEmpty();
        assertThat(symptoms(Mistake.NONE, MutantBackend.STEPS, SKIPPED_INPUT)).isEmpty();
    }

    /** What shows a mistake; on tensor cores where there are some. */
    private static RecurrentSpec spec(Mistake mistake, String implementation) {
        return switch (mistake) {
            case SLOPE_AT_THE_BOUND, COUPLED_GATE_WITHOUT_GRADIENT, PEEPHOLE_OF_THE_STATE_BEFORE -> OPTIONS;
            case STAYING_STATE_WITHOUT_GRADIENT,
                    OUTPUT_OF_THE_STATE_THAT_STAYED,
                    MASK_OF_ANOTHER_LAYER,
                    PRODUCT_OF_WHOLE_STATES,
                    MASK_OF_H_OF_EVERY_STEP,
                    WHOLE_GRADIENT_OF_MASKED_STATES,
                    WEIGHTS_LEARN_OF_WHOLE_STATES -> NOISE;
            case STAYING_FEATURE_WITHOUT_GRADIENT,
                    PRODUCT_OF_WHOLE_FEATURES,
                    ONLY_ONE_STEP_OF_A_PROJECTION_KEPT,
                    ONLY_ONE_GRADIENT_OF_A_PROJECTION_KEPT -> PROJECTION;
            case GAINS_OF_PRODUCTS_WITH_X_FOR_H,
                    MOMENTS_OF_X_WITHOUT_GRADIENT,
                    MOMENTS_OF_H_WITHOUT_GRADIENT,
                    GRADIENTS_OF_GAIN_AND_SHIFT_SWAPPED,
                    MOMENTS_READ_WITHOUT_BARRIER -> LAYER_NORM;
            case GAINS_OF_PRODUCTS_WITH_X_FOR_H_IN_A_GRU,
                    CANDIDATE_WITHOUT_ITS_OWN_GRADIENT,
                    GAIN_OF_THE_CANDIDATE_LEARNS_OF_ITS_SUM,
                    MOMENTS_OF_A_GATE_WITHOUT_GRADIENT -> NORMED_GRU;
            case ROWS_NORMALISED_OVER_ONE_GATE, DEVIATION_OF_THE_OTHER_PRODUCT, RESET_GATE_WITHOUT_ITS_OWN_PRODUCT ->
                NORMED_RESET_BEFORE;
            case SUMS_OF_AN_RNN_WITHOUT_MOMENTS -> NORMED_RNN;
            case INPUT_FOR_ALL_GATES_BUT_ONE, GRADIENT_OF_THE_OTHER_DIRECTION_LOST -> SKIPPED_INPUT;
            case FORGOTTEN_RESET -> RESET_BEFORE;
            case CANDIDATE_FORGETS_THE_RESET_GATE, KEPT_STATE_WITHOUT_GRADIENT -> GRU;
            default ->
                switch (implementation) {
                    case MutantBackend.FUSED -> SPEC.withPrecision(Precision.BF16);
                    case MutantBackend.PERSISTENT -> SPREAD;
                    case MutantBackend.CLUSTER -> CLUSTERS;
                    default -> SPEC;
                };
        };
    }

    private static List<String> texts(KernelSources sources) {
        List<String> texts = new ArrayList<>(sources.headers().values());
        sources.files().forEach(file -> texts.add(sources.text(file)));
        return texts;
    }

    /** Differences from the reference, or what the simulated device found. */
    private static List<String> symptoms(Mistake mistake, String implementation, RecurrentSpec spec) {
        int[] lengths = IntStream.range(0, spec.batch())
                .map(row -> LENGTHS[row % LENGTHS.length])
                .toArray();
        RecurrentCase given = RecurrentCase.random(spec, lengths, 30);
        try (Device device = Devices.named(MutantBackend.PREFIX + mistake);
                Scope scope = device.openScope("planted mistake")) {
            RecurrentOp op = device.operations(RecurrentOp.class).stream()
                    .filter(each -> each.name().equals(implementation))
                    .findFirst()
                    .orElseThrow();
            double tolerance = spec.precision() == Precision.BF16 ? 5 * 0x1p-8 : 1e-5;
            return Compare.differences(
                    RecurrentRun.training(op, scope, given), NaiveRecurrent.training(given), tolerance);
        } catch (CudaException e) {
            if (Alarm.meaning(implementation).equals(e.getMessage())) {
                return List.of(e.getMessage());
            }
            assertThat(SimulatedDevice.findings()).as(e.getMessage()).isNotEmpty();
            return SimulatedDevice.findings();
        }
    }
}
