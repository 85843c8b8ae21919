package org.gatefold.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.exchange.ModelFile;
import org.gatefold.model.Model;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;

/** That a model learns, and that it comes back from a file to the bit. */
public final class TrainingCheck {
    private static final int BATCH = 4;

    private TrainingCheck() {}

    /**
     * Sequences of two features, which differ in length, and the sum of their first ones as the number to learn.
     *
     * @param shortest steps of the shortest; the longest has {@code spread - 1} more
     */
    public static Dataset sums(int rows, int shortest, int spread) {
        float[][][] x = new float[rows][][];
        float[] target = new float[rows];
        for (int row = 0; row < rows; row++) {
            x[row] = new float[shortest + row % spread][];
            for (int t = 0; t < x[row].length; t++) {
                x[row][t] = new float[] {(float) Math.sin(row + t), row % 3 - 1f};
                target[row] += x[row][t][0];
            }
        }
        return Dataset.of(Column.sequences("x", x)).withTarget(Column.numbers("y", target));
    }

    /** Rows of 2 to 5 tokens below 9, and as their class whether the token 8 is missing. */
    static Dataset tokens() {
        int[][] tokens = new int[16][];
        int[] labels = new int[tokens.length];
        for (int row = 0; row < tokens.length; row++) {
            tokens[row] = new int[2 + row % 4];
            Arrays.fill(tokens[row], 1 + row % 7);
            tokens[row][row % tokens[row].length] = row % 2 == 0 ? 8 : 0;
            labels[row] = row % 2;
        }
        return Dataset.of(Column.tokens("text", tokens)).withTarget(Column.labels("label", labels));
    }

    /**
     * Trains with Adam, and checks that the loss falls below a half of the first epoch's; saves, loads, and compares predictions.
     *
     * @param output whose predictions are compared
     * @param folder for the file
     */
    public static void learnsAndComesBack(Model model, Loss loss, Dataset data, int epochs, String output, Path folder)
            throws Exception {
        List<Double> losses =
                Trainer.of(model)
                        .loss(loss)
                        .optimizer(Adam.of(0.02f))
                        .fit(Batches.of(data, BATCH), epochs)
                        .epochs()
                        .stream()
                        .map(epoch -> epoch.trainingLoss())
                        .toList();
        assertThat(losses.get(epochs - 1)).as("loss after training").isLessThan(0.5 * losses.get(0));
        Path file = folder.resolve("model");
        ModelFile.save(model, file, Map.of());
        try (Model loaded = ModelFile.load(model.device(), file)) {
            assertThat(loaded.predict(data).get(output).rows())
                    .isDeepEqualTo(model.predict(data).get(output).rows());
        }
    }
}
