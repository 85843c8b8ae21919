package org.gatefold.layer.attention;

import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Initializer;
import org.gatefold.layer.Options;
import org.gatefold.layer.Parameter;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.attention.AttentionSpec;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Shape;

/**
 * Attention by the general score of Luong et al. 2015: {@code y[i] = Σ p[i, j] s[j]} with {@code p[i] = softmax over j of x[i] · W s[j]}, of
 * the steps of sequences {@code [T, B, F]} to each other, or to those of a source by {@link #forward(Context, Variable, Variable)}.
 * Steps behind the length of a row are not attended to; a row of none gives 0.
 *
 * <p>Parameter {@code NAME.w [F, F]}, at first Glorot uniform. In padding it gives what follows from what stands there, which must
 * be finite.
 */
public final class GeneralAttention extends SourceAttention {
    private static final float SCALE = 1f;

    private Parameter w;

    private GeneralAttention() {}

    public static GeneralAttention create() {
        return new GeneralAttention();
    }

    static GeneralAttention described(Options options) {
        return options.flag("causal") ? create().causal() : create();
    }

    /** Lets no step attend to a later one. */
    public GeneralAttention causal() {
        setCausal();
        return this;
    }

    @Override
    public GeneralAttention named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written("causal", isCausal());
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireFeatureSequence(in);
        int features = in.features();
        Shape.requireProduct("layer '" + name() + "': features x features", Integer.MAX_VALUE, features, features);
        w = parameters.declare(name() + ".w", Shape.of(features, features), Initializer.GLOROT_UNIFORM);
        return in;
    }

    @Override
    AttentionMemory prepare(Context context, Variable source) {
        return new AttentionMemory(Functional.linear(context, source, w, null), source);
    }

    @Override
    Attended attended(Context context, Variable x, AttentionMemory memory) {
        return Attending.attend(context, new AttentionSpec(1, SCALE, isCausal()), x, memory);
    }

    @Override
    void account(StepMemory memory, int queries, int keys, int batch) {
        memory.differentiable(output().elements(keys, batch));
        Attending.account(memory, 1, queries, keys, batch, output().features());
    }
}
