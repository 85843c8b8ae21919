package org.gatefold.seq2seq;

import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.recurrent.state.LayerState;
import org.gatefold.tensor.Form;

/** One of the networks that an {@link EncoderDecoder} is the mean of: an encoder and a decoder. Immutable. */
final class Member {
    private final Encoder encoder;
    private final Decoder decoder;
    private final int fedSize;

    Member(EncoderDecoder.Builder options, Parts parts, Form source, Form previous) {
        encoder = new Encoder(options, parts, source);
        decoder = new Decoder(options, parts, previous, encoder);
        fedSize = options.inputFeeding ? decoder.outputSize() : 0;
    }

    /** The layer that looks up the ids of an input; null if that is of features. */
    Layer lookUp(String input) {
        return input.equals(EncoderDecoder.SOURCE) ? encoder.embedding() : decoder.embedding();
    }

    /** The size of what is fed back with input feeding; 0 without. */
    int fedSize() {
        return fedSize;
    }

    /** What the decoder knows of sources. */
    Encoded encode(Context context, Variable source) {
        Encoder.Result read = encoder.forward(context, source);
        return new Encoded(decoder.memory(context, read.outputs()), read.initial());
    }

    /** The logits of what follows each id, {@code [T, B, V]}. */
    Variable forward(Context context, Variable source, Variable previous) {
        return decoder.forward(context, previous, encode(context, source));
    }

    /** One step of the decoder; see {@link Decoder#step}. */
    Decoder.Step step(Context context, Variable previous, LayerState state, Variable fed, Encoded source) {
        return decoder.step(context, previous, state, fed, source);
    }

    /** How much each step of given targets attends to each that the encoder gave of its source, {@code [T][B][S]}. */
    float[][][] weights(Context context, Variable previous, Variable source) {
        return decoder.weights(context, previous, encode(context, source));
    }

    void account(StepMemory memory, int steps, int batch) {
        decoder.account(memory, steps, encoder.account(memory, steps, batch), batch);
    }
}
