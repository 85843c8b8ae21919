package org.gatefold.layer.basic;

import org.gatefold.layer.Layer;
import org.gatefold.layer.ParameterStore;
import org.gatefold.op.Precision;
import org.gatefold.tensor.Form;

/** A layer around one that gives the form that it takes, whose parameters are named {@code NAME.layer.…}. */
abstract class WrappingLayer extends Layer {
    private final Layer inner;

    WrappingLayer(Layer inner) {
        this.inner = inner;
    }

    final Layer inner() {
        return inner;
    }

    @Override
    public final boolean carriesStates() {
        return inner.carriesStates();
    }

    @Override
    public boolean computesIn(Precision precision) {
        return inner.computesIn(precision);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        Form out = inner.build(parameters, name() + ".layer", in);
        if (!out.equals(in)) {
            throw new IllegalArgumentException("layer '" + name() + "': expected a layer that gives what it takes, "
                    + in + ", got one that gives " + out);
        }
        return out;
    }
}
