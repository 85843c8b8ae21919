package org.gatefold.backend.cpu;

import org.gatefold.op.attention.AttentionOp;
import org.gatefold.op.attention.AttentionSpec;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Attention by the native engine's matrix products, head by head. Thread-safe. */
final class CpuAttentionOp implements AttentionOp {
    private final Engine engine;

    CpuAttentionOp(Engine engine) {
        this.engine = engine;
    }

    @Override
    public String name() {
        return CpuBackend.NAME;
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
    public void computeForward(AttentionSpec spec, Tensor q, Tensor k, Tensor v, Lengths lengths, Tensor p, Tensor y) {
        engine.run(
                "attention",
                e -> NativeLibrary.attentionForward(
                        e,
                        sizes(spec, q, k, v),
                        spec.scale(),
                        q.address(),
                        k.address(),
                        v.address(),
                        Addresses.of(lengths),
                        p.address(),
                        y.address()));
    }

    @Override
    public void computeBackward(
            AttentionSpec spec,
            Tensor q,
            Tensor k,
            Tensor v,
            Lengths lengths,
            Tensor p,
            Tensor dy,
            Tensor dq,
            Tensor dk,
            Tensor dv) {
        engine.run(
                "attention backward",
                e -> NativeLibrary.attentionBackward(
                        e,
                        sizes(spec, q, k, v),
                        spec.scale(),
                        q.address(),
                        k.address(),
                        v.address(),
                        Addresses.of(lengths),
                        p.address(),
                        dy.address(),
                        dq.address(),
                        dk.address(),
                        dv.address()));
    }
}
