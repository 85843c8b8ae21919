package org.gatefold.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.gatefold.contract.Subject;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.data.image.ImageSize;
import org.gatefold.data.image.ImageTableReader;
import org.gatefold.data.table.CsvTable;
import org.gatefold.data.table.Table;
import org.gatefold.data.transform.SeriesTransform.SquareRoot;
import org.gatefold.data.transform.TransformChain;
import org.gatefold.device.Device;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.form.Reshape;
import org.gatefold.layer.form.ToSequence;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;
import org.gatefold.recipe.field.label.Category;
import org.gatefold.recipe.field.media.Image;
import org.gatefold.recipe.field.series.Horizon;
import org.gatefold.recipe.field.series.Numeric;
import org.gatefold.recipe.field.series.Series;
import org.gatefold.tensor.Form;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.AdamW;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.History;
import org.junit.jupiter.api.Test;

/**
 * The recipes' networks learn in bfloat16 what they learn in single precision: their loss curves differ by less than
 * those of single precision do among first weights. Shortened: fewer rows and epochs than the recipes take.
 */
class Bfloat16TrainingTest {
    private static final int SEEDS = 4;
    private static final int EPOCHS = 5;

    /** A network of a recipe. */
    private interface Job {
        @MustBeClosed
        Sequential network(Sequential.Builder start, Precision precision);
    }

    /** How the recipe trains it. */
    private record Lesson(Loss loss, float rate) {
        Trainer trainer(Sequential network) {
            return Trainer.of(network).loss(loss).optimizer(AdamW.of(rate)).clipNorm(1);
        }
    }

    private static double[] losses(
            Device device, Dataset data, Job job, Lesson lesson, Precision precision, long seed) {
        try (Sequential network = job.network(Sequential.on(device).seed(seed), precision)) {
            History history =
                    lesson.trainer(network).seed(seed).fit(Batches.of(data, 32).shuffled(seed), EPOCHS);
            return history.epochs().stream()
                    .mapToDouble(EpochReport::trainingLoss)
                    .toArray();
        }
    }

    private static void learnsAsWell(Dataset data, Lesson lesson, Job job) {
        try (Subject subject = Subject.open("cpu", "cpu.native", RecurrentOp.class)) {
            Device device = subject.device();
            double[][] single = new double[SEEDS][];
            double[][] bfloat16 = new double[SEEDS][];
            for (int seed = 0; seed < SEEDS; seed++) {
                single[seed] = losses(device, data, job, lesson, Precision.F32, seed);
                bfloat16[seed] = losses(device, data, job, lesson, Precision.BF16, seed);
                assertThat(bfloat16[seed]).as("losses that show the rounding").isNotEqualTo(single[seed]);
                assertThat(bfloat16[seed][EPOCHS - 1]).isLessThan(bfloat16[seed][0]);
            }
            for (int epoch = 0; epoch < EPOCHS; epoch++) {
                double noise = spread(single, epoch);
                for (int seed = 0; seed < SEEDS; seed++) {
                    assertThat(Math.abs(bfloat16[seed][epoch] - single[seed][epoch]))
                            .as("epoch %d, seed %d", epoch, seed)
                            .isLessThan(noise);
                }
            }
        }
    }

    /** How far the losses of one epoch lie apart. */
    private static double spread(double[][] losses, int epoch) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (double[] curve : losses) {
            least = Math.min(least, curve[epoch]);
            most = Math.max(most, curve[epoch]);
        }
        return most - least;
    }

    private static InputStream resource(String name) {
        return Dataset.class.getResourceAsStream(name);
    }

    @Test
    void sunspots() throws IOException {
        String name = "sunspots-monthly.csv";
        Table table;
        try (InputStream stream = resource(name)) {
            table = CsvTable.read(name, stream);
        }
        Rows rows = Rows.range(table, 0, 900);
        Numeric value = Numeric.column("value").transformed(TransformChain.of(new SquareRoot()));
        Fields fields =
                new Fields(Series.of(60, List.of(value)), Horizon.of(value, 1).asChange(true)).fit(rows);
        learnsAsWell(
                fields.dataset(fields.examples(rows)), new Lesson(Loss.mse(), 3e-3f), (start, precision) -> start.add(
                                Lstm.of(32).precision(precision))
                        .add(Linear.of(1))
                        .build(1));
    }

    @Test
    void digits() throws IOException {
        String name = "digits-8x8.csv.gz";
        Rows rows;
        try (InputStream stream = resource(name)) {
            rows = Rows.range(ImageTableReader.create().read(name, stream), 0, 600);
        }
        Fields fields = new Fields(Image.of(new ImageSize(1, 8, 8)), Category.column("label")).fit(rows);
        learnsAsWell(fields.dataset(rows), new Lesson(Loss.crossEntropy(), 2e-3f), (start, precision) -> start.add(
                        Reshape.of(8, 8))
                .add(ToSequence.create())
                .add(Lstm.of(96).bidirectional().precision(precision))
                .add(Linear.of(10))
                .build(Form.rows(1, 8, 8)));
    }
}
