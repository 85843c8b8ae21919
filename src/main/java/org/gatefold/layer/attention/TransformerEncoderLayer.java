package org.gatefold.layer.attention;

import java.util.List;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Functional;
import org.gatefold.layer.Layer;
import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.StreamStates;
import org.gatefold.layer.basic.ActivationLayer;
import org.gatefold.layer.basic.Dropout;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.norm.LayerNorm;
import org.gatefold.op.Arguments;
import org.gatefold.op.elementwise.Activation;
import org.gatefold.tensor.Form;

/**
 * A layer of a Transformer's encoder (Vaswani et al. 2017) on sequences {@code [T, B, F]}, as PyTorch's {@code
 * nn.TransformerEncoderLayer}: {@code a = norm1(x + attention(x))}, {@code y = norm2(a + f(a))}; with {@link #preNorm()} {@code a = x +
 * attention(norm1(x))}, {@code y = a + f(norm2(a))} (Xiong et al. 2020). {@code f(a) = linear2(activation(linear1(a)))}. Dropout behind the
 * attention, the activation and f; PyTorch's on the weights of the attention is left out.
 *
 * <p>Parameters of {@code NAME.attention}, {@code NAME.norm1}, {@code NAME.linear1}, {@code NAME.linear2} and {@code NAME.norm2} as these
 * layers have them. In padding it gives what follows from what stands there, which must be finite.
 */
public final class TransformerEncoderLayer extends Layer {
    private static final float DROPOUT = 0.1f;

    private final int heads;
    private final int hidden;
    private Activation activation = Activation.RELU;
    private float dropout = DROPOUT;
    private boolean preNorm;
    private boolean causal;
    private float epsilon = 1e-5f;
    private MultiHeadAttention attention;
    private LayerNorm norm1;
    private LayerNorm norm2;
    private Linear linear1;
    private Linear linear2;
    private ActivationLayer function;
    private Dropout ofAttention;
    private Dropout ofHidden;
    private Dropout ofResult;

    private TransformerEncoderLayer(int heads, int hidden) {
        this.heads = Arguments.requireAtLeast("heads", 1, heads);
        this.hidden = Arguments.requireAtLeast("hidden", 1, hidden);
    }

    /**
     * @param heads of the attention, a divisor of the features
     * @param hidden features between the two affine maps, PyTorch's {@code dim_feedforward}
     */
    public static TransformerEncoderLayer of(int heads, int hidden) {
        return new TransformerEncoderLayer(heads, hidden);
    }

    static TransformerEncoderLayer described(Options options) {
        TransformerEncoderLayer layer = of(options.integer("heads"), options.integer("hidden"))
                .activation(options.activation("activation"))
                .dropout(options.real("dropout"))
                .epsilon(options.real("epsilon"));
        if (options.flag("preNorm")) {
            layer.preNorm();
        }
        return options.flag("causal") ? layer.causal() : layer;
    }

    /** Between the two affine maps; a rectifier unless set, GELU in BERT. */
    public TransformerEncoderLayer activation(Activation value) {
        activation = option("activation", value);
        return this;
    }

    /** Probability of dropping; 0.1 unless set, as in PyTorch. */
    public TransformerEncoderLayer dropout(float p) {
        requireNotBuilt();
        dropout = Arguments.requireProbability("dropout", p);
        return this;
    }

    /** Normalises before attention and affine maps, not behind the sums; PyTorch's {@code norm_first}. */
    public TransformerEncoderLayer preNorm() {
        requireNotBuilt();
        preNorm = true;
        return this;
    }

    /** Lets no step attend to a later one. */
    public TransformerEncoderLayer causal() {
        requireNotBuilt();
        causal = true;
        return this;
    }

    /** Added to variances by the norms; 1e-5 unless set. */
    public TransformerEncoderLayer epsilon(float value) {
        requireNotBuilt();
        epsilon = Arguments.requirePositive("epsilon", value);
        return this;
    }

    @Override
    public TransformerEncoderLayer named(String newName) {
        super.named(newName);
        return this;
    }

    @Override
    protected Map<String, Object> options() {
        return Options.written(
                "heads", heads,
                "hidden", hidden,
                "activation", Options.text(activation.kind()),
                "alpha", activation.alpha(),
                "beta", activation.beta(),
                "dropout", dropout,
                "preNorm", preNorm,
                "causal", causal,
                "epsilon", epsilon);
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        requireFeatureSequence(in);
        MultiHeadAttention heading = MultiHeadAttention.of(heads);
        attention = part(parameters, "attention", in, causal ? heading.causal() : heading);
        norm1 = part(parameters, "norm1", in, LayerNorm.create().epsilon(epsilon));
        Form wide = in.withFeatures(hidden);
        linear1 = part(parameters, "linear1", in, Linear.of(hidden));
        function = part(parameters, "activation", wide, ActivationLayer.of(activation));
        linear2 = part(parameters, "linear2", wide, Linear.of(in.features()));
        norm2 = part(parameters, "norm2", in, LayerNorm.create().epsilon(epsilon));
        ofAttention = part(parameters, "dropout1", in, Dropout.of(dropout));
        ofHidden = part(parameters, "dropout", wide, Dropout.of(dropout));
        ofResult = part(parameters, "dropout2", in, Dropout.of(dropout));
        return in;
    }

    private <L extends Layer> L part(ParameterStore parameters, String what, Form in, L layer) {
        layer.build(parameters, name() + "." + what, in);
        return layer;
    }

    private List<Layer> within() {
        return List.of(attention, norm1, linear1, function, linear2, norm2, ofAttention, ofHidden, ofResult);
    }

    @Override
    protected void stream(StreamStates states) {
        for (Layer layer : within()) {
            states.add(layer);
        }
    }

    @Override
    protected Variable apply(Context context, Variable x) {
        if (preNorm) {
            Variable a = Functional.add(context, x, attended(context, norm1.forward(context, x)));
            return Functional.add(context, a, mapped(context, norm2.forward(context, a)));
        }
        Variable a = norm1.forward(context, Functional.add(context, x, attended(context, x)));
        return norm2.forward(context, Functional.add(context, a, mapped(context, a)));
    }

    private Variable attended(Context context, Variable x) {
        return ofAttention.forward(context, attention.forward(context, x));
    }

    private Variable mapped(Context context, Variable x) {
        Variable wide = function.forward(context, linear1.forward(context, x));
        return ofResult.forward(context, linear2.forward(context, ofHidden.forward(context, wide)));
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        for (Layer layer : within()) {
            layer.footprint(memory, steps, batch);
        }
        // Two sums, and of each a second contribution to the gradient of what it is the sum of.
        for (int i = 0; i < 2; i++) {
            memory.differentiable(output().elements(steps, batch));
            memory.tensor(output().elements(steps, batch));
        }
    }
}
