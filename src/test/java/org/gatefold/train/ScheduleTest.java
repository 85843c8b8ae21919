package org.gatefold.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static double at(Schedule schedule, int epoch, int update, int updates) {
        return schedule.factor(new Schedule.Moment(epoch, update, updates, List.of()));
    }

    private static double after(Schedule schedule, Double... losses) {
        return schedule.factor(new Schedule.Moment(losses.length, 0, 4, List.of(losses)));
    }

    @Test
    void constantIsOne() {
        assertThat(at(Schedule.constant(), 17, 2, 3)).isEqualTo(1);
    }

    @Test
    void stepFallsEveryFewEpochs() {
        Schedule schedule = Schedule.step(3, 0.5);
        double[] expected = {1, 1, 1, 0.5, 0.5, 0.5, 0.25};
        for (int epoch = 0; epoch < expected.length; epoch++) {
            assertThat(at(schedule, epoch, 3, 4)).isEqualTo(expected[epoch]);
        }
    }

    @Test
    void multiStepFallsAtTheGivenEpochs() {
        Schedule schedule = Schedule.multiStep(0.1, 2, 5);
        double[] expected = {1, 1, 0.1, 0.1, 0.1, 0.01, 0.01};
        for (int epoch = 0; epoch < expected.length; epoch++) {
            assertThat(at(schedule, epoch, 0, 4)).isCloseTo(expected[epoch], within(1e-15));
        }
    }

    @Test
    void exponentialFallsEveryEpoch() {
        assertThat(at(Schedule.exponential(0.9), 7, 1, 2)).isCloseTo(Math.pow(0.9, 7), within(1e-15));
    }

    @Test
    void cosineFollowsItsFormulaAndStaysDown() {
        Schedule schedule = Schedule.cosine(10, 0.1);
        for (int epoch = 0; epoch < 10; epoch++) {
            for (int update = 0; update < 4; update++) {
                double t = epoch + update / 4.0;
                double expected = 0.1 + 0.5 * (1 - 0.1) * (1 + Math.cos(Math.PI * t / 10));
                assertThat(at(schedule, epoch, update, 4)).isCloseTo(expected, within(1e-14));
            }
        }
        assertThat(at(schedule, 10, 0, 4)).isCloseTo(0.1, within(1e-15));
        assertThat(at(schedule, 25, 0, 4)).isCloseTo(0.1, within(1e-15));
    }

    @Test
    void cosineRestartsAfterEverLongerFalls() {
        Schedule schedule = Schedule.cosineRestarts(2, 2, 0);
        assertThat(at(schedule, 0, 0, 1)).isEqualTo(1);
        assertThat(at(schedule, 1, 0, 1)).isCloseTo(0.5, within(1e-15));
        assertThat(at(schedule, 2, 0, 1)).isEqualTo(1);
        assertThat(at(schedule, 4, 0, 1)).isCloseTo(0.5, within(1e-15));
        assertThat(at(schedule, 6, 0, 1)).isEqualTo(1);
        assertThat(at(schedule, 10, 0, 1)).isCloseTo(0.5, within(1e-15));
    }

    @Test
    void warmUpRisesByUpdatesAndMultipliesTheNext() {
        Schedule schedule = Schedule.warmUp(1.5, Schedule.step(1, 0.5));
        assertThat(at(schedule, 0, 0, 4)).isCloseTo(1 / 6.0, within(1e-15));
        assertThat(at(schedule, 0, 3, 4)).isCloseTo(4 / 6.0, within(1e-15));
        assertThat(at(schedule, 1, 0, 4)).isCloseTo(0.5 * 5 / 6.0, within(1e-15));
        assertThat(at(schedule, 1, 1, 4)).isCloseTo(0.5, within(1e-15));
        assertThat(at(schedule, 2, 0, 4)).isCloseTo(0.25, within(1e-15));
    }

    @Test
    void plateauWaitsLongerThanPatience() {
        Schedule schedule = Schedule.onPlateau(0.1, 2, 1e-4, 0.02);
        assertThat(after(schedule)).isEqualTo(1);
        assertThat(after(schedule, 1.0, 1.0, 1.0)).isEqualTo(1);
        assertThat(after(schedule, 1.0, 1.0, 1.0, 1.0)).isCloseTo(0.1, within(1e-15));
        assertThat(after(schedule, 1.0, 1.0, 1.0, 0.9, 1.0, 1.0)).isEqualTo(1);
        assertThat(after(schedule, 1.0, 0.99995, 0.99992, 0.99991)).isCloseTo(0.1, within(1e-15));
        assertThat(after(schedule, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)).isCloseTo(0.1, within(1e-15));
        assertThat(after(schedule, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)).isCloseTo(0.02, within(1e-15));
    }

    /** A metric of which more is better comes with its sign turned; the threshold is a share of its size (PyTorch's mode max). */
    @Test
    void plateauOfAMetricWithItsSignTurned() {
        Schedule schedule = Schedule.onPlateau(0.1, 2, 0.1, 0);
        assertThat(after(schedule, -0.5, -0.54, -0.54, -0.54)).isCloseTo(0.1, within(1e-15));
        assertThat(after(schedule, -0.5, -0.56, -0.5, -0.5)).isEqualTo(1);
        assertThat(after(schedule, -0.5, -0.5, -0.5, -0.5)).isCloseTo(0.1, within(1e-15));
    }

    /** The bookkeeping of PyTorch's ReduceLROnPlateau (mode min, relative threshold), written down step by step. */
    @Test
    void plateauAgreesWithPublishedBookkeepingOnARandomCurve() {
        Random random = new Random(5);
        List<Double> losses = new ArrayList<>();
        double best = Double.POSITIVE_INFINITY;
        int bad = 0;
        double rate = 1;
        for (int epoch = 0; epoch < 200; epoch++) {
            double loss = 1 / (1 + epoch * 0.01) + 0.05 * random.nextGaussian();
            losses.add(loss);
            if (loss < best * (1 - 1e-4)) {
                best = loss;
                bad = 0;
            } else {
                bad++;
            }
            if (bad > 3) {
                rate = Math.max(rate * 0.5, 0);
                bad = 0;
            }
            Schedule.Moment moment = new Schedule.Moment(losses.size(), 0, 1, losses);
            assertThat(Schedule.onPlateau(0.5, 3).factor(moment)).isEqualTo(rate);
        }
        assertThat(rate).isLessThan(0.1);
    }

    @Test
    void badOptionsAreNamed() {
        assertThatThrownBy(() -> Schedule.step(0, 0.5)).hasMessage("epochs: expected at least 1, got 0");
        assertThatThrownBy(() -> Schedule.exponential(1.5)).hasMessage("gamma: expected 0 < gamma <= 1, got 1.5");
        assertThatThrownBy(() -> Schedule.cosine(0, 0)).hasMessage("epochs: expected a finite value > 0, got 0.0");
        assertThatThrownBy(() -> Schedule.cosine(1, 2)).hasMessage("least: expected 0 to 1, got 2.0");
        assertThatThrownBy(() -> Schedule.onPlateau(0.5, -1)).hasMessage("patience: expected at least 0, got -1");
        assertThatThrownBy(() -> Schedule.cosineRestarts(1, 0.5, 0))
                .hasMessage("growth: expected 0 or at least 1, got 0.5");
    }
}
