package org.gatefold.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.Scope;
import org.gatefold.op.optimizer.OptimizerOp;
import org.gatefold.op.optimizer.OptimizerPlan;
import org.gatefold.op.optimizer.OptimizerSpec;
import org.gatefold.op.optimizer.Segments;
import org.gatefold.op.optimizer.Segments.Segment;
import org.gatefold.op.optimizer.UpdateRule;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The optimisers against their published equations, written down plainly in double precision. */
class OptimizerTest {
    private static final int SIZE = 37;
    private static final int STEPS = 25;

    /** One optimiser in double precision: PyTorch's documentation of torch.optim, algorithm boxes, line by line. */
    private interface Algorithm {
        double next(double theta, double gradient, int t, double[] state);
    }

    private static double regularised(double gradient, double theta, double l1, double l2) {
        return gradient + l2 * theta + l1 * Math.signum(theta);
    }

    private static Algorithm sgd(double lr, double mu, double tau, boolean nesterov, double l1, double l2) {
        return (theta, gradient, t, state) -> {
            double g = regularised(gradient, theta, l1, l2);
            if (mu != 0) {
                state[0] = t > 1 ? mu * state[0] + (1 - tau) * g : g;
                g = nesterov ? g + mu * state[0] : state[0];
            }
            return theta - lr * g;
        };
    }

    private static Algorithm rmsProp(
            double lr, double alpha, double epsilon, double mu, boolean centred, double l1, double l2) {
        return (theta, gradient, t, state) -> {
            double g = regularised(gradient, theta, l1, l2);
            state[0] = alpha * state[0] + (1 - alpha) * g * g;
            double variance = state[0];
            if (centred) {
                state[1] = alpha * state[1] + (1 - alpha) * g;
                variance -= state[1] * state[1];
            }
            double change = g / (Math.sqrt(variance) + epsilon);
            if (mu > 0) {
                state[2] = mu * state[2] + change;
                change = state[2];
            }
            return theta - lr * change;
        };
    }

    private static Algorithm adam(
            double lr, double beta1, double beta2, double epsilon, double l1, double l2, boolean decoupled) {
        return (theta, gradient, t, state) -> {
            double g = regularised(gradient, theta, l1, decoupled ? 0 : l2);
            double w = decoupled ? theta - lr * l2 * theta : theta;
            state[0] = beta1 * state[0] + (1 - beta1) * g;
            state[1] = beta2 * state[1] + (1 - beta2) * g * g;
            double m = state[0] / (1 - Math.pow(beta1, t));
            double v = state[1] / (1 - Math.pow(beta2, t));
            return w - lr * m / (Math.sqrt(v) + epsilon);
        };
    }

    private static Segments whole() {
        return new Segments(List.of(new Segment("w", 0, SIZE, 1f, 1f)));
    }

    private static void check(String device, Optimizer optimizer, Algorithm expected) {
        Random random = new Random(11);
        float[] theta = new float[SIZE];
        double[] exact = new double[SIZE];
        double[][] states = new double[SIZE][3];
        for (int i = 0; i < SIZE; i++) {
            theta[i] = (float) random.nextGaussian();
            exact[i] = theta[i];
        }
        try (Device opened = Devices.named(device);
                Scope scope = opened.openScope("test")) {
            Tensor parameters = scope.f32("parameters", SIZE);
            Tensor gradients = scope.f32("gradients", SIZE);
            parameters.write(theta);
            try (OptimizerPlan plan = opened.operation(OptimizerOp.class)
                    .plan(
                            scope,
                            new OptimizerSpec(optimizer.rule(), optimizer.penalty(), whole()),
                            parameters,
                            gradients)) {
                for (int t = 1; t <= STEPS; t++) {
                    float[] g = new float[SIZE];
                    for (int i = 0; i < SIZE; i++) {
                        g[i] = (float) (random.nextGaussian() * Math.exp(random.nextGaussian()));
                        exact[i] = expected.next(exact[i], g[i], t, states[i]);
                    }
                    gradients.write(g);
                    plan.update(optimizer.learningRate(), t, null);
                }
            }
            float[] actual = parameters.toFloats();
            double largest = 0;
            double change = 0;
            for (int i = 0; i < SIZE; i++) {
                largest = Math.max(largest, Math.abs(actual[i] - exact[i]));
                change = Math.max(change, Math.abs(exact[i] - theta[i]));
            }
            assertThat(change).isGreaterThan(0.01);
            assertThat(largest / change).isLessThan(2e-5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void sgdFollowsItsEquations(String device) {
        check(device, Sgd.of(0.05f), sgd(0.05f, 0, 0, false, 0, 0));
        check(device, Sgd.of(0.05f).momentum(0.9f), sgd(0.05f, 0.9f, 0, false, 0, 0));
        check(device, Sgd.of(0.05f).momentum(0.9f).dampening(0.3f), sgd(0.05f, 0.9f, 0.3f, false, 0, 0));
        check(device, Sgd.of(0.05f).nesterov(0.8f), sgd(0.05f, 0.8f, 0, true, 0, 0));
        check(device, Sgd.of(0.05f).momentum(0.5f).l1(0.02f).l2(0.1f), sgd(0.05f, 0.5f, 0, false, 0.02f, 0.1f));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void rmsPropFollowsItsEquations(String device) {
        check(device, RmsProp.of(0.01f), rmsProp(0.01f, 0.99f, 1e-8f, 0, false, 0, 0));
        check(
                device,
                RmsProp.of(0.01f).alpha(0.9f).centred().epsilon(1e-3f),
                rmsProp(0.01f, 0.9f, 1e-3f, 0, true, 0, 0));
        check(
                device,
                RmsProp.of(0.01f).momentum(0.9f).l1(0.01f).l2(0.1f),
                rmsProp(0.01f, 0.99f, 1e-8f, 0.9f, false, 0.01f, 0.1f));
        check(
                device,
                RmsProp.of(0.01f).alpha(0.9f).centred().momentum(0.5f).epsilon(1e-3f),
                rmsProp(0.01f, 0.9f, 1e-3f, 0.5f, true, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void adamFollowsItsEquations(String device) {
        check(device, Adam.of(0.01f), adam(0.01f, 0.9f, 0.999f, 1e-8f, 0, 0, false));
        check(
                device,
                Adam.of(0.02f).betas(0.8f, 0.95f).epsilon(1e-4f).l1(0.01f).l2(0.1f),
                adam(0.02f, 0.8f, 0.95f, 1e-4f, 0.01f, 0.1f, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void adamWTakesTheDecayApart(String device) {
        check(device, AdamW.of(0.01f), adam(0.01f, 0.9f, 0.999f, 1e-8f, 0, 0.01f, true));
        check(device, AdamW.of(0.05f).weightDecay(0.3f).l1(0.02f), adam(0.05f, 0.9f, 0.999f, 1e-8f, 0.02f, 0.3f, true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void segmentsScaleRateAndPenalty(String device) {
        Segments segments = new Segments(List.of(
                new Segment("a", 0, 1, 1f, 1f), new Segment("b", 2, 1, 0.5f, 0f), new Segment("c", 3, 1, 0f, 1f)));
        try (Device opened = Devices.named(device);
                Scope scope = opened.openScope("test")) {
            Tensor parameters = scope.f32("parameters", 4);
            Tensor gradients = scope.f32("gradients", 4);
            parameters.write(1f, 0f, 1f, 1f);
            gradients.write(2f, 0f, 2f, 2f);
            Optimizer optimizer = Sgd.of(0.125f).l2(4f);
            try (OptimizerPlan plan = opened.operation(OptimizerOp.class)
                    .plan(
                            scope,
                            new OptimizerSpec(optimizer.rule(), optimizer.penalty(), segments),
                            parameters,
                            gradients)) {
                plan.update(optimizer.learningRate(), 1, null);
            }
            assertThat(parameters.toFloats()).containsExactly(1f - 0.125f * 6f, 0f, 1f - 0.0625f * 2f, 1f);
        }
    }

    @Test
    void defaultsArePyTorchs() {
        assertThat(Sgd.of(0.1f).rule()).isEqualTo(new UpdateRule.Sgd(0f, 0f, false));
        assertThat(RmsProp.of(0.1f).rule()).isEqualTo(new UpdateRule.RmsProp(0.99f, 1e-8f, 0f, false));
        assertThat(Adam.of(0.1f).rule()).isEqualTo(new UpdateRule.Adam(0.9f, 0.999f, 1e-8f));
        assertThat(AdamW.of(0.1f).rule()).isEqualTo(Adam.of(0.1f).rule());
        assertThat(Adagrad.of(0.1f).rule()).isEqualTo(new UpdateRule.Adagrad(0f, 0f, 1e-10f));
        assertThat(Adadelta.of(0.1f).rule()).isEqualTo(new UpdateRule.Adadelta(0.9f, 1e-6f));
        assertThat(NAdam.of(0.1f).rule()).isEqualTo(new UpdateRule.NAdam(0.9f, 0.999f, 1e-8f, 4e-3f));
        assertThat(AdaMax.of(0.1f).rule()).isEqualTo(new UpdateRule.AdaMax(0.9f, 0.999f, 1e-8f));
        assertThat(Lamb.of(0.1f).rule()).isEqualTo(new UpdateRule.Lamb(0.9f, 0.999f, 1e-6f));
        assertThat(Lamb.of(0.1f).penalty()).isEqualTo(new UpdateRule.Penalty(0f, 0.01f, true));
        assertThat(Adam.of(0.1f).penalty()).isEqualTo(UpdateRule.Penalty.NONE);
        assertThat(AdamW.of(0.1f).penalty()).isEqualTo(new UpdateRule.Penalty(0f, 0.01f, true));
        assertThat(Adam.of(0.1f).l2(0.01f).penalty()).isEqualTo(new UpdateRule.Penalty(0f, 0.01f, false));
    }

    @Test
    void optionsReachTheRule() {
        assertThat(Adagrad.of(0.1f)
                        .rateDecay(0.2f)
                        .initialAccumulator(0.3f)
                        .epsilon(0.4f)
                        .rule())
                .isEqualTo(new UpdateRule.Adagrad(0.2f, 0.3f, 0.4f));
        assertThat(Adadelta.of(0.1f).rho(0.2f).epsilon(0.3f).rule()).isEqualTo(new UpdateRule.Adadelta(0.2f, 0.3f));
        assertThat(NAdam.of(0.1f)
                        .betas(0.2f, 0.3f)
                        .epsilon(0.4f)
                        .momentumDecay(0.5f)
                        .rule())
                .isEqualTo(new UpdateRule.NAdam(0.2f, 0.3f, 0.4f, 0.5f));
        assertThat(AdaMax.of(0.1f).betas(0.2f, 0.3f).epsilon(0.4f).rule())
                .isEqualTo(new UpdateRule.AdaMax(0.2f, 0.3f, 0.4f));
        assertThat(Lamb.of(0.1f).betas(0.2f, 0.3f).epsilon(0.4f).rule())
                .isEqualTo(new UpdateRule.Lamb(0.2f, 0.3f, 0.4f));
        assertThat(NAdam.of(0.1f).l1(0.2f).weightDecay(0.3f).penalty())
                .isEqualTo(new UpdateRule.Penalty(0.2f, 0.3f, true));
        assertThat(AdamW.of(0.1f).l2(0.3f).penalty()).isEqualTo(new UpdateRule.Penalty(0f, 0.3f, false));
    }

    @Test
    void badOptionsAreNamed() {
        assertThatThrownBy(() -> Adam.of(-1f)).hasMessage("learningRate: expected a finite value >= 0, got -1.0");
        assertThatThrownBy(() -> Adam.of(1f).betas(1f, 0.9f)).hasMessage("beta1: expected 0 <= p < 1, got 1.0");
        assertThatThrownBy(() -> Sgd.of(1f).l1(Float.NaN)).hasMessageContaining("l1: expected a finite value >= 0");
        assertThatThrownBy(() -> Sgd.of(1f).nesterov(0f)).hasMessageContaining("nesterov");
        assertThatThrownBy(() -> GradientClip.byNorm(0f)).hasMessage("maxNorm: expected a value > 0, got 0.0");
        assertThatThrownBy(() -> GradientClip.byValue(Float.NaN)).hasMessage("maxValue: expected a value > 0, got NaN");
    }
}
