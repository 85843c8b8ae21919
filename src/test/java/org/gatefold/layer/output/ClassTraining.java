package org.gatefold.layer.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import org.gatefold.contract.Subject;
import org.gatefold.data.Batch;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.basic.Linear;
import org.gatefold.model.Model;
import org.gatefold.model.Network;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.tensor.Form;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;

/** What layers over many classes, all called {@code "out"}, are trained on in tests, and what must hold of all of them then. */
final class ClassTraining {
    private ClassTraining() {}

    static Network network(int features, Layer out) {
        return Network.sequential(Form.sequences(2))
                .add(Linear.of(features).named("hidden"))
                .add(out)
                .build();
    }

    /** Two features a step, as many rows and steps as there are labels. */
    static Dataset data(int[]... labels) {
        Random random = new Random(3);
        float[][][] x = new float[labels.length][][];
        for (int row = 0; row < x.length; row++) {
            x[row] = new float[labels[row].length][2];
            for (float[] step : x[row]) {
                step[0] = (float) random.nextGaussian();
                step[1] = (float) random.nextGaussian();
            }
        }
        return Dataset.of(Column.sequences("x", x)).withTarget(Column.tokens("labels", labels));
    }

    /**
     * A run in two parts ends with the bits of one in a single part, and a file gives the model back.
     *
     * @param straight of this network and seed 1, trained by {@code trainer} for so many epochs
     */
    static void requireResumesAndComesBack(
            Path folder,
            Model straight,
            Supplier<Network> network,
            Function<Model, Trainer> trainer,
            Dataset data,
            int epochs) {
        Device device = straight.device();
        Batches batches = Batches.of(data, 2);
        Path run = folder.resolve("run");
        try (Model first = network.get().on(device).seed(1).build();
                Model second = network.get().on(device).seed(1).build()) {
            trainer.apply(first).checkpoints(run).fit(batches, 20);
            trainer.apply(second).checkpoints(run).resume(true).fit(batches, epochs);
            assertThat(second.parameters().values().toFloats())
                    .isEqualTo(straight.parameters().values().toFloats());
            Path file = folder.resolve("model");
            ModelFile.save(straight, file, Map.of());
            try (Model loaded = ModelFile.load(device, file)) {
                assertThat(loaded.layer("out").description())
                        .isEqualTo(second.layer("out").description());
                assertThat(loaded.predict(data).get(Model.OUTPUT).sequences())
                        .isDeepEqualTo(straight.predict(data).get(Model.OUTPUT).sequences());
            }
        }
    }

    /**
     * The heap that steps take hardly depends on how many rows there are.
     *
     * @param data a few rows
     */
    static void requireLittleHeap(Supplier<Network> network, Dataset data) {
        long few = heapOfAStep(network.get(), data.batch());
        int[] rows = new int[100 * data.size()];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = row % data.size();
        }
        long many = heapOfAStep(network.get(), data.select(rows).batch());
        assertThat(many - few)
                .as("bytes more for 100 times as many labels: %d and %d", many, few)
                .isLessThan(8192);
    }

    private static long heapOfAStep(Network network, Batch batch) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        try (Subject subject = Subject.open("cpu", "cpu.native", LinearOp.class);
                Model model = network.on(subject.device()).build();
                Context context = Context.training(subject.device(), 1)) {
            long before = 0;
            for (int step = 0; step < 2000; step++) {
                if (step == 1900) {
                    before = threads.getThreadAllocatedBytes(thread);
                }
                model.parameters().zeroGradients();
                LossGradients.pass(context, model, batch, Loss.nll(), step, 1f);
            }
            return (threads.getThreadAllocatedBytes(thread) - before) / 100;
        }
    }
}
