package org.gatefold.model;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.gatefold.tensor.Form;

/** Writes what a network is made of as a table. Stateless. */
final class Summary {
    private static final String ROW = "%-18s %-16s %-14s %-14s %13s%n";

    private Summary() {}

    static String of(Network network) {
        return table(network)
                + String.format(
                        Locale.ROOT,
                        "%,d parameters, %s%n",
                        network.parameterCount(),
                        bytes(network.parameterCount() * Float.BYTES));
    }

    static String of(Model model, int batch, int steps) {
        StringBuilder text = new StringBuilder(table(model.network()));
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

    private static String table(Network network) {
        StringBuilder text = new StringBuilder(String.format(ROW, "layer", "type", "input", "output", "parameters"));
        for (Network.LayerForm layer : network.layers()) {
            text.append(String.format(
                    ROW,
                    layer.layer().name(),
                    layer.layer().type(),
                    layer.input(),
                    layer.output(),
                    String.format(Locale.ROOT, "%,d", layer.parameters())));
        }
        boolean named = !(network.description() instanceof GraphDescription graph && graph.isChain());
        return named
                ? text.append(forms("inputs", network.inputs()))
                        .append(forms("outputs", network.outputs()))
                        .toString()
                : text.toString();
    }

    private static String forms(String title, Map<String, Form> forms) {
        return forms.entrySet().stream()
                .map(form -> form.getKey() + " " + form.getValue())
                .collect(Collectors.joining(", ", title + ": ", System.lineSeparator()));
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
