package org.gatefold.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.gatefold.device.Device;

/** What {@code gatefold predict} does with the models of one recipe. Implementations are stateless. */
interface Prediction {
    /** The recipe's name in model files. */
    String recipe();

    /**
     * The answers of a model as CSV, with a header.
     *
     * @param model the model file
     * @param data the rows, a CSV file
     * @param walkForward whether to forecast known rows too, where that has a meaning
     */
    String predict(Device device, Path model, Path data, boolean walkForward) throws IOException;
}
