package org.gatefold.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.gatefold.data.CsvTable;
import org.gatefold.device.Device;
import org.gatefold.recipe.RunFolder;
import org.gatefold.recipe.digits.DigitClassifier;
import org.gatefold.recipe.digits.DigitImages;

/** Classifies images of digits. */
final class DigitPrediction implements Prediction {
    @Override
    public String recipe() {
        return DigitClassifier.RECIPE;
    }

    @Override
    public String predict(Device device, Path model, Path data, boolean walkForward) throws IOException {
        if (walkForward) {
            throw new IllegalArgumentException("--walk-forward: expected a forecasting model, got one of digits");
        }
        try (DigitClassifier classifier = DigitClassifier.load(device, model)) {
            DigitImages images = DigitImages.of(CsvTable.readWithoutHeader(data));
            double[][] probabilities = classifier.probabilities(images);
            List<List<String>> rows = new ArrayList<>();
            for (int image = 0; image < images.count(); image++) {
                int digit = DigitClassifier.mostProbable(probabilities[image]);
                rows.add(List.of(
                        Integer.toString(image + 1),
                        Integer.toString(digit),
                        String.format(Locale.ROOT, "%.6f", probabilities[image][digit]),
                        images.labels() == null ? "" : Integer.toString(images.labels()[image])));
            }
            return RunFolder.csv(List.of("row", "digit", "probability", "actual"), rows);
        }
    }
}
