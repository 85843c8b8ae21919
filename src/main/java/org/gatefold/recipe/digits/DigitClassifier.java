package org.gatefold.recipe.digits;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.exchange.ModelFile;
import org.gatefold.layer.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Model;
import org.gatefold.model.Sequential;
import org.gatefold.op.recurrent.Direction;
import org.gatefold.recipe.Implementation;
import org.gatefold.recipe.ModelTraining;
import org.gatefold.recipe.NetworkOptions;
import org.gatefold.recipe.RecipeJson;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.metric.Metric;

/**
 * A recurrent network that recognises digits: a bidirectional LSTM reads the rows of an image from both ends, and a linear
 * layer scores the digits.
 *
 * <p>Owns its model; close it before its device. One thread at a time.
 */
public final class DigitClassifier implements AutoCloseable {
    /** The name of this recipe in model files. */
    public static final String RECIPE = "digits";

    private static final int BATCH = 256;

    private final Model model;
    private final NetworkOptions network;

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    private DigitClassifier(Device device, NetworkOptions network, long seed) {
        this.network = network;
        this.model = Sequential.on(device)
                .seed(seed)
                .add(Lstm.of(network.hidden())
                        .layers(network.layers())
                        .precision(network.precision())
                        .dropout(network.layers() > 1 ? network.dropout() : 0)
                        .bidirectional())
                .add(Linear.of(DigitImages.CLASSES))
                .build(DigitImages.SIDE);
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    private DigitClassifier(Device device, NetworkOptions network, Path file) {
        this.network = network;
        this.model = ModelFile.load(device, file);
    }

    /** A network with its first weights. */
    @MustBeClosed
    public static DigitClassifier create(Device device, NetworkOptions network, long seed) {
        return new DigitClassifier(device, network, seed);
    }

    /**
     * Loads what {@link #save} wrote.
     *
     * @throws IllegalArgumentException if the file is of another recipe
     */
    @MustBeClosed
    public static DigitClassifier load(Device device, Path file) {
        String text = ModelFile.metadata(file).get(RECIPE);
        if (text == null) {
            throw new IllegalArgumentException(file + ": expected a model of digits, got another one");
        }
        NetworkOptions network = RecipeJson.read(file.toString(), text, NetworkOptions.class);
        return new DigitClassifier(device, network, file);
    }

    /** Writes the model with all that is needed to use it. */
    public void save(Path file) {
        ModelFile.save(model, file, Map.of(RECIPE, RecipeJson.write(network)));
    }

    /**
     * Trains on labelled images.
     *
     * @param shifts whether every image is also shown moved by one pixel to each side
     */
    public void train(DigitImages images, boolean shifts, ModelTraining training) {
        int fitted = images.count()
                - (int) Math.round(images.count() * training.options().validation());
        boolean validate = fitted < images.count();
        if (fitted < 1) {
            throw new IllegalArgumentException(
                    images.source() + ": " + images.count() + " images are too few to hold some back for validation");
        }
        DigitImages shown = images.part(0, fitted);
        training.fit(
                model,
                Loss.crossEntropy(),
                labelled(shifts ? shown.withShifts() : shown),
                validate ? labelled(images.part(fitted, images.count())) : null,
                Metric.accuracy());
    }

    private static Dataset labelled(DigitImages images) {
        return Dataset.of(images.sequences()).withLabels(images.labels());
    }

    /** The probabilities of the digits 0 to 9 for each image. */
    public double[][] probabilities(DigitImages images) {
        double[][] probabilities = new double[images.count()][];
        for (int from = 0; from < images.count(); from += BATCH) {
            int to = Math.min(images.count(), from + BATCH);
            float[][] logits = model.predict(images.part(from, to).sequences());
            for (int i = 0; i < logits.length; i++) {
                probabilities[from + i] = softmax(logits[i]);
            }
        }
        return probabilities;
    }

    private static double[] softmax(float[] logits) {
        double most = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            most = Math.max(most, logit);
        }
        double[] exponentials = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            exponentials[i] = Math.exp(logits[i] - most);
        }
        double sum = Arrays.stream(exponentials).sum();
        return Arrays.stream(exponentials).map(value -> value / sum).toArray();
    }

    /** The most probable digit of each image. */
    public int[] classify(DigitImages images) {
        return Arrays.stream(probabilities(images))
                .mapToInt(DigitClassifier::mostProbable)
                .toArray();
    }

    /** The digit with the highest probability, the first of equals. */
    public static int mostProbable(double... probabilities) {
        int best = 0;
        for (int digit = 1; digit < probabilities.length; digit++) {
            if (probabilities[digit] > probabilities[best]) {
                best = digit;
            }
        }
        return best;
    }

    public NetworkOptions network() {
        return network;
    }

    /** The network. */
    public Model model() {
        return model;
    }

    /** The implementation of the recurrent operation that trains on batches of so many rows. */
    public String implementation(int batch) {
        return Implementation.of(
                model.device(), network, Direction.BIDIRECTIONAL, DigitImages.SIDE, batch, DigitImages.SIDE);
    }

    @Override
    public void close() {
        model.close();
    }
}
