package org.gatefold.layer.form;

import org.gatefold.layer.Options;
import org.gatefold.layer.ParameterStore;
import org.gatefold.tensor.Form;

/**
 * The numbers of each row or step as features, {@code [B, …]} to {@code [B, F]} and {@code [T, B, …]} to {@code [T, B, F]}; of rows
 * Keras' and PyTorch's Flatten. Copies nothing, keeps lengths, has no parameters.
 */
public final class Flatten extends View {
    private Flatten() {}

    public static Flatten create() {
        return new Flatten();
    }

    static Flatten described(Options options) {
        return create();
    }

    @Override
    protected Form declare(ParameterStore parameters, Form in) {
        return Form.rows(Math.toIntExact(in.size())).withSequence(in.sequence());
    }
}
