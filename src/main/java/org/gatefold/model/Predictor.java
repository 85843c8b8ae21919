package org.gatefold.model;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.gatefold.autograd.Variable;
import org.gatefold.data.Batch;
import org.gatefold.data.Batches;
import org.gatefold.data.Column;
import org.gatefold.data.Dataset;
import org.gatefold.layer.Context;
import org.gatefold.layer.recurrent.state.StateExchange;

/**
 * Runs inference on a model: with plans and memory of its own, so that every thread can have one while all share the
 * weights.
 *
 * <p>Many rows are run in parts of 1024, so that memory is bounded, unless the model carries states from batch to batch.
 * Owns its context; close it before the model's device. One thread at a time: a call while another thread is in one is
 * refused. Closing waits for a call in progress.
 */
public final class Predictor implements AutoCloseable {
    private static final int MOST_ROWS = 1024;

    private final Model model;
    private final Context context;
    private final SoleUse use;
    private long calls;

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the field is closed by close()
    Predictor(Model model) {
        this.model = model;
        this.use = new SoleUse(
                model,
                "predictor: is in use by another call; give each thread one of its own,"
                        + " or call the model's predict, which many threads may");
        this.context = Context.inference(model.device());
    }

    /**
     * Predicts one row of numbers for each sequence.
     *
     * @param sequences {@code [B][T][features]}; rows may be of unequal length
     * @return {@code [B][outputs]}
     */
    public float[][] predict(float[][][] sequences) {
        return predict(sequences, null);
    }

    /**
     * Predicts one row of numbers for each padded sequence.
     *
     * @param sequences {@code [B][T][features]}
     * @param lengths valid steps of each row; null means all that it has
     * @return {@code [B][outputs]}
     */
    public float[][] predict(float[][][] sequences, int[] lengths) {
        requireOutput(false, "predictSequences");
        BatchFirst.requireLengths(sequences, lengths);
        return alone(() -> {
            float[][] all = new float[sequences.length][];
            inParts(sequences.length, (from, to) -> {
                float[][] part =
                        BatchFirst.read(forward(sequences, lengths, from, to).value());
                System.arraycopy(part, 0, all, from, part.length);
            });
            return all;
        });
    }

    /**
     * Predicts for every step of each sequence.
     *
     * @param sequences {@code [B][T][features]}; rows may be of unequal length
     * @param lengths valid steps of each row; null means all that it has
     * @return {@code [B][T][outputs]}, every row cut to its length
     */
    public float[][][] predictSequences(float[][][] sequences, int[] lengths) {
        requireOutput(true, "predict");
        BatchFirst.requireLengths(sequences, lengths);
        return alone(() -> {
            float[][][] all = new float[sequences.length][][];
            inParts(sequences.length, (from, to) -> {
                Variable y = forward(sequences, lengths, from, to);
                float[][][] part = BatchFirst.readSequences(y.value(), y.lengths());
                System.arraycopy(part, 0, all, from, part.length);
            });
            return all;
        });
    }

    /**
     * Predicts from sequences with a mask or with states, and gives states back; all rows at once.
     *
     * @throws IllegalArgumentException if a mask or a state does not fit, or names no recurrent layer
     */
    public SequenceOutput predict(SequenceInput input) {
        return alone(() -> {
            context.begin(calls++);
            StateExchange exchange = new StateExchange(input.states());
            context.attach(StateExchange.class, exchange);
            try {
                Variable y = model.forward(context, input.upload(context));
                if (!exchange.unused().isEmpty()) {
                    throw new IllegalArgumentException("states: expected names of recurrent layers ("
                            + exchange.last().keySet() + "), got " + exchange.unused());
                }
                float[][][] values = Prediction.values(Model.OUTPUT, model.output(), y, input.rows());
                return new SequenceOutput(new Prediction(Model.OUTPUT, model.output(), values), exchange.last());
            } finally {
                context.attach(StateExchange.class, null);
            }
        });
    }

    /**
     * Predicts from single rows, with a model that takes those.
     *
     * @param rows {@code [B][features]}
     * @return {@code [B][outputs]}
     */
    public float[][] predictRows(float[][] rows) {
        requireOutput(false, "predictSequences");
        return alone(() -> {
            context.begin(calls++);
            return BatchFirst.read(
                    model.forward(context, BatchFirst.rows(context, rows)).value());
        });
    }

    /**
     * A call that has this predictor for itself, and its memory and the model's till it ends.
     *
     * @throws IllegalStateException if another call is in progress
     */
    private <R> R alone(Supplier<R> work) {
        return use.of(context, work);
    }

    /**
     * Predicts all outputs from all inputs, by name, as Keras' {@code predict} does with dictionaries.
     *
     * @param inputs one column for each of the model's inputs, of its name and form; if there is only one of each, the name
     *     does not matter
     * @return by the name of the output, in the order of {@link Model#outputs()}
     * @throws IllegalArgumentException if an input is missing or has another form, or if the numbers of rows differ
     */
    public Map<String, Prediction> predict(Column... inputs) {
        return predict(Dataset.of(inputs));
    }

    /** As {@link #predict(Column...)}, from the inputs of a set; its targets play no part. */
    public Map<String, Prediction> predict(Dataset data) {
        model.requireIds(data);
        return alone(() -> {
            Dataset rows = Dataset.of(data.inputs().toArray(Column[]::new));
            Batches.Epoch parts = Batches.of(rows, model.carriesStates() ? rows.size() : MOST_ROWS)
                    .inOrder();
            Map<String, float[][][]> all = new LinkedHashMap<>();
            model.outputs().keySet().forEach(name -> all.put(name, new float[rows.size()][][]));
            int done = 0;
            for (int index = 0; index < parts.count(); index++) {
                Batch part = parts.batch(index);
                context.begin(calls++);
                Map<String, Variable> inputs = ModelInputs.of(model, part.upload(context.scope()));
                Map<String, Variable> outputs = model.forward(context, inputs);
                for (Map.Entry<String, float[][][]> output : all.entrySet()) {
                    String name = output.getKey();
                    float[][][] values =
                            Prediction.values(name, model.outputs().get(name), outputs.get(name), part.rows());
                    System.arraycopy(values, 0, output.getValue(), done, values.length);
                }
                done += part.rows();
            }
            Map<String, Prediction> predictions = new LinkedHashMap<>();
            all.forEach((name, values) ->
                    predictions.put(name, new Prediction(name, model.outputs().get(name), values)));
            return predictions;
        });
    }

    /**
     * Runs parts of the model's module by themselves, for instance a decoder step by step, in this predictor's context.
     *
     * @param type of the module
     * @param work begins steps of the context as it needs them
     * @throws IllegalArgumentException if the model's module is of another type
     */
    public <M extends Module, R> R run(Class<M> type, BiFunction<? super M, ? super Context, R> work) {
        M module = model.module(type);
        return alone(() -> work.apply(module, context));
    }

    /** Runs rows {@code from} to {@code to - 1}. */
    private interface Part {
        void run(int from, int to);
    }

    private void inParts(int rows, Part part) {
        if (rows <= MOST_ROWS || model.carriesStates()) {
            part.run(0, rows);
            return;
        }
        for (int from = 0; from < rows; from += MOST_ROWS) {
            part.run(from, Math.min(rows, from + MOST_ROWS));
        }
    }

    private Variable forward(float[][][] sequences, int[] lengths, int from, int to) {
        context.begin(calls++);
        return model.forward(context, BatchFirst.sequences(context, sequences, lengths, from, to));
    }

    private void requireOutput(boolean sequence, String other) {
        if (model.output().sequence() != sequence) {
            throw new IllegalStateException("predict: the model gives " + model.output() + "; use " + other);
        }
    }

    /** The context, for whoever wants to run the model on tensors. */
    public Context context() {
        return context;
    }

    /** Forgets the states that stateful layers carry from call to call. */
    public void clearStates() {
        alone(() -> {
            context.clearCarriedStates();
            return this;
        });
    }

    /** Frees plans and memory. */
    @Override
    public void close() {
        context.close();
    }
}
