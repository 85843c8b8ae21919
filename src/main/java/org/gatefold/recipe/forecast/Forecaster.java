package org.gatefold.recipe.forecast;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
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

/**
 * A recurrent network that forecasts a series: an LSTM over a window of rows, and a linear layer on its last state.
 *
 * <p>Owns its model; close it before its device. One thread at a time.
 */
public final class Forecaster implements AutoCloseable {
    /** The name of this recipe in model files. */
    public static final String RECIPE = "forecast";

    private static final int BATCH = 256;

    private final Model model;
    private final SeriesPreparation preparation;
    private final NetworkOptions network;

    /** What a model file keeps beside the weights. */
    private record Description(SeriesPreparation preparation, NetworkOptions network) {}

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    private Forecaster(Device device, SeriesPreparation preparation, NetworkOptions network, long seed) {
        this.preparation = preparation;
        this.network = network;
        this.model = Sequential.on(device)
                .seed(seed)
                .add(Lstm.of(network.hidden())
                        .layers(network.layers())
                        .precision(network.precision())
                        .dropout(network.layers() > 1 ? network.dropout() : 0))
                .add(Linear.of(preparation.task().horizon()))
                .build(preparation.inputSize());
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    private Forecaster(Device device, Path file, Description description) {
        this.preparation = description.preparation();
        this.network = description.network();
        this.model = ModelFile.load(device, file);
    }

    /** A network with its first weights. */
    @MustBeClosed
    public static Forecaster create(Device device, SeriesPreparation preparation, NetworkOptions network, long seed) {
        return new Forecaster(device, preparation, network, seed);
    }

    /**
     * Loads what {@link #save} wrote.
     *
     * @throws IllegalArgumentException if the file is of another recipe
     */
    @MustBeClosed
    public static Forecaster load(Device device, Path file) {
        String text = ModelFile.metadata(file).get(RECIPE);
        if (text == null) {
            throw new IllegalArgumentException(file + ": expected a forecasting model, got another one");
        }
        Description description = RecipeJson.read(file.toString(), text, Description.class);
        return new Forecaster(device, file, description);
    }

    /** Writes the model with all that is needed to forecast with it. */
    public void save(Path file) {
        ModelFile.save(model, file, Map.of(RECIPE, RecipeJson.write(new Description(preparation, network))));
    }

    /**
     * Trains on the first {@code trainingRows} rows; nothing after them is read.
     *
     * @throws IllegalArgumentException if the rows held back for validation leave too few to train on
     */
    public void train(Series series, int trainingRows, ModelTraining training) {
        PreparedSeries prepared = prepare(series);
        int fitted = fittedRows(trainingRows, training.options().validation());
        int[] origins = prepared.origins(0, fitted);
        int[] heldBack = prepared.origins(fitted, trainingRows);
        boolean validate = fitted < trainingRows;
        if (origins.length == 0 || (validate && heldBack.length == 0)) {
            throw new IllegalArgumentException(series.source() + ": " + trainingRows
                    + " training rows are too few for a window of "
                    + preparation.task().window() + ", a horizon of "
                    + preparation.task().horizon() + " and a validation share of "
                    + training.options().validation());
        }
        training.fit(
                model, Loss.mse(), prepared.withTargets(origins), validate ? prepared.withTargets(heldBack) : null);
    }

    /** The training rows without those that are held back for validation. */
    public static int fittedRows(int trainingRows, double validation) {
        return trainingRows - (int) Math.round(trainingRows * validation);
    }

    /** A series as this model reads it. */
    public PreparedSeries prepare(Series series) {
        return preparation.prepare(series);
    }

    /**
     * Forecasts from the true values before each origin.
     *
     * @param origins first rows to forecast; one after the last row of the series is allowed
     * @return {@code [origin][horizon]} in the scale of the data
     */
    public double[][] forecast(Series series, int... origins) {
        PreparedSeries prepared = prepare(series);
        double[][] forecasts = new double[origins.length][];
        for (int from = 0; from < origins.length; from += BATCH) {
            int[] part = Arrays.copyOfRange(origins, from, Math.min(origins.length, from + BATCH));
            float[][] answers = model.predict(prepared.inputs(part));
            for (int i = 0; i < part.length; i++) {
                forecasts[from + i] = prepared.restore(part[i], answers[i]);
            }
        }
        return forecasts;
    }

    /** How series are prepared for this model. */
    public SeriesPreparation preparation() {
        return preparation;
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
                model.device(),
                network,
                Direction.FORWARD,
                preparation.task().window(),
                batch,
                preparation.inputSize());
    }

    @Override
    public void close() {
        model.close();
    }
}
