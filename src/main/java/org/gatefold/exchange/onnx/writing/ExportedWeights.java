package org.gatefold.exchange.onnx.writing;

import java.util.HashSet;
import java.util.Set;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;

/** The parameters of a model as initialisers of a file, each written once. One thread. */
public final class ExportedWeights {
    private final OnnxMessages out;
    private final ParameterStore parameters;
    private final Set<String> written = new HashSet<>();

    public ExportedWeights(OnnxMessages out, ParameterStore parameters) {
        this.out = out;
        this.parameters = parameters;
    }

    /** The numbers of a parameter. */
    float[] values(String name) {
        return parameters.get(name).value().toFloats();
    }

    /** The name of a parameter as it is. */
    String of(String name) {
        return of(name, parameters.get(name).shape().toArray());
    }

    /** The name of a parameter under other dimensions. */
    String of(String name, int... dims) {
        Parameter parameter = parameters.get(name);
        return given(name, parameter.value().toFloats(), dims);
    }

    /** The name of numbers that were made of parameters. */
    String given(String name, float[] values, int... dims) {
        if (written.add(name)) {
            out.reals(name, values, dims);
        }
        return name;
    }
}
