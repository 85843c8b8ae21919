package org.gatefold.model;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.device.Device;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.LayerDescription;
import org.gatefold.layer.Layers;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.Precision;
import org.gatefold.tensor.Form;

/**
 * Layers one after the other.
 *
 * <p>Owns its parameters through a scope of its own; close it before its device. Several threads may predict, each with
 * a {@link #predictor()} of its own or in turn through {@link #predict}, while none trains.
 */
public final class Sequential implements Model {
    private static final int SUMMARY_BATCH = 32;
    private static final int SUMMARY_STEPS = 64;

    private final Device device;
    private final Scope scope;
    private final ParameterStore parameters = new ParameterStore();
    private final List<Layer> layers;
    private final Form input;
    private final Form output;
    private final long seed;
    private Predictor shared;

    /** Collects the layers of a model. One thread at a time. */
    public static final class Builder {
        private final Device device;
        private final List<Layer> layers = new ArrayList<>();
        private long seed;

        private Builder(Device device) {
            this.device = device;
        }

        /** The seed of the first weights; 0 by default. The same seed gives the same weights on every device. */
        public Builder seed(long newSeed) {
            seed = newSeed;
            return this;
        }

        /** Adds a layer on top. */
        public Builder add(Layer layer) {
            layers.add(layer);
            return this;
        }

        /** Builds a model on sequences whose steps have so many features. */
        @MustBeClosed
        public Sequential build(int features) {
            return build(Form.sequences(features));
        }

        /** Builds a model on sequences or rows. */
        @MustBeClosed
        public Sequential build(Form input) {
            return new Sequential(device, layers, input, seed);
        }
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    private Sequential(Device device, List<Layer> layers, Form input, long seed) {
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("layers: expected at least one, got none");
        }
        this.device = device;
        this.layers = List.copyOf(layers);
        this.input = input;
        this.seed = seed;
        Map<String, Integer> repeated = new HashMap<>();
        Form form = input;
        for (Layer layer : this.layers) {
            String type = layer.defaultName();
            int count = repeated.merge(type, 1, Integer::sum);
            form = layer.build(parameters, count == 1 ? type : type + count, form);
        }
        this.output = form;
        this.scope = device.openScope("model");
        boolean complete = false;
        try {
            parameters.allocate(scope, seed);
            complete = true;
        } finally {
            if (!complete) {
                scope.close();
            }
        }
    }

    /** Starts a model on a device. */
    public static Builder on(Device device) {
        return new Builder(device);
    }

    /** Builds a model as described, with the first weights of its seed. */
    @MustBeClosed
    public static Sequential fromDescription(Device device, ModelDescription description) {
        Builder builder = on(device).seed(description.seed());
        for (LayerDescription layer : description.layers()) {
            builder.add(Layers.of(layer));
        }
        return builder.build(description.input());
    }

    /** This model as plain data, without its weights. */
    public ModelDescription description() {
        return new ModelDescription(
                input, seed, layers.stream().map(Layer::description).toList());
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public ParameterStore parameters() {
        return parameters;
    }

    @Override
    public Form input() {
        return input;
    }

    @Override
    public Form output() {
        return output;
    }

    @Override
    public boolean carriesStates() {
        return layers.stream().anyMatch(Layer::carriesStates);
    }

    @Override
    public boolean computesIn(Precision precision) {
        return layers.stream().anyMatch(layer -> layer.computesIn(precision));
    }

    /** The layers, first to last. */
    public List<Layer> layers() {
        return layers;
    }

    @Override
    public Variable forward(Context context, Variable x) {
        requireOpen();
        input.require("x", x.value());
        Variable y = x;
        for (Layer layer : layers) {
            y = layer.forward(context, y);
        }
        return y;
    }

    /** A predictor for one thread. */
    @MustBeClosed
    public Predictor predictor() {
        requireOpen();
        return new Predictor(this);
    }

    /** {@link Predictor#predict(float[][][])} on a predictor that the model keeps; one caller at a time, others wait. */
    public synchronized float[][] predict(float[][][] sequences) {
        return shared().predict(sequences);
    }

    /** {@link Predictor#predict(float[][][], int[])} on a predictor that the model keeps; others wait. */
    public synchronized float[][] predict(float[][][] sequences, int[] lengths) {
        return shared().predict(sequences, lengths);
    }

    /** {@link Predictor#predictSequences} on a predictor that the model keeps; others wait. */
    public synchronized float[][][] predictSequences(float[][][] sequences, int[] lengths) {
        return shared().predictSequences(sequences, lengths);
    }

    /** {@link Predictor#predictRows} on a predictor that the model keeps; others wait. */
    public synchronized float[][] predictRows(float[][] rows) {
        return shared().predictRows(rows);
    }

    @SuppressWarnings("MustBeClosedChecker") // the model's scope closes it
    private Predictor shared() {
        requireOpen();
        if (shared == null) {
            shared = scope.own(new Predictor(this));
        }
        return shared;
    }

    @Override
    public TrainingFootprint footprint(int batch, int steps) {
        requireAtLeastOne("batch", batch);
        requireAtLeastOne("steps", steps);
        StepMemory memory = new StepMemory(device);
        memory.tensor(input.elements(steps, batch));
        if (input.sequence()) {
            memory.tensor(batch);
        }
        for (Layer layer : layers) {
            layer.footprint(memory, steps, batch);
        }
        return new TrainingFootprint(parameters.bytes(), parameters.bytes(), 0, memory.plans(), memory.step());
    }

    private static void requireAtLeastOne(String argument, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(argument + ": expected at least 1, got " + value);
        }
    }

    /** Layers, forms, parameters and the memory of a training step of 32 rows of 64 steps with Adam, as a table. */
    public String summary() {
        return summary(SUMMARY_BATCH, SUMMARY_STEPS);
    }

    /** As {@link #summary()}, for batches of the given size. */
    public String summary(int batch, int steps) {
        return Summary.of(this, layers, batch, steps);
    }

    private void requireOpen() {
        if (scope.isClosed()) {
            throw new IllegalStateException("model: is closed");
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
