package org.gatefold.layer.attention;

import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Layer;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StreamStates;
import org.gatefold.tensor.Form;

/** A layer that adds a vector of its place to every step; in a stream, places go on from chunk to chunk. */
abstract class Positions extends Layer {
    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireFeatureSequence(in);
        return in;
    }

    @Override
    protected final void stream(StreamStates states) {
        StreamedSteps.declare(states, this);
    }

    @Override
    protected final Variable apply(Context context, Variable x) {
        int steps = x.shape().dim(0);
        StreamedSteps stream = StreamedSteps.of(context, this, steps);
        int[] places;
        if (stream == null) {
            int batch = x.shape().dim(1);
            places = new int[steps * batch];
            for (int i = 0; i < places.length; i++) {
                places[i] = i / batch;
            }
        } else {
            places = stream.places(steps);
        }
        int needed = stream == null ? steps : stream.longest() + steps;
        return Functional.add(context, x, vectors(context, x, places, needed, stream != null));
    }

    /**
     * A vector for every step.
     *
     * @param places of every step of every row
     * @param needed one more than the last of them
     * @param streamed whether more are to come
     * @return of the shape and with the lengths of x
     */
    abstract Variable vectors(Context context, Variable x, int[] places, int needed, boolean streamed);
}
