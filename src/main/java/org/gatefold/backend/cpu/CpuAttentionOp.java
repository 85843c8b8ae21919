package org.gatefold.backend.cpu;

import org.gatefold.op.attention.AttentionOp;
import org.gatefold.op.attention.AttentionSpec;
import org.gatefold.tensor.Tensor;

/** Attention by the native engine's matrix products, head by head. Thread-safe. */
final class CpuAttentionOp extends CpuOperation implements AttentionOp {
    CpuAttentionOp(Engine engine) {
        super(engine);
    }

    private static int[] sizes(AttentionSpec spec, Tensor q, Tensor k, Tensor v) {
        return new int[] {
            q.shape().dim(0),
            k.shape().dim(0),
            q.shape().dim(1),
            spec.heads(),
            q.shape().dim(2) / spec.heads(),
            v.shape().dim(2) / spec.heads(),
            spec.causal() ? 1 : 0
        };
    }

    @Override
    public void computeForward(ForwardArguments given) {
        engine.run(
                "attention",
                e -> NativeLibrary.attentionForward(
                        e,
                        sizes(given.spec(), given.q(), given.k(), given.v()),
                        given.spec().scale(),
                        given.q().address(),
                        given.k().address(),
                        given.v().address(),
                        Addresses.of(given.lengths()),
                        given.p().address(),
                        given.y().address()));
    }

    @Override
    public void computeBackward(BackwardArguments given) {
        engine.run(
                "attention backward",
                e -> NativeLibrary.attentionBackward(
                        e,
                        sizes(given.spec(), given.q(), given.k(), given.v()),
                        given.spec().scale(),
                        given.q().address(),
                        given.k().address(),
                        given.v().address(),
                        Addresses.of(given.lengths()),
                        given.p().address(),
                        given.dy().address(),
                        given.dq().address(),
                        given.dk().address(),
                        given.dv().address()));
    }
}
