package org.gatefold.train.loss;

import org.gatefold.device.Scope;
import org.gatefold.layer.Carried;
import org.gatefold.layer.Context;
import org.gatefold.tensor.Tensor;

/** The constants of a loss, on the device since its first step in a context, which owns them. One thread at a time. */
final class Constants implements Carried {
    private final Scope scope;
    private final Tensor values;

    private Constants(Scope parent, String name, float[] values) {
        this.scope = parent.child(name);
        this.values = scope.f32(name, values.length);
        this.values.write(values);
    }

    /**
     * The constants as a tensor; null for null.
     *
     * @param loss whose they are, by identity
     */
    static Tensor of(Context context, Loss loss, String name, float[] values) {
        return values == null
                ? null
                : context.carried(loss, Constants.class, made -> true, scope -> new Constants(scope, name, values))
                        .values;
    }

    /** Keeps them: they are the same in every step. */
    @Override
    public void clear() {}

    @Override
    public void close() {
        scope.close();
    }
}
