package org.gatefold.layer.attention;

import org.gatefold.autograd.Variable;
import org.gatefold.device.Scope;
import org.gatefold.layer.Carried;
import org.gatefold.layer.Context;
import org.gatefold.layer.Options;
import org.gatefold.layer.PickedRows;
import org.gatefold.layer.StepMemory;
import org.gatefold.tensor.Tensor;

/**
 * Adds sines and cosines of its place to every step (Vaswani et al. 2017): {@code y[t, 2i] = x[t, 2i] + sin(t / 10000^(2i/F))} and {@code
 * y[t, 2i+1] = x[t, 2i+1] + cos(t / 10000^(2i/F))}. For sequences of any length; no parameters.
 */
public final class SinusoidalPositions extends Positions {
    private static final double LONGEST = 10_000;
    private static final int MADE_AHEAD = 256;

    private SinusoidalPositions() {}

    public static SinusoidalPositions create() {
        return new SinusoidalPositions();
    }

    static SinusoidalPositions described(Options options) {
        return create();
    }

    @Override
    public SinusoidalPositions named(String newName) {
        super.named(newName);
        return this;
    }

    /** The waves of the first places, kept on the device, in a scope of their own. */
    private record Waves(Scope scope, Tensor table) implements Carried {
        static Waves of(Scope owner, int steps, int features) {
            float[] values = new float[Math.multiplyExact(steps, features)];
            for (int i = 0; i < values.length; i++) {
                int f = i % features;
                int place = i / features;
                double angle = place / Math.pow(LONGEST, (double) (f - f % 2) / features);
                values[i] = (float) (f % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
            }
            Scope scope = owner.child("positions");
            Tensor table = scope.f32("waves", steps, features);
            table.write(values);
            return new Waves(scope, table);
        }

        int steps() {
            return table.shape().dim(0);
        }

        /** They are the same in every step. */
        @Override
        public void clear() {}

        @Override
        public void close() {
            scope.close();
        }
    }

    @Override
    Variable vectors(Context context, Variable x, int[] places, int needed, boolean streamed) {
        int features = x.shape().dim(2);
        // In a stream for some steps to come, too.
        int made = streamed ? Math.max(MADE_AHEAD, 2 * needed) : needed;
        Waves waves = context.carried(
                this, Waves.class, kept -> kept.steps() >= needed, owner -> Waves.of(owner, made, features));
        Variable vectors = context.output("places", false, x.lengths(), x.shape());
        PickedRows.of(context, Variable.constant(waves.table()), 1, places.length, places, null, vectors);
        return vectors;
    }

    @Override
    protected void account(StepMemory memory, int steps, int batch) {
        memory.tensor(output().elements(steps, batch));
        memory.tensor((long) steps * batch);
        memory.differentiable(output().elements(steps, batch));
    }
}
