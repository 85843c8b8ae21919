package org.gatefold.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.model.Sequential;
import org.gatefold.tensor.Form;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.optimizer.Sgd;
import org.junit.jupiter.api.Test;

class RateFinderTest {
    private static Batches sums() {
        return Batches.of(Problems.sums(64, 1), 8).shuffled(1);
    }

    /** One weight w, one row x = 1, target 0: the loss is w², and an update multiplies w by 1 - 2 rate. */
    @Test
    void followsTheLossThatCanBeComputedByHand() {
        try (Device device = Devices.named("reference");
                Sequential model =
                        Sequential.on(device).add(Linear.of(1).withoutBias()).build(Form.rows(1))) {
            model.parameters().get("linear.w").set(2f);
            Batches one = Batches.of(Dataset.of(new float[][][] {{{1f}}}).withTargets(new float[][] {{0f}}), 1);
            RateFinder.Result result = RateFinder.of(
                            Trainer.of(model).loss(Loss.mse()).optimizer(Sgd.of(1f)))
                    .between(1e-3, 1e2)
                    .updates(51)
                    .smoothing(0)
                    .find(one);
            double w = 2;
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < result.points().size(); i++) {
                double rate = 1e-3 * Math.pow(10, i / 10.0);
                assertThat(result.points().get(i).rate()).isCloseTo(rate, within(1e-9 * rate));
                assertThat(result.points().get(i).loss()).isCloseTo(w * w, within(1e-4 * w * w + 1e-10));
                least = Math.min(least, w * w);
                boolean last = i == result.points().size() - 1;
                assertThat(i > 0 && w * w > 4 * least).isEqualTo(last);
                w *= 1 - 2 * rate;
            }
            assertThat(result.diverged()).isTrue();
            assertThat(result.points()).hasSizeLessThan(51);
            assertThat(result.suggestion()).isEqualTo(steepest(result.points()));
            assertThat(result.suggestion()).isBetween(0.03, 0.3);
        }
    }

    private static double steepest(List<RateFinder.Point> points) {
        int best = 10;
        for (int i = 10; i + 2 < points.size(); i++) {
            if (fall(points, i) < fall(points, best)) {
                best = i;
            }
        }
        return points.get(best).rate();
    }

    private static double fall(List<RateFinder.Point> points, int i) {
        return points.get(i + 1).loss() - points.get(i).loss();
    }

    @Test
    void leavesEverythingAsItWas() {
        for (String name : List.of("reference", "cpu")) {
            try (Device device = Devices.named(name);
                    Sequential model = Problems.regressor(device, 6, 0.2f);
                    Sequential untouched = Problems.regressor(device, 6, 0.2f)) {
                float[] before = model.parameters().values().toFloats();
                Trainer trainer = Trainer.of(model).loss(Loss.mse()).optimizer(Adam.of(0.01f));
                long bytes = device.bytesInUse();
                RateFinder.Result result =
                        RateFinder.of(trainer).between(1e-5, 1).updates(60).find(sums());
                assertThat(result.points()).hasSizeGreaterThan(20);
                assertThat(result.suggestion()).isBetween(1e-5, 1.0);
                assertThat(model.parameters().values().toFloats()).isEqualTo(before);
                assertThat(device.bytesInUse()).isGreaterThanOrEqualTo(bytes);
                trainer.fit(sums(), 2);
                Trainer.of(untouched).loss(Loss.mse()).optimizer(Adam.of(0.01f)).fit(sums(), 2);
                assertThat(model.parameters().values().toFloats())
                        .isEqualTo(untouched.parameters().values().toFloats());
            }
        }
    }

    @Test
    void endsWhereSomethingIsNotFinite() {
        try (Device device = Devices.named("cpu");
                Sequential model = Sequential.on(device).add(Linear.of(1)).build(Form.rows(1))) {
            float[] before = model.parameters().values().toFloats();
            Batches huge = Batches.of(Dataset.of(new float[][][] {{{1e10f}}}).withTargets(new float[][] {{1f}}), 1);
            RateFinder.Result result = RateFinder.of(
                            Trainer.of(model).loss(Loss.mse()).optimizer(Sgd.of(1f)))
                    .divergence(Double.MAX_VALUE)
                    .find(huge);
            assertThat(result.diverged()).isTrue();
            assertThat(result.points()).hasSizeLessThan(100);
            assertThat(model.parameters().values().toFloats()).isEqualTo(before);
        }
    }

    @Test
    void refusesWhatMakesNoSense() {
        try (Device device = Devices.named("reference");
                Sequential model = Problems.regressor(device, 2, 0f)) {
            RateFinder finder = RateFinder.of(Trainer.of(model));
            assertThatThrownBy(() -> finder.find(sums())).hasMessageContaining("trainer: has no loss");
            assertThatThrownBy(() -> finder.between(1, 0.1))
                    .hasMessage("between: expected 0 < first < last, both finite, got 1.0 and 0.1");
            assertThatThrownBy(() -> finder.updates(1)).hasMessageContaining("count: expected at least 2, got 1");
            assertThatThrownBy(() -> finder.smoothing(1)).hasMessageContaining("share: expected 0 <= share < 1");
            assertThatThrownBy(() -> finder.divergence(1)).hasMessageContaining("factor: expected more than 1");
        }
    }
}
