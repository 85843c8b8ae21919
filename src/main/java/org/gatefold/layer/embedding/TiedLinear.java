package org.gatefold.layer.embedding;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepwiseLayer;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * An affine map by the table of an {@link Embedding} of the same model, {@code y = x Wᵀ + b}: from features to a number for each id, as the
 * last layer of language models (Press and Wolf 2017). The table is one parameter, which both train and which files hold once.
 *
 * <p>Parameter {@code NAME.b [V]}, at first zero, unless left out; W is {@code EMBEDDING.w [V, F]}. In padding of sequences it gives b plus
 * what follows from what stands there, which must be finite. An id of padding gets a gradient here, as in PyTorch.
 */
public final class TiedLinear extends StepwiseLayer {
    private final String embedding;
    private boolean biased = true;
    private Parameter w;
    private Parameter b;

    private TiedLinear(String embedding) {
        if (embedding == null || embedding.isBlank()) {
            throw new IllegalArgumentException("embedding: expected the name of a layer, got '" + embedding + "'");
        }
        this.embedding = embedding;
    }

    /** By the table of the embedding of a name, which comes before in the model. */
    public static TiedLinear to(String embedding) {
        return new TiedLinear(embedding);
    }

    static TiedLinear described(Options options) {
        TiedLinear linear = to(options.text("embedding"));
        return options.flag("biased") ? linear : linear.withoutBias();
    }

    /** Leaves b out. */
    public TiedLinear withoutBias() {
        requireNotBuilt();
        biased = false;
        return this;
    }

    @Override
    public TiedLinear named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("embedding", embedding, "biased", biased);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        w = parameters.list().stream()
                .filter(parameter -> parameter.name().equals(embedding + ".w"))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "layer '" + name() + "': expected an embedding '" + embedding + "' before it, found none"));
        if (w.touchedRows() != null) {
            throw new IllegalArgumentException(
                    "layer '" + name() + "': expected an embedding that is not lazy, as outputs touch all"
                            + " of its vectors, got '" + embedding + "'");
        }
        if (w.shape().rank() != 2 || w.shape().last() != in.last()) {
            throw new IllegalArgumentException("layer '" + name() + "': expected as many features as '" + w.name()
                    + "' has, " + w.shape() + ", got " + in);
        }
        int vocabulary = w.shape().dim(0);
        b = biased ? parameters.declare(name() + ".b", Shape.of(vocabulary), Initializer.ZEROS) : null;
        return in.withFeatures(vocabulary);
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        return Functional.linear(context, x, w, b);
    }
}
