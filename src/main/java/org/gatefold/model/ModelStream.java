package org.gatefold.model;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.StreamStates;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.ElementType;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * Sequences that come in one step, or one chunk of steps, after the other: outputs are those that the model gives for the whole sequences so
 * far. Recurrent layers carry their states, causal convolutions the steps that they still need, causal attention the keys and values of all
 * steps, positions their count, on the device.
 *
 * <p>Owns its context and the states, and takes its memory anew in each step from an arena that stays; takes up changed weights by itself.
 * Close it before the model's device. One thread at a time: a call while another thread is in one is refused. A call that fails leaves the
 * states as they were. Streams of one model may run in many threads.
 */
public final class ModelStream implements AutoCloseable {
    private final Model model;
    private final Module module;
    private final int rows;
    private final Context context;
    private final StreamStates states;
    private final List<Layer> lookUps;
    private final SavedStream saved;
    private final SoleUse use;
    private long passes;

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    ModelStream(Model model, Module module, int rows, int mostSteps) {
        this.model = model;
        this.module = module;
        this.use = new SoleUse(model, "stream: is in use by another call; give each thread one of its own");
        this.rows = Arguments.requireAtLeast("rows", 1, rows);
        this.lookUps = inputs().size() == 1
                ? module.lookUps(inputs().keySet().iterator().next())
                : List.of();
        StreamStates asked = new StreamStates(rows, mostSteps);
        module.stream(asked);
        this.saved = new SavedStream(model.parameters(), rows, asked.layout());
        this.context = Context.inference(model.device());
        boolean complete = false;
        try {
            Call call = model.call(context);
            try {
                this.states = context.carried(this, StreamStates.class, any -> true, asked::place);
            } finally {
                call.end();
            }
            context.attach(StreamStates.class, states);
            complete = true;
        } finally {
            if (!complete) {
                context.close();
            }
        }
    }

    /** Rows that move together. */
    public int rows() {
        return rows;
    }

    /** What a pass takes, by name: the model's inputs without those that are states. */
    public Map<String, Form> inputs() {
        return module.streamInputs();
    }

    /** What a pass gives, by name: the model's outputs without those that are states. */
    public Map<String, Form> outputs() {
        return module.streamOutputs();
    }

    private Form input() {
        return Model.only("input", inputs()).getValue();
    }

    private Form output() {
        return Model.only("output", outputs()).getValue();
    }

    /**
     * One step of every row, of a model with one input and one output.
     *
     * @param input {@code [B][numbers of a step]}
     * @return {@code [B][numbers of the output]}, of this step where the model gives sequences
     */
    public float[][] step(float[][] input) {
        int size = size("input", input(), ElementType.F32);
        int outputs = size("output", output(), ElementType.F32);
        requireRows("input", input.length);
        float[] flat = new float[Math.multiplyExact(rows, size)];
        for (int row = 0; row < rows; row++) {
            requireNumbers("input[" + row + "]", size, input[row].length);
            System.arraycopy(input[row], 0, flat, row * size, size);
        }
        float[] all = new float[Math.multiplyExact(rows, outputs)];
        step(flat, all);
        float[][] output = new float[rows][];
        for (int row = 0; row < rows; row++) {
            output[row] = Arrays.copyOfRange(all, row * outputs, (row + 1) * outputs);
        }
        return output;
    }

    /**
     * As {@link #step(float[][])}, from and to arrays that the caller keeps.
     *
     * @param input row by row
     * @param output row by row, written
     */
    public void step(float[] input, float[] output) {
        requireNumbers("input", Math.multiplyExact(rows, size("input", input(), ElementType.F32)), input.length);
        requireRoom(output);
        alone(() -> {
            context.begin(passes++);
            Tensor x = context.scope().f32("x", input().shape(1, rows));
            x.write(0, input, 0, input.length);
            pass(Variable.constant(x)).value().read(0, output, 0, output.length);
            return output;
        });
    }

    /**
     * One step of a model that takes ids.
     *
     * @param ids of each row
     * @param output row by row, written
     */
    public void step(int[] ids, float[] output) {
        requireNumbers("ids", Math.multiplyExact(rows, size("ids", input(), ElementType.I32)), ids.length);
        requireKnown(ids);
        requireRoom(output);
        alone(() -> {
            context.begin(passes++);
            Tensor x = context.scope().i32("x", input().shape(1, rows).toArray());
            x.write(0, ids, 0, ids.length);
            pass(Variable.constant(x)).value().read(0, output, 0, output.length);
            return output;
        });
    }

    /**
     * One chunk of every row, of a model that takes and gives sequences of numbers.
     *
     * @param input {@code [B][T][numbers of a step]}, all rows with as many steps
     * @return {@code [B][T][numbers of the output]}
     */
    public float[][][] chunk(float[][][] input) {
        requireRows("input", input.length);
        for (int row = 0; row < rows; row++) {
            requireSteps("input[" + row + "]", input[0].length, input[row].length);
        }
        if (!output().sequence()) {
            throw new IllegalStateException("chunk: the model gives " + output() + "; use step or forward");
        }
        return alone(() -> {
            context.begin(passes++);
            Variable y = pass(BatchFirst.sequences(context, input, null));
            return BatchFirst.readSequences(y.value(), null);
        });
    }

    /**
     * One chunk of every row, from and to arrays that the caller keeps, of a model with one input of numbers and one output; what voice and
     * sensor programs call many times a second.
     *
     * @param input {@code [B][T][numbers of a step]}, row by row
     * @param output {@code [B][T][numbers of the output]}, or {@code [B][numbers]} where the model gives rows; written
     * @throws IllegalArgumentException if the numbers are no whole chunk, or if the output has another size
     */
    public void chunk(float[] input, float[] output) {
        int size = Math.multiplyExact(rows, size("input", input(), ElementType.F32));
        boolean sequence = input().sequence();
        if (input.length == 0 || input.length % size != 0 || (!sequence && input.length != size)) {
            throw new IllegalArgumentException("input: expected " + (sequence ? "whole steps of " : "") + size
                    + " numbers for " + rows + " rows, got " + input.length);
        }
        size("output", output(), ElementType.F32);
        int steps = input.length / size;
        alone(() -> {
            context.begin(passes++);
            Tensor x = context.scope().f32("x", input().shape(steps, rows));
            x.write(0, swapped(input, rows, steps), 0, input.length);
            Variable y = pass(
                    Variable.constant(x),
                    given -> requireNumbers(
                            "output", Math.toIntExact(given.value().elements()), output.length));
            y.value().read(0, output, 0, output.length);
            if (output().sequence()) {
                float[] given = swapped(output, y.shape().dim(0), rows);
                System.arraycopy(given, 0, output, 0, given == output ? 0 : given.length);
            }
            return output;
        });
    }

    /** Blocks {@code [first][second]} as {@code [second][first]}; the same array where that is the same order. */
    private static float[] swapped(float[] blocks, int first, int second) {
        if (first == 1 || second == 1) {
            return blocks;
        }
        int size = blocks.length / first / second;
        float[] swapped = new float[blocks.length];
        for (int i = 0; i < first * second; i++) {
            System.arraycopy(blocks, i * size, swapped, (i % second * first + i / second) * size, size);
        }
        return swapped;
    }

    /**
     * One chunk of every row, by name, as {@link Predictor#predict(Column...)} takes it.
     *
     * @param inputs one column for each of the model's inputs, all sequences with as many steps
     * @return by the name of the output, in the order of {@link #outputs()}
     */
    public Map<String, Prediction> chunk(Column... inputs) {
        Dataset data = Dataset.of(inputs);
        model.requireIds(data);
        requireRows("inputs", data.size());
        return alone(() -> {
            context.begin(passes++);
            Map<String, Variable> x = ModelInputs.of(
                    inputs(), Batches.of(data, rows).inOrder().batch(0).upload(context.scope()));
            Map<String, Variable> y = pass(x);
            Map<String, Prediction> outputs = new LinkedHashMap<>();
            outputs()
                    .forEach((name, form) -> outputs.put(
                            name, new Prediction(name, form, Prediction.values(name, form, y.get(name), rows))));
            return outputs;
        });
    }

    /**
     * One chunk on the device.
     *
     * @param inputs by name, of the forms {@link #inputs()}, all sequences with as many steps, without lengths
     * @return by name, valid until the next call
     */
    public Map<String, Variable> forward(Map<String, Variable> inputs) {
        return alone(() -> {
            context.begin(passes++);
            return pass(inputs);
        });
    }

    private Variable pass(Variable x) {
        return pass(x, y -> {});
    }

    private Variable pass(Variable x, Consumer<Variable> check) {
        String input = Model.only("input", inputs()).getKey();
        String output = Model.only("output", outputs()).getKey();
        return between(Map.of(input, x), given -> check.accept(given.get(output)))
                .get(output);
    }

    /** @param check refuses outputs before the states are those behind them */
    private Map<String, Variable> between(Map<String, Variable> inputs, Consumer<Map<String, Variable>> check) {
        states.begin();
        Map<String, Variable> outputs = model.forward(context, module.fromStates(context, states, inputs));
        check.accept(outputs);
        module.toStates(states, outputs);
        states.end();
        return outputs;
    }

    private Map<String, Variable> pass(Map<String, Variable> inputs) {
        int steps = -1;
        for (Map.Entry<String, Variable> input : inputs.entrySet()) {
            Form form = inputs().get(input.getKey());
            if (form != null) {
                String argument = "input '" + input.getKey() + "'";
                form.require(argument, input.getValue().value());
                requireRows(argument, input.getValue().shape().dim(form.sequence() ? 1 : 0));
                requireNoLengths(argument, input.getValue().lengths());
                int own = input.getValue().shape().dim(0);
                if (form.sequence() && steps >= 0) {
                    requireSteps(argument, steps, own);
                }
                steps = form.sequence() ? own : steps;
            }
        }
        return between(inputs, outputs -> {});
    }

    /** Sets the states of all rows to those that sequences start from. */
    public void reset() {
        alone(() -> {
            states.clear();
            return this;
        });
    }

    /** Sets the states of one row to those that sequences start from: the row's next sequence begins. */
    public void reset(int row) {
        if (row < 0 || row >= rows) {
            throw new IllegalArgumentException("row: expected 0 to " + (rows - 1) + ", got " + row);
        }
        alone(() -> {
            states.clear(row);
            return this;
        });
    }

    /**
     * Lets each row go on from where a row of another stream of this model stands, or of this stream: beams of a search change
     * their places so, and multiply.
     *
     * @param other of the same model; in no other call meanwhile
     * @param from for each row of this stream the row of the other one; any number of rows may go on from one
     */
    public void goOnFrom(ModelStream other, int... from) {
        if (other.model != model) {
            throw new IllegalArgumentException("other: expected a stream of the same model, got one of another");
        }
        if (other.states.mostSteps() != states.mostSteps()) {
            throw new IllegalArgumentException("other: expected a stream for sequences of at most " + states.mostSteps()
                    + " steps, got one for " + other.states.mostSteps());
        }
        requireRows("from", from.length);
        for (int i = 0; i < from.length; i++) {
            if (from[i] < 0 || from[i] >= other.rows) {
                throw new IllegalArgumentException(
                        "from[" + i + "]: expected 0 to " + (other.rows - 1) + ", got " + from[i]);
            }
        }
        alone(() -> {
            context.begin(passes++);
            states.take(other.states, from, context.scope());
            return this;
        });
    }

    /**
     * The states as bytes, for {@link #restore} on any device.
     *
     * @return of a few bytes beside 4 for each state
     */
    public byte[] save() {
        return alone(() -> saved.write(states.values().toFloats()));
    }

    /**
     * Goes on where a stream of as many rows of the same model was saved.
     *
     * @throws IllegalArgumentException if the bytes are damaged, or of another version, of other rows, of a model with other layers, or of
     *     one with other weights; the states are what they were then
     */
    public void restore(byte[] state) {
        alone(() -> {
            states.values().write(saved.read(state, states.values().arraySize()));
            return this;
        });
    }

    private <R> R alone(Supplier<R> work) {
        return use.of(context, work);
    }

    private static int size(String argument, Form form, ElementType type) {
        if (form.type() != type) {
            throw new IllegalStateException(
                    argument + ": the model has " + form + " there, step is called with " + type);
        }
        return Math.toIntExact(form.size());
    }

    private void requireKnown(int[] ids) {
        for (int i = 0; i < lookUps.size(); i++) {
            Layer layer = lookUps.get(i);
            for (int at = 0; at < ids.length; at++) {
                if (ids[at] < 0 || ids[at] >= layer.knownIds()) {
                    throw new IllegalArgumentException(
                            "ids[" + at + "]: expected an id of 0 to " + (layer.knownIds() - 1) + ", as layer '"
                                    + layer.name() + "' has " + layer.knownIds() + " rows, got " + ids[at]);
                }
            }
        }
    }

    private void requireRoom(float[] output) {
        requireNumbers("output", Math.multiplyExact(rows, size("output", output(), ElementType.F32)), output.length);
    }

    private static void requireNumbers(String argument, int expected, int actual) {
        if (actual != expected) {
            throw new IllegalArgumentException(argument + ": expected " + expected + " numbers, got " + actual);
        }
    }

    private void requireRows(String argument, int actual) {
        if (actual != rows) {
            throw new IllegalArgumentException(
                    argument + ": expected " + rows + " rows as the stream has, got " + actual);
        }
    }

    private static void requireSteps(String argument, int expected, int actual) {
        if (actual != expected) {
            throw new IllegalArgumentException(
                    argument + ": expected " + expected + " steps as the others have, got " + actual);
        }
    }

    private static void requireNoLengths(String argument, Lengths lengths) {
        if (lengths != null) {
            throw new IllegalArgumentException(
                    argument + ": expected chunks of full length, got one with rows of " + lengths);
        }
    }

    /** Frees plans, states and memory. */
    @Override
    public void close() {
        context.close();
    }
}
