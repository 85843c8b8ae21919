package org.gatefold.layer.attention;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Layers;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.layer.norm.LayerNorm;
import org.gatefold.op.Arguments;
import org.gatefold.tensor.Form;

/**
 * Layers of a Transformer's encoder, one after the other, each with weights of its own; PyTorch's {@code nn.TransformerEncoder}. With
 * positions and an embedding before it, an encoder as BERT has it.
 *
 * <p>Parameters {@code NAME.0.…}, {@code NAME.1.…} and so on, as {@link TransformerEncoderLayer} has them, and with {@link #finalNorm()} those
 * of {@code NAME.norm}.
 */
public final class TransformerEncoder extends Layer {
    private final TransformerEncoderLayer pattern;
    private final int count;
    private final List<Layer> layers = new ArrayList<>();
    private boolean finalNorm;

    private TransformerEncoder(int count, TransformerEncoderLayer pattern) {
        this.count = Arguments.requireAtLeast("count", 1, count);
        this.pattern = Arguments.requireGiven("layer", pattern);
    }

    /** So many layers like one, which is not built itself. */
    public static TransformerEncoder of(int count, TransformerEncoderLayer layer) {
        return new TransformerEncoder(count, layer);
    }

    static TransformerEncoder described(Options options) {
        TransformerEncoder encoder =
                of(options.integer("count"), TransformerEncoderLayer.described(options.map("layer")));
        return options.flag("finalNorm") ? encoder.finalNorm() : encoder;
    }

    /** Normalises behind the last layer, which those with pre-norm want. */
    public TransformerEncoder finalNorm() {
        requireNotBuilt();
        finalNorm = true;
        return this;
    }

    @Override
    public TransformerEncoder named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("count", count, "layer", pattern.options(), "finalNorm", finalNorm);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        for (int i = 0; i < count; i++) {
            Layer layer = Layers.of(pattern.type(), pattern.options());
            layer.build(parameters, name() + "." + i, in);
            layers.add(layer);
        }
        if (finalNorm) {
            LayerNorm norm = LayerNorm.create();
            norm.build(parameters, name() + ".norm", in);
            layers.add(norm);
        }
        return in;
    }

    @Override
    protected void stream(StreamStates states) {
        layers.forEach(states::add);
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        Variable y = x;
        for (int i = 0; i < layers.size(); i++) {
            y = layers.get(i).forward(context, y);
        }
        return y;
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        layers.forEach(layer -> layer.footprint(memory, steps, batch));
    }
}
