package org.gatefold.exchange.keras;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.WeightLayout;
import org.gatefold.op.recurrent.GateActivation;
import org.gatefold.tensor.Shape;

/**
 * A recurrent layer as Keras has it: one {@code LSTM}, {@code GRU} or {@code SimpleRNN} for each layer of a stack, in {@code Bidirectional}
 * where it reads both ways. For one layer, one thread.
 */
final class RecurrentWriter {
    /** What changes the outputs, or the training, and is not there in Keras. */
    private static final Map<String, String> UNKNOWN = Map.ofEntries(
            Map.entry("peepholes", "peepholes"),
            Map.entry("coupledGates", "coupled gates"),
            Map.entry("projection", "projections"),
            Map.entry("skipInput", "inputs without weights"),
            Map.entry("layerNorm", "normalised cells"),
            Map.entry("batchNorm", "normalised input products"),
            Map.entry("gateClip", "clipped gates"),
            Map.entry("learnedInitialState", "learned initial states"),
            Map.entry("weightDropout", "dropout of weights"),
            Map.entry("candidateDropout", "dropout of candidates"),
            Map.entry("zoneoutH", "zoneout"));

    private final String type;
    private final String name;
    private final Map<String, Object> options;
    private final UnaryOperator<String> unused;

    /**
     * @param type here
     * @param unused makes names of layers that are not taken
     */
    RecurrentWriter(String type, String name, Map<String, Object> options, UnaryOperator<String> unused) {
        this.type = type;
        this.name = name;
        this.options = options;
        this.unused = unused;
    }

    /**
     * The layers, one after the other.
     *
     * @param features of the input
     * @param merge of both directions of the last one, in Keras' words
     */
    List<WrittenLayer> layers(RecurrentLayer<?> layer, int features, String merge) {
        requireKnown();
        requireReadingOrder();
        return written(layer, features, merge);
    }

    /** The only layer, as one direction of a Bidirectional, which puts its steps in order. */
    WrittenLayer oneWay(RecurrentLayer<?> layer, int features) {
        requireKnown();
        return written(layer, features, "").get(0);
    }

    private List<WrittenLayer> written(RecurrentLayer<?> layer, int features, String merge) {
        boolean both = options.get("direction").equals("bidirectional");
        boolean biased = !flag("withoutBias");
        int units = integer("units");
        int count = integer("layers");
        List<float[]> weights = layer.getWeights(WeightLayout.KERAS);
        int next = 0;
        int in = features;
        List<WrittenLayer> written = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean top = i == count - 1;
            String own = count == 1 ? name : unused.apply(name + "_" + i);
            WrittenLayer outer = both ? new WrittenLayer("Bidirectional", own) : null;
            WrittenLayer cell = cell(both ? "layer" : own, !top || flag("returnSequences"));
            for (String part :
                    both ? List.of("forward_layer/cell/vars/", "backward_layer/cell/vars/") : List.of("cell/vars/")) {
                WrittenLayer to = both ? outer : cell;
                int columns = weights.get(next).length / in;
                to.array(part + 0, new WrittenLayer.Array(Shape.of(in, columns), weights.get(next++)));
                to.array(part + 1, new WrittenLayer.Array(Shape.of(units, columns), weights.get(next++)));
                if (biased) {
                    float[] bias = weights.get(next++);
                    int rows = bias.length / columns;
                    Shape shape = rows == 1 ? Shape.of(columns) : Shape.of(rows, columns);
                    to.array(part + 2, new WrittenLayer.Array(shape, bias));
                }
            }
            if (both) {
                outer.with("merge_mode", top ? merge : "concat").with("layer", cell.json());
            }
            written.add(both ? outer : cell);
            if (!top && real("dropout") > 0f) {
                written.add(new WrittenLayer("Dropout", unused.apply(own + "_dropout")).with("rate", real("dropout")));
            }
            in = both ? 2 * units : units;
        }
        return written;
    }

    private WrittenLayer cell(String called, boolean sequences) {
        WrittenLayer cell = new WrittenLayer(
                switch (type) {
                    case "Lstm" -> "LSTM";
                    case "Gru" -> "GRU";
                    default -> "SimpleRNN";
                },
                called);
        cell.with("units", integer("units"))
                .with("use_bias", !flag("withoutBias"))
                .with("return_sequences", sequences)
                .with("go_backwards", options.get("direction").equals("reverse"))
                .with("zero_output_for_mask", flag("zeroOutputForMask"))
                .with("recurrent_dropout", real("recurrentDropout"));
        List<String> functions = functions();
        cell.with("activation", functions.get(1));
        if (!type.equals("Rnn")) {
            cell.with("recurrent_activation", functions.get(0));
        }
        if (type.equals("Lstm")) {
            cell.with("unit_forget_bias", real("forgetBias") > 0f);
        } else if (type.equals("Gru")) {
            cell.with("reset_after", !flag("resetBefore"));
        }
        return cell;
    }

    /** Of gates and candidates, which in Keras is that of the output, and the same in both directions. */
    private List<String> functions() {
        if (!options.containsKey("activations")) {
            return List.of("sigmoid", flag("relu") ? "relu" : "tanh");
        }
        String[] all = String.valueOf(options.get("activations")).split(" ");
        for (int i = 0; i < all.length; i++) {
            // Gates, candidate, output of each direction.
            if (!all[i].equals(all[i % 3]) || (type.equals("Lstm") && !all[2].equals(all[1]))) {
                throw new IllegalArgumentException(
                        "has activations for outputs or for directions of their own, which Keras' cells have not");
            }
        }
        return List.of(function(all[0]), function(all[1]));
    }

    private static String function(String text) {
        GateActivation function = GateActivation.parse(text);
        for (String name : KerasActivations.GATES) {
            if (KerasActivations.gate(name, true).equals(function)) {
                return name;
            }
        }
        throw new IllegalArgumentException("Keras 3 has no activation " + function + " by name");
    }

    private void requireKnown() {
        UNKNOWN.forEach((option, words) -> {
            Object value = options.get(option);
            if (flag(option) || (value instanceof Number number && number.doubleValue() != 0)) {
                throw new IllegalArgumentException("has " + words + ", which Keras' layers have not");
            }
        });
        if (real("cellClip") > 0f || real("zoneoutC") > 0f) {
            throw new IllegalArgumentException("has clipped cells or zoneout, which Keras' layers have not");
        }
        if (flag("stateful")) {
            throw new IllegalArgumentException(
                    "is stateful, for which Keras wants the number of rows, which a network here leaves open");
        }
    }

    private void requireReadingOrder() {
        if (options.get("direction").equals("reverse")) {
            if (integer("layers") > 1) {
                throw new IllegalArgumentException("is a stack that reads in reverse; write it as layers of their own");
            }
            if (flag("returnSequences") && !flag("readingOrder")) {
                throw new IllegalArgumentException(
                        "gives the steps read in reverse in their first order, where Keras gives"
                                + " them as they are read; use goBackwards()");
            }
        }
    }

    private boolean flag(String option) {
        return Boolean.TRUE.equals(options.get(option));
    }

    private int integer(String option) {
        return ((Number) options.get(option)).intValue();
    }

    private float real(String option) {
        return options.get(option) instanceof Number number ? number.floatValue() : 0f;
    }
}
