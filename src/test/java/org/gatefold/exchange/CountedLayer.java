package org.gatefold.exchange;

import java.util.concurrent.atomic.AtomicInteger;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.PassingLayer;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/** Passes on what comes, and has a parameter that counts how often its first values are drawn. */
public final class CountedLayer extends PassingLayer {
    static final AtomicInteger DRAWS = new AtomicInteger();

    /** Called when a model with this layer is loaded. */
    public static CountedLayer described(Options options) {
        return new CountedLayer();
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        parameters.declare(name() + ".counted", Shape.of(3), (shape, seed) -> {
            DRAWS.incrementAndGet();
            return new float[] {1f, 2f, 3f};
        });
        return super.declare(parameters, in);
    }
}
