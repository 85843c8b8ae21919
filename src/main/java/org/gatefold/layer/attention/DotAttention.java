package org.gatefold.layer.attention;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.attention.AttentionSpec;
import org.gatefold.tensor.Form;

/**
 * Attention by the dot score of Luong et al. 2015: {@code y[i] = Σ p[i, j] s[j]} with {@code p[i] = softmax over j of x[i] · s[j]}, of the
 * steps of sequences {@code [T, B, F]} to each other, or to those of a source by {@link #forward(Context, Variable, Variable)};
 * Keras' Attention. Steps behind the length of a row are not attended to; a row of none gives 0.
 *
 * <p>No parameters. In padding it gives what follows from what stands there, which must be finite.
 */
public final class DotAttention extends SourceAttention {
    private boolean scaled;

    private DotAttention() {}

    public static DotAttention create() {
        return new DotAttention();
    }

    static DotAttention described(Options options) {
        DotAttention made = create();
        if (options.flag("causal")) {
            made.causal();
        }
        made.scaled = options.flag("scaled");
        return made;
    }

    /** Lets no step attend to a later one. */
    public DotAttention causal() {
        setCausal();
        return this;
    }

    /** Divides scores by the square root of the features (Vaswani et al. 2017). */
    public DotAttention scaled() {
        requireNotBuilt();
        scaled = true;
        return this;
    }

    @Override
    public DotAttention named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("causal", isCausal(), "scaled", scaled);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireFeatureSequence(in);
        return in;
    }

    @Override
    AttentionMemory prepare(Context context, Variable source) {
        return new AttentionMemory(source, source);
    }

    @Override
    Attended attended(Context context, Variable x, AttentionMemory memory) {
        float scale = scaled ? (float) (1 / Math.sqrt(input().features())) : 1f;
        return Attending.attend(context, new AttentionSpec(1, scale, isCausal()), x, memory);
    }

    @Override
    void account(StepMemory memory, int queries, int keys, int batch) {
        Attending.account(memory, 1, queries, keys, batch, output().features());
    }
}
