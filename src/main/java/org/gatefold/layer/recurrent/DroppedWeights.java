package org.gatefold.layer.recurrent;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.layer.Context;
import org.gatefold.layer.StepMemory;
import org.gatefold.op.Philox;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.tensor.Tensor;

/**
 * Recurrent weights of which some are dropped: DropConnect (Wan et al. 2013) on Wh, as in AWD-LSTM (Merity et al. 2018). A weight is 0 with
 * probability p and else scaled by {@code 1/(1-p)}, the same ones in all passes and at all time steps of a training step. Immutable.
 */
final class DroppedWeights {
    private final String layer;
    private final float p;

    /** @param layer by whose name masks of layers differ */
    DroppedWeights(String layer, float p) {
        this.layer = layer;
        this.p = p;
    }

    /** Those of one of the stacked layers that computes by itself. */
    DroppedWeights ofLayer(int number) {
        return new DroppedWeights(layer + "." + number, p);
    }

    boolean active(Context context) {
        return p > 0f && context.isTraining();
    }

    /** Tells weights in the arena of this step from others: negative, where versions of weights are not. */
    long version(Context context, long version) {
        return ~((version << Integer.SIZE) | (context.scope().epoch() & 0xFFFF_FFFFL));
    }

    /** The weights with this step's mask, in its arena. */
    RecurrentWeights of(Context context, RecurrentWeights weights) {
        List<RecurrentWeights.Set> sets = new ArrayList<>();
        for (int i = 0; i < weights.sets().size(); i++) {
            RecurrentWeights.Set set = weights.sets().get(i);
            Tensor dropped = context.scope().f32("dropped wh", set.wh().shape());
            drop(context, i, set.wh(), dropped);
            sets.add(set.withWh(dropped));
        }
        return new RecurrentWeights(sets);
    }

    /** Where a backward pass may add: the gradients themselves, but zeros in the arena of the step for those of Wh. */
    RecurrentWeights apart(Context context, RecurrentWeights gradients) {
        List<RecurrentWeights.Set> sets = new ArrayList<>();
        for (RecurrentWeights.Set set : gradients.sets()) {
            Tensor apart = context.scope().zeros("dropped dwh", set.wh().shape());
            sets.add(set.withWh(apart));
        }
        return new RecurrentWeights(sets);
    }

    /** Adds what a backward pass has left in {@link #apart} to the gradients. */
    void add(Context context, RecurrentWeights apart, RecurrentWeights gradients) {
        for (int i = 0; i < apart.sets().size(); i++) {
            Tensor dwh = apart.sets().get(i).wh();
            drop(context, i, dwh, dwh);
            context.op(ElementwiseOp.class)
                    .addScaled(1f, dwh, gradients.sets().get(i).wh());
        }
    }

    private void drop(Context context, int set, Tensor from, Tensor to) {
        long seed = Philox.derive(context.seed() ^ layer.hashCode(), context.step(), set);
        context.op(ElementwiseOp.class).dropout(p, seed, 0, from, to);
    }

    void account(StepMemory memory, RecurrentSpec form) {
        for (int i = 0; p > 0f && i < form.weightSets(); i++) {
            memory.differentiable((long) form.gateRows() * form.projectionSize());
        }
    }
}
