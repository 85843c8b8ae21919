package org.gatefold.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.gatefold.contract.Subject;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sigmoid and tanh as gates have them, {@code common/math.cuh}, beside those in double. */
class GateFunctionsTest {
    /** What that header promises. */
    private static final double RELATIVE = 0x1p-21;

    /** Below it a sigmoid may be 0. */
    private static final double LEAST = Float.MIN_NORMAL;

    private static final int COUNT = 200_000;

    @AfterEach
    void restore() {
        System.clearProperty(PlantedDevices.PROPERTY);
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** Of every magnitude up to 200, many near 0.625, where tanh changes its way, and both signs. */
    private static float[] arguments() {
        Random random = new Random(1);
        float[] x = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            double magnitude =
                    switch (i % 4) {
                        case 0 -> 200 * Math.pow(2, -140 * random.nextDouble());
                        case 1 -> 0.625 + 0.01 * random.nextGaussian();
                        case 2 -> 100 * random.nextDouble();
                        default -> 2 * random.nextDouble();
                    };
            x[i] = (float) (random.nextBoolean() ? magnitude : -magnitude);
        }
        return x;
    }

    /** The greatest error of a function, in parts of what it should be; below LEAST, of that. */
    private static double worst(Device device, Activation function, DoubleUnaryOperator exact) {
        float[] x = arguments();
        try (Scope scope = device.openScope("gate functions")) {
            ElementwiseOp op = device.operations(ElementwiseOp.class).get(0);
            Tensor given = scope.zeros("x", Shape.of(COUNT));
            given.write(0, x, 0, COUNT);
            Tensor y = scope.zeros("y", Shape.of(COUNT));
            op.activate(function, given, y);
            float[] actual = y.toFloats();
            double worst = 0;
            for (int i = 0; i < COUNT; i++) {
                double expected = exact.applyAsDouble(x[i]);
                double error = Math.abs(actual[i] - expected);
                double allowed = Math.abs(expected) < LEAST ? LEAST / RELATIVE : Math.abs(expected);
                worst = Math.max(worst, error / allowed);
            }
            return worst;
        }
    }

    @Test
    void areAsCloseAsPromised() {
        try (Subject subject = Subject.open("cuda:0", "cuda", ElementwiseOp.class)) {
            assertThat(worst(subject.device(), Activation.SIGMOID, GateFunctionsTest::sigmoid))
                    .isBetween(0x1p-25, RELATIVE);
            assertThat(worst(subject.device(), Activation.TANH, Math::tanh)).isBetween(0x1p-25, RELATIVE);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = MutantBackend.Mistake.class,
            names = {"TANH_WITHOUT_ITS_LAST_TERM", "TANH_OF_SMALL_NUMBERS_BY_A_DIFFERENCE"})
    void aWorseTanhIsCaught(MutantBackend.Mistake mistake) {
        assumeTrue(SimulatedDevice.isBuilt(), "mistakes are planted on the simulated device only");
        SimulatedDevice.load();
        System.setProperty(PlantedDevices.PROPERTY, "true");
        try (Device device = Devices.named(MutantBackend.PREFIX + mistake)) {
            assertThat(worst(device, Activation.TANH, Math::tanh)).isGreaterThan(RELATIVE);
        }
    }
}
