package org.gatefold.contract.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.gatefold.contract.Compare;
import org.gatefold.contract.CudnnContractTest;
import org.gatefold.contract.OperationContract;
import org.gatefold.contract.Subject;
import org.gatefold.contract.oracle.NaiveRecurrent;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What {@link CudnnContractTest} leaves open of {@code cuda.cudnn}: the other algorithms, the other precisions,
 * cuDNN's own dropout.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public class CudnnAlgorithmsTest {
    private static final String DEVICE = "cuda:0";
    private static final String NAME = "cuda.cudnn";
    private static final List<String> ALGORITHMS =
            List.of(NAME, NAME + ".persist-static", NAME + ".persist-dynamic", NAME + ".small-h");

    private Subject subject;
    private Scope scope;

    @BeforeAll
    void openDevice() {
        subject = Subject.open(DEVICE, NAME, RecurrentOp.class);
    }

    @AfterAll
    void closeDevice() {
        if (subject != null) {
            subject.close();
        }
    }

    @BeforeEach
    @SuppressWarnings("MustBeClosedChecker") // closed after each test
    void openScope() {
        scope = subject.device().openScope("test");
    }

    @AfterEach
    void everyByteIsGivenBack() {
        scope.close();
        assertThat(subject.device().bytesInUse()).isZero();
    }

    private static RecurrentOp named(Device device, String name) {
        return device.operations(RecurrentOp.class).stream()
                .filter(op -> op.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** F32 is the standard algorithm's alone. */
    static Stream<Arguments> algorithmsCellsAndPrecisions() {
        return ALGORITHMS.stream().flatMap(name -> Stream.of(Cell.values())
                .flatMap(cell -> Stream.of(Precision.F32, Precision.TF32, Precision.F16)
                        .filter(precision -> precision != Precision.F32 || name.equals(NAME))
                        .map(precision -> arguments(name, cell, precision))));
    }

    private static double tolerance(Precision precision) {
        return precision == Precision.F32
                ? OperationContract.TOLERANCE
                : 5 * Math.scalb(1.0, -precision.significantBits());
    }

    @ParameterizedTest
    @MethodSource("algorithmsCellsAndPrecisions")
    void everyAlgorithmAgreesWithTheEquations(String name, Cell cell, Precision precision) {
        RecurrentOp op = named(subject.device(), name);
        RecurrentSpec spec = RecurrentSpec.of(cell, 6, 4, 7, 12)
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withDropout(0.25f)
                .withPrecision(precision);
        double tolerance = tolerance(precision);
        for (int[] lengths : new int[][] {null, {4, 4, 4, 4}, {6, 0, 2, 5}}) {
            RecurrentCase given = RecurrentCase.random(spec, lengths, 40);
            assertThat(Compare.differences(
                            RecurrentRun.training(op, scope, given), NaiveRecurrent.training(given), tolerance))
                    .as("training of %s, lengths %s", name, Arrays.toString(lengths))
                    .isEmpty();
            assertThat(Compare.differences(
                            RecurrentRun.inference(op, scope, given), NaiveRecurrent.inference(given), tolerance))
                    .as("inference of %s, lengths %s", name, Arrays.toString(lengths))
                    .isEmpty();
        }
    }

    /** A projection is the standard algorithm's alone; skipping the input is everyone's. */
    @ParameterizedTest
    @MethodSource("algorithmsCellsAndPrecisions")
    void projectionsAndSkippedInputsAgreeWithTheEquations(String name, Cell cell, Precision precision) {
        RecurrentOp op = named(subject.device(), name);
        CellOptions plain = CellOptions.PLAIN;
        RecurrentSpec spec = RecurrentSpec.of(cell, 6, 4, 12, 12)
                .withLayers(2)
                .withDirection(Direction.BIDIRECTIONAL)
                .withDropout(0.25f)
                .withPrecision(precision);
        if (cell == Cell.LSTM) {
            RecurrentSpec projected = spec.withOptions(plain.withProjection(7));
            if (name.equals(NAME)) {
                assertAgrees(op, projected, tolerance(precision));
            } else {
                assertThat(op.unsupported(projected, Mode.TRAINING))
                        .hasValueSatisfying(reason -> assertThat(reason).contains("NOT_SUPPORTED"));
            }
            assertThat(op.unsupported(
                            projected.withOptions(plain.withProjection(7).withSkipInput(true)), Mode.INFERENCE))
                    .hasValueSatisfying(reason -> assertThat(reason).contains("skips the product"));
        }
        assertAgrees(op, spec.withOptions(plain.withSkipInput(true)), tolerance(precision));
    }

    private void assertAgrees(RecurrentOp op, RecurrentSpec spec, double tolerance) {
        for (int[] lengths : new int[][] {null, {6, 0, 2, 5}}) {
            RecurrentCase given = RecurrentCase.random(spec, lengths, 45);
            assertThat(Compare.differences(
                            RecurrentRun.training(op, scope, given), NaiveRecurrent.training(given), tolerance))
                    .as("training of %s, %s, lengths %s", op.name(), spec.options(), Arrays.toString(lengths))
                    .isEmpty();
            assertThat(Compare.differences(
                            RecurrentRun.inference(op, scope, given), NaiveRecurrent.inference(given), tolerance))
                    .as("inference of %s, %s, lengths %s", op.name(), spec.options(), Arrays.toString(lengths))
                    .isEmpty();
        }
    }

    /** How large is too large is for the library to say; it is known of the simulated one only. */
    @Test
    void whatAnAlgorithmCannotDoIsDeclinedWithTheLibrarysReason() {
        assumeTrue(SimulatedDevice.isBuilt(), "limits are those of the simulated library");
        RecurrentSpec wide = RecurrentSpec.of(Cell.LSTM, 2, 2, 4, 1200).withPrecision(Precision.TF32);
        for (String name : ALGORITHMS.subList(1, ALGORITHMS.size())) {
            assertThat(named(subject.device(), name).unsupported(wide, Mode.TRAINING))
                    .as(name)
                    .hasValueSatisfying(reason -> assertThat(reason)
                            .contains("CUDNN_STATUS_NOT_SUPPORTED")
                            .contains("(3"));
        }
        assertThat(named(subject.device(), NAME).unsupported(wide, Mode.TRAINING))
                .isEmpty();
    }

    @Test
    void whatNoLibraryDoesAsPromisedIsDeclined() {
        RecurrentSpec spec = RecurrentSpec.of(Cell.LSTM, 6, 4, 5, 9);
        for (Mode mode : Mode.values()) {
            for (String name : ALGORITHMS) {
                assertThat(named(subject.device(), name).unsupported(spec.withCellClip(0.3f), mode))
                        .hasValueSatisfying(reason -> assertThat(reason).contains("unclipped"));
            }
            for (String name : ALGORITHMS.subList(1, ALGORITHMS.size())) {
                assertThat(named(subject.device(), name).unsupported(spec, mode))
                        .hasValueSatisfying(reason -> assertThat(reason).contains("take TF32"));
            }
        }
    }

    static Stream<Arguments> roundedPrecisions() {
        return RecurrentCases.cellsIn(Precision.TF32, Precision.F16);
    }

    @ParameterizedTest
    @MethodSource("roundedPrecisions")
    void otherPrecisionsRoundAndHandlePaddingToo(Cell cell, Precision precision) {
        RecurrentOp op = named(subject.device(), NAME);
        RecurrentSpec single = RecurrentSpec.of(cell, 6, 4, 8, 16).withLayers(2).withDirection(Direction.REVERSE);
        RecurrentSpec spec = single.withPrecision(precision);
        RecurrentCase given = RecurrentCase.random(spec, new int[] {6, 0, 2, 5}, 41);
        Map<String, float[]> actual = RecurrentRun.training(op, scope, given);
        assertThat(Compare.differences(actual, NaiveRecurrent.training(given), tolerance(precision)))
                .isEmpty();
        assertThat(Compare.differences(actual, NaiveRecurrent.training(given.withSpec(single)), 1e-5))
                .as("tensors that show the rounding")
                .isNotEmpty();
    }

    /** With cuDNN's own masks two fresh plans of one seed drop the same; so a difference quotient sees the same function. */
    @Test
    void itsOwnDropoutMasksGiveTheGradientOfWhatTheyDropped() {
        System.setProperty("gatefold.cudnn.dropout", "native");
        try (Device device = Devices.named(DEVICE);
                Scope own = device.openScope("own masks")) {
            RecurrentOp op = named(device, NAME);
            assertThat(op.reproducibleDropout()).isFalse();
            RecurrentSpec spec =
                    RecurrentSpec.of(Cell.GRU, 4, 3, 5, 8).withLayers(2).withDropout(0.5f);
            RecurrentCase given = RecurrentCase.random(spec, null, 43).withGradients(ones(4 * 3 * 8), null, null);
            Map<String, float[]> results = RecurrentRun.training(op, own, given);
            assertThat(results.get("y"))
                    .isEqualTo(RecurrentRun.training(op, own, given).get("y"));
            assertThat(results.get("y"))
                    .isNotEqualTo(
                            RecurrentRun.training(op, own, given.withSeed(44)).get("y"))
                    .isNotEqualTo(RecurrentRun.inference(op, own, given).get("y"));
            float[] x = given.x();
            float step = 1e-2f;
            for (int i : new int[] {0, 17, 31, x.length - 1}) {
                float before = x[i];
                x[i] = before + step;
                double above = sum(RecurrentRun.training(op, own, given).get("y"));
                x[i] = before - step;
                double below = sum(RecurrentRun.training(op, own, given).get("y"));
                x[i] = before;
                assertThat((above - below) / (2 * step))
                        .as("gradient of x[%d]", i)
                        .isCloseTo(results.get("dx")[i], org.assertj.core.api.Assertions.within(2e-3));
            }
        } finally {
            System.clearProperty("gatefold.cudnn.dropout");
        }
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1f);
        return ones;
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }

    @Test
    void standsBehindTheDefaultAndComesByItsNames() {
        List<String> names = new ArrayList<>();
        subject.device().operations(RecurrentOp.class).forEach(op -> names.add(op.name()));
        assertThat(names).containsSubsequence(ALGORITHMS);
        assertThat(names.get(0)).isEqualTo("cuda.steps");
    }
}
