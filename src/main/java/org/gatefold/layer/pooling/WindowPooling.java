package org.gatefold.layer.pooling;

import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.Layer;
import org.gatefold.op.pooling.PoolingOp;
import org.gatefold.op.pooling.PoolingSpec;
import org.gatefold.op.pooling.PoolingSpec.Kind;
import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** What layers that pool by windows share: what a window gives, and the pass itself. */
abstract class WindowPooling<L extends WindowPooling<L>> extends Layer {
    private final Kind kind;
    private boolean countPadding = true;

    WindowPooling(Kind kind) {
        this.kind = kind;
    }

    abstract L self();

    final Kind kind() {
        return kind;
    }

    final boolean countsPadding() {
        return countPadding;
    }

    final void setCountPadding(boolean count) {
        requireNotBuilt();
        countPadding = count;
    }

    @Override
    public final L named(String newName) {
        super.named(newName);
        return self();
    }

    /** The pass, to an output of a shape. */
    static Variable pool(Context context, PoolingSpec spec, Variable x, Lengths lengths, Shape shape) {
        PoolingOp op = context.op(PoolingOp.class);
        Variable y = context.output("y", x.requiresGradient(), lengths, shape);
        op.forward(spec, x.value(), x.lengths(), y.value());
        if (y.requiresGradient()) {
            context.tape().record(y, () -> {
                Tensor dx = x.contribution();
                op.backward(spec, x.value(), x.lengths(), y.value(), y.gradient(), dx);
                x.contributed(dx);
            });
        }
        return y;
    }

    /** The pass over images, or over each frame of films, to an output of a form. */
    static Variable poolImages(Context context, PoolingSpec spec, Variable x, Form in, Form out) {
        if (!out.sequence()) {
            return pool(context, spec, x, null, out.shape(1, x.shape().dim(0)));
        }
        int steps = x.shape().dim(0);
        int batch = x.shape().dim(1);
        Variable images =
                x.reshape(in.withSequence(false).shape(1, steps * batch).toArray());
        Shape shape = out.withSequence(false).shape(1, steps * batch);
        return pool(context, spec, images, null, shape)
                .reshape(x.lengths(), out.shape(steps, batch).toArray());
    }

    /** Options that only means have, behind others. */
    final Map<String, Object> options(Map<String, Object> own) {
        Map<String, Object> options = new LinkedHashMap<>(own);
        if (kind == Kind.AVERAGE) {
            options.put("countPadding", countPadding);
        }
        return options;
    }
}
