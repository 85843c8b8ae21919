package org.gatefold.backend.cuda.cudnn;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.gatefold.contract.recurrent.ForwardingRecurrent;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.op.recurrent.Reserve;
import org.gatefold.tensor.Tensor;

/** For tests: an implementation under another name that counts its plans, may be slower and may do something to y. */
public final class TamperedRecurrent implements ForwardingRecurrent {
    private final RecurrentOp inner;
    private final String name;
    private final int times;
    private final Consumer<Tensor> tamper;
    public final AtomicInteger plans = new AtomicInteger();

    /**
     * @param times how often a pass is run
     * @param tamper is given y after every forward pass
     */
    public TamperedRecurrent(RecurrentOp inner, String name, int times, Consumer<Tensor> tamper) {
        this.inner = inner;
        this.name = name;
        this.times = times;
        this.tamper = tamper;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public RecurrentOp inner() {
        return inner;
    }

    @Override
    @MustBeClosed
    public RecurrentPlan plan(Scope scope, RecurrentSpec spec, Mode mode) {
        plans.incrementAndGet();
        return new TamperedPlan(spec, mode, scope.child(name));
    }

    private final class TamperedPlan extends RecurrentPlan {
        private final RecurrentPlan plan;
        private final Reserve kept;

        @SuppressWarnings("MustBeClosedChecker") // its memory belongs to the scope
        TamperedPlan(RecurrentSpec spec, Mode mode, Scope scope) {
            super(TamperedRecurrent.this, spec, mode, scope);
            this.plan = inner.plan(scope, spec, mode);
            this.kept = mode == Mode.TRAINING ? plan.reserve(scope) : null;
        }

        @Override
        protected void computeSetWeights(RecurrentWeights weights) {
            plan.setWeights(weights);
        }

        @Override
        protected void computeForward(ForwardArguments given) {
            for (int i = 0; i < times; i++) {
                if (given.reserve() == null) {
                    plan.infer(given.x(), given.lengths(), given.initial(), given.y(), given.last());
                } else {
                    plan.forward(
                            given.x(),
                            given.lengths(),
                            given.initial(),
                            given.y(),
                            given.last(),
                            kept,
                            given.dropoutSeed());
                }
            }
            tamper.accept(given.y());
        }

        @Override
        protected void computeBackward(BackwardArguments given) {
            plan.backward(
                    given.x(),
                    given.lengths(),
                    given.initial(),
                    given.y(),
                    given.dy(),
                    given.dLast(),
                    given.dx(),
                    given.dInitial(),
                    given.dWeights(),
                    kept);
        }
    }
}
