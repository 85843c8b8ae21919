package org.gatefold.seq2seq;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Layer;
import org.gatefold.layer.PickedRows;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.embedding.Embedding;
import org.gatefold.layer.recurrent.Gru;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.layer.recurrent.RecurrentLayer;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.op.recurrent.Cell;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * The part of an {@link EncoderDecoder} that reads: from ids or features to outputs of all steps, and to the decoder's first states. Immutable.
 */
final class Encoder {
    /** The name of the table that both sides share. */
    static final String SHARED = "embedding";

    private final EncoderDecoder.Builder options;
    private final Embedding embedding;
    /** What stands below the recurrent layer, in order. */
    private final List<Layer> below = new ArrayList<>();

    private final RecurrentLayer<?> layer;
    private final int directions;
    private final int stateSize;
    private final Linear outputs;
    private final Linear bridgeH;
    private final Linear bridgeC;

    /** Outputs {@code [S, B, decoder units]}, null without attention, and first states of the decoder. */
    record Result(Variable outputs, LayerState initial) {}

    Encoder(EncoderDecoder.Builder options, Parts parts, Form source) {
        this.options = options;
        embedding = options.features > 0
                ? null
                : parts.layer(
                        Embedding.of(options.sourceVocabulary, options.embedding)
                                .weights(options.vectors)
                                .named(options.shared ? SHARED : "source-embedding"),
                        source);
        Form vectors = source;
        if (embedding != null) {
            below.add(embedding);
            vectors = embedding.output();
        }
        for (Layer next : options.below.made()) {
            vectors = below(parts, next, vectors);
        }
        vectors = below(parts, Dropout.of(options.dropout).named("source-dropout"), vectors);
        RecurrentLayer<?> made = recurrent(options.encoderCell, options.encoderUnits)
                .layers(options.encoderLayers)
                .dropout(options.dropout)
                .precision(options.precision)
                .returnSequences();
        layer = parts.layer((options.bidirectional ? made.bidirectional() : made).named("encoder"), vectors);
        directions = options.bidirectional ? 2 : 1;
        stateSize = directions * options.encoderUnits;
        boolean attends = options.attention != EncoderDecoder.Attention.NONE;
        outputs = attends && stateSize != options.decoderUnits
                ? parts.layer(Linear.of(options.decoderUnits).withoutBias().named("source-outputs"), layer.output())
                : null;
        boolean maps = options.bridge || stateSize != options.decoderUnits;
        Form states = Form.rows(stateSize);
        bridgeH = maps ? parts.layer(Linear.of(options.decoderUnits).named("bridge-h"), states) : null;
        bridgeC = options.decoderCell.hasCellState() && (maps || !options.encoderCell.hasCellState())
                ? parts.layer(Linear.of(options.decoderUnits).named("bridge-c"), states)
                : null;
    }

    private Form below(Parts parts, Layer next, Form in) {
        below.add(parts.layer(next, in));
        return next.output();
    }

    static RecurrentLayer<?> recurrent(Cell cell, int units) {
        return cell == Cell.LSTM ? Lstm.of(units) : Gru.of(units);
    }

    /** Null where features are read. */
    Embedding embedding() {
        return embedding;
    }

    Result forward(Context context, Variable source) {
        Variable vectors = source;
        for (Layer next : below) {
            vectors = next.forward(context, vectors);
        }
        RecurrentLayer.Result read = layer.forward(context, vectors, null);
        Variable y = outputs == null ? read.output() : outputs.forward(context, read.output());
        Variable h = perLayer(context, read.state().h());
        Variable c = null;
        if (options.decoderCell.hasCellState()) {
            Variable last = options.encoderCell.hasCellState()
                    ? perLayer(context, read.state().c())
                    : h;
            c = bridged(context, bridgeC, last);
        }
        return new Result(
                options.attention == EncoderDecoder.Attention.NONE ? null : y,
                new LayerState(bridged(context, bridgeH, h), c));
    }

    /** Last states {@code [layers · directions, B, units]} as {@code [decoder layers, B, directions · units]}. */
    private Variable perLayer(Context context, Variable last) {
        if (directions == 1 && options.encoderLayers == options.decoderLayers) {
            return last;
        }
        int batch = last.shape().dim(1);
        int layers = options.decoderLayers;
        int[] from = new int[layers * batch * directions];
        for (int i = 0; i < from.length; i++) {
            int direction = i % directions;
            int row = i / directions % batch;
            int below = Math.max(0, options.encoderLayers - layers + i / directions / batch);
            from[i] = (below * directions + direction) * batch + row;
        }
        Variable y =
                context.output("states by layer", last.requiresGradient(), null, Shape.of(layers, batch, stateSize));
        PickedRows.of(context, last, layers, batch * directions, from, null, y);
        return y;
    }

    private Variable bridged(Context context, Linear bridge, Variable states) {
        if (bridge == null) {
            return states;
        }
        int layers = states.shape().dim(0);
        int batch = states.shape().dim(1);
        Variable rows = bridge.forward(context, states.reshape(layers * batch, stateSize));
        return Functional.activate(context, Activation.TANH, rows).reshape(layers, batch, options.decoderUnits);
    }

    /** @return steps of the outputs, for so many of the source */
    int account(StepMemory memory, int sourceSteps, int batch) {
        int steps = sourceSteps;
        for (Layer next : below) {
            next.footprint(memory, steps, batch);
            steps = next.outputSteps(steps);
        }
        layer.footprint(memory, steps, batch);
        int kinds = options.encoderCell.hasCellState() ? 2 : 1;
        int read = options.decoderCell.hasCellState() ? kinds : 1;
        long states = (long) options.encoderLayers * directions * batch * options.encoderUnits;
        for (int i = 0; i < kinds; i++) {
            memory.differentiable(states);
        }
        if (outputs != null) {
            outputs.footprint(memory, steps, batch);
        }
        int rows = options.decoderLayers * batch;
        if (directions > 1 || options.encoderLayers != options.decoderLayers) {
            for (int i = 0; i < read; i++) {
                memory.differentiable((long) rows * stateSize);
                PickedRows.account(memory, (long) rows * directions);
            }
        }
        for (Linear bridge : new Linear[] {bridgeH, bridgeC}) {
            if (bridge != null) {
                bridge.footprint(memory, 1, rows);
                memory.differentiable((long) rows * options.decoderUnits);
            }
        }
        if (options.decoderCell.hasCellState() && kinds == 1) {
            memory.tensor((long) rows * stateSize); // the second contribution to the gradient of h
        }
        return steps;
    }
}
