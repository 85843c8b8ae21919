package org.gatefold.model;

import java.util.List;
import java.util.Locale;
import org.gatefold.layer.Layer;

/** Writes what a model is made of as a table. Stateless. */
final class Summary {
    private static final String ROW = "%-18s %-16s %-14s %-14s %13s%n";

    private Summary() {}

    static String of(Sequential model, List<Layer> layers, int batch, int steps) {
        StringBuilder text = new StringBuilder(String.format(ROW, "layer", "type", "input", "output", "parameters"));
        for (Layer layer : layers) {
            text.append(String.format(
                    ROW,
                    layer.name(),
                    layer.type(),
                    layer.input(),
                    layer.output(),
                    String.format(Locale.ROOT, "%,d", layer.parameterCount())));
        }
        TrainingFootprint footprint = model.footprint(batch, steps).withOptimizerStates(2);
        text.append(String.format(
                Locale.ROOT, "%,d parameters on %s%n", model.parameters().count(), model.device()));
        text.append(String.format(
                "one training step of %d rows of %d steps takes %s: parameters %s, gradients %s, Adam %s, plans %s,"
                        + " activations %s%n",
                batch,
                steps,
                bytes(footprint.total()),
                bytes(footprint.parameters()),
                bytes(footprint.gradients()),
                bytes(footprint.optimizer()),
                bytes(footprint.plans()),
                bytes(footprint.step())));
        return text.toString();
    }

    static String bytes(long count) {
        if (count < 1 << 10) {
            return count + " B";
        }
        String[] units = {"KiB", "MiB", "GiB", "TiB"};
        double value = count / 1024.0;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
