package org.gatefold.seq2seq;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Pieces;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.attention.AdditiveAttention;
import org.gatefold.layer.attention.Attended;
import org.gatefold.layer.attention.AttentionMemory;
import org.gatefold.layer.attention.DotAttention;
import org.gatefold.layer.attention.GeneralAttention;
import org.gatefold.layer.attention.SourceAttention;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.embedding.TiedLinear;
import org.gatefold.layer.recurrent.RecurrentCell;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;

/** The part of an {@link EncoderDecoder} that writes: from ids to the logits of the next ones. Immutable. */
final class Decoder {
    private final EncoderDecoder.Builder options;
    private final Embedding embedding;
    private final Dropout dropout;
    private final RecurrentLayer<?> layer;
    private final RecurrentCell cell;
    private final SourceAttention attention;
    private final Linear combine;
    private final Dropout outputDropout;
    private final Layer logits;
    private final int outputSize;

    /**
     * What a step gives.
     *
     * @param logits {@code [K, B, V]}
     * @param state after the step
     * @param output {@code [K, B, A]}, what the next step reads with input feeding
     */
    record Step(Variable logits, LayerState state, Variable output) {}

    Decoder(EncoderDecoder.Builder options, Parts parts, Form previous, Encoder encoder) {
        this.options = options;
        int units = options.decoderUnits;
        embedding = options.shared
                ? encoder.embedding()
                : parts.layer(
                        Embedding.of(options.targetVocabulary, options.embedding)
                                .weights(options.vectors)
                                .named("target-embedding"),
                        previous);
        dropout = Dropout.of(options.dropout);
        parts.layer(dropout.named("target-dropout"), embedding.output());
        outputSize = options.tied ? options.embedding : units;
        int fed = options.inputFeeding ? outputSize : 0;
        layer = parts.layer(
                Encoder.recurrent(options.decoderCell, units)
                        .layers(options.decoderLayers)
                        .dropout(options.dropout)
                        .precision(options.precision)
                        .returnSequences()
                        .named("decoder"),
                Form.sequences(options.embedding + fed));
        cell = layer.cell();
        attention = attention(options.attention, units);
        if (attention != null) {
            parts.layer(attention.named("attention"), layer.output());
        }
        combine = attention != null || outputSize != units
                ? parts.layer(
                        Linear.of(outputSize).withoutBias().named("combine"),
                        Form.sequences(attention == null ? units : 2 * units))
                : null;
        Form outputs = Form.sequences(outputSize);
        outputDropout = Dropout.of(options.dropout);
        parts.layer(outputDropout.named("output-dropout"), outputs);
        logits = parts.layer(
                options.tied
                        ? TiedLinear.to(embedding.name()).named("logits")
                        : Linear.of(options.targetVocabulary).named("logits"),
                outputs);
    }

    private static SourceAttention attention(EncoderDecoder.Attention kind, int units) {
        return switch (kind) {
            case NONE -> null;
            case DOT -> DotAttention.create();
            case GENERAL -> GeneralAttention.create();
            case ADDITIVE -> AdditiveAttention.of(units);
        };
    }

    Embedding embedding() {
        return embedding;
    }

    /** The size of what logits are computed from. */
    int outputSize() {
        return outputSize;
    }

    /** The outputs of an encoder as they are attended to; null without attention. */
    AttentionMemory memory(Context context, Variable outputs) {
        return attention == null ? null : attention.memory(context, outputs);
    }

    /** The logits of what follows each id, {@code [T, B, V]}. */
    Variable forward(Context context, Variable previous, Encoded source) {
        Variable outputs = outputs(context, previous, source, attended -> {});
        return logits.forward(context, outputDropout.forward(context, outputs));
    }

    /** How much each step of given targets attends to each that the encoder gave of its source, {@code [T][B][S]}; rows end with these. */
    float[][][] weights(Context context, Variable previous, Encoded source) {
        List<float[][]> all = new ArrayList<>();
        outputs(context, previous, source, attended -> all.addAll(Arrays.asList(attended.weights())));
        Lengths lengths = source.outputs().values().lengths();
        if (lengths != null) {
            int[] steps = lengths.toArray();
            all.forEach(rows -> Arrays.setAll(rows, row -> Arrays.copyOf(rows[row], steps[row])));
        }
        return all.toArray(float[][][]::new);
    }

    /** What logits are computed from, {@code [T, B, A]}. */
    private Variable outputs(Context context, Variable previous, Encoded source, Consumer<Attended> look) {
        Variable vectors = dropout.forward(context, embedding.forward(context, previous));
        if (options.inputFeeding) {
            return stepByStep(context, vectors, source, look);
        }
        Variable h = layer.forward(context, vectors, source.initial()).output();
        return combined(context, h, source, look);
    }

    private Variable stepByStep(Context context, Variable vectors, Encoded source, Consumer<Attended> look) {
        int steps = vectors.shape().dim(0);
        int batch = vectors.shape().dim(1);
        Shape one = Shape.of(1, batch, options.embedding);
        Pieces outputs = new Pieces();
        Variable fed = Variable.constant(context.scope().zeros("nothing fed yet", 1, batch, outputSize));
        LayerState state = source.initial();
        for (int t = 0; t < steps; t++) {
            Variable x = vectors.part("step", t * one.elements(), one);
            RecurrentCell.Result moved = move(context, x, state, fed);
            state = moved.state();
            fed = combined(context, moved.output().reshape(1, batch, options.decoderUnits), source, look);
            outputs.add(fed, (long) t * batch * outputSize);
        }
        return outputs.join(context, "outputs", vectors.lengths(), Shape.of(steps, batch, outputSize));
    }

    /** The cell's step for K times B rows, which stand as {@code [K, B, …]}. */
    private RecurrentCell.Result move(Context context, Variable vectors, LayerState state, Variable fed) {
        Variable x = fed == null ? vectors : Functional.concatenate(context, vectors, fed);
        Shape shape = x.shape();
        return cell.step(context, x.reshape(shape.dim(0) * shape.dim(1), shape.last()), state);
    }

    /** What logits are computed from, {@code [T, B, A]}, of the layer's outputs {@code [T, B, H]}. */
    private Variable combined(Context context, Variable h, Encoded source, Consumer<Attended> look) {
        if (combine == null) {
            return h;
        }
        Variable both = h;
        if (attention != null) {
            Attended attended = attention.attend(context, h, source.outputs());
            look.accept(attended);
            both = Functional.concatenate(context, attended.output(), h);
        }
        return Functional.activate(context, Activation.TANH, combine.forward(context, both));
    }

    /**
     * One step, of K rows for each of B sources; never with dropout.
     *
     * @param previous ids {@code [K, B]}
     * @param state before the step, row {@code k * B + b} for place {@code [k, b]}
     * @param fed {@code [K, B, A]}; null without input feeding
     */
    Step step(Context context, Variable previous, LayerState state, Variable fed, Encoded source) {
        int beams = previous.shape().dim(0);
        int batch = previous.shape().dim(1);
        RecurrentCell.Result moved = move(context, embedding.forward(context, previous), state, fed);
        Variable h = moved.output().reshape(beams, batch, options.decoderUnits);
        Variable output = combined(context, h, source, attended -> {});
        return new Step(logits.forward(context, output), moved.state(), output);
    }

    void account(StepMemory memory, int steps, int sourceSteps, int batch) {
        embedding.footprint(memory, steps, batch);
        dropout.footprint(memory, steps, batch);
        if (options.inputFeeding) {
            long outputs = (long) batch * outputSize;
            memory.tensor(outputs);
            memory.differentiable(steps * outputs);
            memory.repeated(steps, () -> {
                memory.tensor((long) batch * options.embedding);
                memory.differentiable((long) batch * (options.embedding + outputSize));
                accountPass(memory, 1, sourceSteps, batch);
                accountStates(memory, batch);
                memory.tensor(outputs);
            });
        } else {
            accountPass(memory, steps, sourceSteps, batch);
        }
        outputDropout.footprint(memory, steps, batch);
        logits.footprint(memory, steps, batch);
    }

    private void accountPass(StepMemory memory, int steps, int sourceSteps, int batch) {
        layer.footprint(memory, steps, batch);
        accountStates(memory, batch);
        if (attention != null) {
            attention.footprint(memory, steps, sourceSteps, batch);
            memory.differentiable(2L * steps * batch * options.decoderUnits);
        }
        if (combine != null) {
            combine.footprint(memory, steps, batch);
            memory.differentiable((long) steps * batch * outputSize);
        }
    }

    /** States after a pass, or their gradients. */
    private void accountStates(StepMemory memory, int batch) {
        for (int i = 0; i < (options.decoderCell.hasCellState() ? 2 : 1); i++) {
            memory.tensor((long) options.decoderLayers * batch * options.decoderUnits);
        }
    }
}
