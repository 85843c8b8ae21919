package org.gatefold.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.MustBeClosed;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.gatefold.contract.Subject;
import org.gatefold.data.Augmentation;
import org.gatefold.data.Batch;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.data.DeviceBatch;
import org.gatefold.data.RandomDraws;
import org.gatefold.device.Device;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Tensor;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.loss.Outputs;
import org.gatefold.train.optimizer.Adam;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The training contract on the CUDA engine: on the simulated device where that is built, else on a card. */
class CudaTrainingTest extends TrainingContract {
    @BeforeAll
    static void load() {
        SimulatedDevice.loadIfBuilt();
    }

    @Override
    @MustBeClosed
    Device open() {
        return Subject.open("cuda:0", "cuda.steps", RecurrentOp.class).device();
    }

    /** Fails when it is asked for the third time. */
    private static final class AtTheThird implements Loss, Augmentation {
        private final boolean asLoss;
        private int asked;

        AtTheThird(boolean asLoss) {
            this.asLoss = asLoss;
        }

        private void asked(boolean forLoss) {
            if (forLoss == asLoss && ++asked == 3) {
                throw new IllegalStateException("no third");
            }
        }

        @Override
        public void compute(Outputs outputs, DeviceBatch batch, Tensor mean) {
            asked(true);
            Loss.mse().compute(outputs, batch, mean);
        }

        @Override
        public double weight(Batch batch) {
            return Loss.mse().weight(batch);
        }

        @Override
        public void change(float[] values, int count, RandomDraws draws) {
            asked(false);
        }

        @Override
        public String description() {
            return "fails at the third";
        }
    }

    /** The square of the second target does not fit a float, of which the device tells late. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofTwoFailuresTheEarlierIsTheCause(boolean asLoss) {
        float[][] targets = new float[6][1];
        targets[1][0] = 1e20f;
        AtTheThird failing = new AtTheThird(asLoss);
        Batches batches = Batches.of(Dataset.of(new float[6][2][1]).withTargets(targets), 1)
                .augmented(Dataset.INPUT, failing, 1);
        try (Device device = open();
                Sequential model =
                        Sequential.on(device).add(Lstm.of(3)).add(Linear.of(1)).build(1)) {
            Trainer trainer = Trainer.of(model).loss(failing).optimizer(Adam.of(0.01f));
            assertThatThrownBy(() -> trainer.fit(batches, 1))
                    .isInstanceOfSatisfying(
                            NotFiniteException.class, e -> assertThat(e.step()).isEqualTo(2))
                    .satisfies(e -> assertThat(e.getSuppressed())
                            .singleElement()
                            .asInstanceOf(InstanceOfAssertFactories.THROWABLE)
                            .hasMessage("no third"));
        }
    }
}
