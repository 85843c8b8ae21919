package org.gatefold.model;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Scope;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.output.LikelihoodLayer;
import org.gatefold.op.Arguments;
import org.gatefold.op.Precision;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;

/**
 * A {@link Network} on a device: its parameters and forward passes.
 *
 * <p>Owns its parameters through a scope of its own; close it before its device. Contexts belong to whoever runs it. Several
 * threads may predict, each with a {@link #predictor()} of its own or through {@link #predict}, while none trains; at most as
 * many at a time as there are processors run through that, and one if the model carries states from batch to batch. Closing
 * waits for calls in progress; later ones get an IllegalStateException.
 */
public class Model implements AutoCloseable {
    /** The name of an input that was given none. */
    public static final String INPUT = "input";

    /** The name of an output that was given none. */
    public static final String OUTPUT = "output";

    private static final int SUMMARY_BATCH = 32;
    private static final int SUMMARY_STEPS = 64;

    private final Device device;
    private final Network network;
    private final Module module;
    private final ParameterStore parameters;
    private final Scope scope;
    private final PredictorPool predictors;

    /** Says what a model's weights are at first. One thread at a time. */
    public static final class Builder {
        private final Device device;
        private final Network network;
        private Consumer<? super ParameterStore> first = parameters -> parameters.initialize(0);

        Builder(Device device, Network network) {
            this.device = device;
            this.network = network;
        }

        /** First weights of a seed, 0 by default: the same on every device; see {@link ParameterStore#initialize}. */
        public Builder seed(long seed) {
            first = parameters -> parameters.initialize(seed);
            return this;
        }

        /**
         * Given weights in place of first ones, of which none are drawn.
         *
         * @param writer writes all parameters, which are zeros when it is called, for instance by {@link
         *     ParameterStore#copyFrom}
         */
        public Builder weights(Consumer<? super ParameterStore> writer) {
            first = writer;
            return this;
        }

        /** The model. */
        @MustBeClosed
        public Model build() {
            return new Model(device, network, network.module(), first);
        }
    }

    /**
     * @param module is this model's from now on
     * @param first writes the first weights
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    Model(Device device, Network network, Module module, Consumer<? super ParameterStore> first) {
        this.device = device;
        this.network = network;
        this.module = module;
        this.parameters = module.parameters();
        module.place();
        this.scope = device.openScope("model");
        // States that go on from call to call are those of one caller after the other.
        int most = module.carriesStates() ? 1 : Runtime.getRuntime().availableProcessors();
        this.predictors = new PredictorPool(most, this::pooled);
        boolean complete = false;
        try {
            parameters.allocate(scope);
            first.accept(parameters);
            parameters.changed();
            complete = true;
        } finally {
            if (!complete) {
                scope.close();
            }
        }
    }

    public final Device device() {
        return device;
    }

    /** What this model is, apart from device and weights. */
    public final Network network() {
        return network;
    }

    /** All parameters, in one flat buffer. */
    public final ParameterStore parameters() {
        return parameters;
    }

    /** What {@link #forward(Context, Map)} takes, by name. */
    public final Map<String, Form> inputs() {
        return network.inputs();
    }

    /** What {@link #forward(Context, Map)} gives, by name. */
    public final Map<String, Form> outputs() {
        return network.outputs();
    }

    /**
     * The only input.
     *
     * @throws IllegalStateException if there are several
     */
    public final Form input() {
        return only("input", inputs()).getValue();
    }

    /**
     * The only output.
     *
     * @throws IllegalStateException if there are several
     */
    public final Form output() {
        return only("output", outputs()).getValue();
    }

    static <V> Map.Entry<String, V> only(String what, Map<String, V> all) {
        if (all.size() != 1) {
            throw new IllegalStateException("model: expected one with a single " + what + ", got one with "
                    + all.keySet() + "; give inputs and take outputs by name");
        }
        return all.entrySet().iterator().next();
    }

    /** Whether any of its matrix products is computed in the given precision; trainers scale the loss of F16 models. */
    public final boolean computesIn(Precision precision) {
        return module.computesIn(precision);
    }

    /** Whether a batch may go on, row by row, with the states of the batch before; if so, predictors split no batches. */
    public final boolean carriesStates() {
        return module.carriesStates();
    }

    /**
     * The module of this model alone, for programs that run parts of it.
     *
     * @throws IllegalArgumentException if it is of another type
     */
    public final <M extends Module> M module(Class<M> type) {
        if (!type.isInstance(module)) {
            throw new IllegalArgumentException(
                    "model: expected one of " + type.getName() + ", got one of " + module.type());
        }
        return type.cast(module);
    }

    /** The layers in the order of declaration. */
    public final List<Layer> layers() {
        return List.copyOf(module.layers().values());
    }

    /**
     * The layer of a name, for instance to stream through its cell.
     *
     * @throws IllegalArgumentException if there is none, with the names there are
     */
    public final Layer layer(String name) {
        Layer found = module.layers().get(name);
        if (found == null) {
            throw new IllegalArgumentException(
                    "layer: expected one of " + module.layers().keySet() + ", got '" + name + "'");
        }
        return found;
    }

    /**
     * The forward pass; recorded if the context has a tape.
     *
     * @param inputs by name, of the forms {@link #inputs()}, time-major where sequences; further ones are passed over
     * @return by name, of the forms {@link #outputs()}; in training a {@link LikelihoodLayer} may give another form to its loss
     * @throws IllegalArgumentException if an input is missing or has another form
     */
    public final Map<String, Variable> forward(Context context, Map<String, Variable> inputs) {
        requireOpen();
        for (Map.Entry<String, Form> input : inputs().entrySet()) {
            Variable x = inputs.get(input.getKey());
            if (x == null) {
                throw new IllegalArgumentException(
                        "inputs: expected " + inputs().keySet() + ", got " + inputs.keySet());
            }
            input.getValue().require(argument("input", INPUT, input.getKey()), x.value());
        }
        Map<String, Variable> given = module.forward(context, inputs);
        if (given == null) {
            throw new IllegalStateException(
                    "module: expected outputs " + outputs().keySet() + ", got null");
        }
        for (Map.Entry<String, Form> output : outputs().entrySet()) {
            Variable y = given.get(output.getKey());
            if (y == null) {
                throw new IllegalStateException(
                        "module: expected outputs " + outputs().keySet() + ", got " + given.keySet());
            }
            if (!LikelihoodLayer.isForLoss(context, y)) {
                output.getValue().require(argument("output", OUTPUT, output.getKey()), y.value());
            }
        }
        return given;
    }

    private static String argument(String what, String usual, String name) {
        return name.equals(usual) ? what : what + " '" + name + "'";
    }

    /**
     * The forward pass of a model with one input and one output; recorded if the context has a tape.
     *
     * @param x of the form {@link #input()}, time-major if a sequence
     * @throws IllegalStateException if there are several inputs or outputs
     * @throws IllegalArgumentException if x has another form
     */
    public final Variable forward(Context context, Variable x) {
        String input = only("input", inputs()).getKey();
        String output = only("output", outputs()).getKey();
        return forward(context, Map.of(input, x)).get(output);
    }

    /** A predictor for one thread. */
    @MustBeClosed
    public final Predictor predictor() {
        requireOpen();
        return new Predictor(this);
    }

    /**
     * Opens a stream: sequences whose steps come in one after the other, or in chunks.
     *
     * @param rows that move together
     * @throws IllegalArgumentException if a layer needs later steps, or all earlier ones, with its name and the reason
     */
    @MustBeClosed
    public final ModelStream stream(int rows) {
        requireOpen();
        return new ModelStream(this, module, rows, 0);
    }

    /**
     * As {@link #stream(int)}, for models that keep all steps of a sequence: causal attention, whose keys and values take {@code 2 · mostSteps
     * · F} numbers for each row and layer, twice.
     *
     * @param mostSteps how many steps a sequence may have, till its row is reset; a step more is refused
     */
    @MustBeClosed
    public final ModelStream stream(int rows, int mostSteps) {
        requireOpen();
        return new ModelStream(this, module, rows, Arguments.requireAtLeast("mostSteps", 1, mostSteps));
    }

    /** {@link Predictor#predict(float[][][])} on a predictor that the model keeps. */
    public final float[][] predict(float[][][] sequences) {
        return predictors.run(predictor -> predictor.predict(sequences));
    }

    /** {@link Predictor#predict(float[][][], int[])} on a predictor that the model keeps. */
    public final float[][] predict(float[][][] sequences, int[] lengths) {
        return predictors.run(predictor -> predictor.predict(sequences, lengths));
    }

    /** {@link Predictor#predictSequences} on a predictor that the model keeps. */
    public final float[][][] predictSequences(float[][][] sequences, int[] lengths) {
        return predictors.run(predictor -> predictor.predictSequences(sequences, lengths));
    }

    /** {@link Predictor#predict(SequenceInput)} on a predictor that the model keeps. */
    public final SequenceOutput predict(SequenceInput input) {
        return predictors.run(predictor -> predictor.predict(input));
    }

    /** {@link Predictor#predictRows} on a predictor that the model keeps. */
    public final float[][] predictRows(float[][] rows) {
        return predictors.run(predictor -> predictor.predictRows(rows));
    }

    /** {@link Predictor#predict(Column...)} on a predictor that the model keeps. */
    public final Map<String, Prediction> predict(Column... inputs) {
        return predictors.run(predictor -> predictor.predict(inputs));
    }

    /** {@link Predictor#predict(Dataset)} on a predictor that the model keeps. */
    public final Map<String, Prediction> predict(Dataset data) {
        return predictors.run(predictor -> predictor.predict(data));
    }

    @SuppressWarnings("MustBeClosedChecker") // the model's scope closes it
    private Predictor pooled() {
        Call call = Call.begin();
        try {
            return scope.own(predictor());
        } finally {
            call.end();
        }
    }

    /** Memory of a training step, computed without running one. */
    public final TrainingFootprint footprint(int batch, int steps) {
        StepMemory memory = account(batch, steps);
        return new TrainingFootprint(parameters.bytes(), parameters.bytes(), 0, memory.plans(), memory.step());
    }

    /** The implementations of planned operations that a training step takes on this device, by name, each once. */
    public final List<String> implementations(int batch, int steps) {
        return account(batch, steps).implementations();
    }

    private StepMemory account(int batch, int steps) {
        requireAtLeastOne("batch", batch);
        requireAtLeastOne("steps", steps);
        StepMemory memory = new StepMemory(device);
        for (Form input : inputs().values()) {
            memory.tensor(input.elements(steps, batch));
            if (input.sequence()) {
                memory.tensor(batch);
            }
        }
        module.account(memory, steps, batch);
        return memory;
    }

    private static void requireAtLeastOne(String argument, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(argument + ": expected at least 1, got " + value);
        }
    }

    /** Layers, forms, parameters and the memory of a training step of 32 rows of 64 steps with Adam, as a table. */
    public final String summary() {
        return summary(SUMMARY_BATCH, SUMMARY_STEPS);
    }

    /** As {@link #summary()}, for batches of the given size. */
    public final String summary(int batch, int steps) {
        return Summary.of(this, batch, steps);
    }

    /**
     * Checks that a set's ids are in the tables of the layers that look them up, as far as the module says which these are.
     *
     * @throws IllegalArgumentException naming column, row, step, id and table of the first that is not
     */
    public final void requireIds(Dataset data) {
        for (String input : inputs().keySet()) {
            for (Column column : data.inputs()) {
                boolean meant = column.name().equals(input)
                        || (inputs().size() == 1 && data.inputs().size() == 1);
                if (meant && column.form().type() == ElementType.I32) {
                    for (Layer layer : module.lookUps(input)) {
                        column.requireIds("layer '" + layer.name() + "'", layer.knownIds());
                    }
                }
            }
        }
    }

    /** Begins a call that uses this model in a context, to be ended by the same thread. */
    Call call(Context context) {
        return context.call(scope);
    }

    /** Checks that this is open, and keeps it so till the end of the call that the thread is in. */
    void requireOpen() {
        if (scope.isClosed()) {
            throw new IllegalStateException("model: is closed");
        }
    }

    /** Frees the parameters. */
    @Override
    public final void close() {
        scope.close();
    }
}
