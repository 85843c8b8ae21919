package org.gatefold.backend.cpu;

import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.RecurrentPlan;
import org.gatefold.op.RecurrentSpec;
import org.gatefold.op.RecurrentState;
import org.gatefold.op.RecurrentWeights;
import org.gatefold.op.Reserve;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * A stack of recurrent layers of fixed size on the native engine. Owns packed weights and workspace through its scope.
 * One thread at a time.
 */
final class CpuRecurrentPlan extends RecurrentPlan {
    private final Engine engine;
    private final int[] words;
    private final Tensor packed;
    private final Tensor workspace;

    CpuRecurrentPlan(CpuRecurrentOp op, Engine engine, RecurrentSpec spec, Mode mode, Scope scope) {
        super(op, spec, mode, scope);
        this.engine = engine;
        this.words = CpuRecurrentOp.words(spec, mode);
        long handle = engine.enter();
        try {
            this.packed = scope.bytes("packed weights", NativeLibrary.recurrentPackedBytes(handle, words));
            this.workspace = scope.bytes("workspace", NativeLibrary.recurrentWorkspaceBytes(handle, words));
        } finally {
            engine.leave();
        }
    }

    @Override
    protected void computeSetWeights(RecurrentWeights weights) {
        long[] addresses = Addresses.of(weights);
        engine.run(
                "packing recurrent weights", e -> NativeLibrary.recurrentPack(e, words, addresses, packed.address()));
    }

    @Override
    protected void computeForward(
            Tensor x,
            Lengths lengths,
            RecurrentState initial,
            Tensor y,
            RecurrentState last,
            Reserve reserve,
            long dropoutSeed) {
        engine.run(
                "recurrent forward",
                e -> NativeLibrary.recurrentForward(
                        e,
                        words,
                        packed.address(),
                        x.address(),
                        Addresses.of(lengths),
                        h(initial),
                        c(initial),
                        y.address(),
                        h(last),
                        c(last),
                        reserve == null ? 0 : reserve.memory().address(),
                        workspace.address(),
                        dropoutSeed));
    }

    @Override
    protected void computeBackward(
            Tensor x,
            Lengths lengths,
            RecurrentState initial,
            Tensor y,
            Tensor dy,
            RecurrentState dLast,
            Tensor dx,
            RecurrentState dInitial,
            RecurrentWeights dWeights,
            Reserve reserve) {
        long[] gradients = dWeights == null ? null : Addresses.of(dWeights);
        engine.run(
                "recurrent backward",
                e -> NativeLibrary.recurrentBackward(
                        e,
                        words,
                        packed.address(),
                        x.address(),
                        Addresses.of(lengths),
                        h(initial),
                        c(initial),
                        y.address(),
                        Addresses.of(dy),
                        h(dLast),
                        c(dLast),
                        Addresses.of(dx),
                        h(dInitial),
                        c(dInitial),
                        gradients,
                        reserve.memory().address(),
                        workspace.address(),
                        reserve.seed()));
    }

    private static long h(RecurrentState state) {
        return state == null ? 0 : Addresses.of(state.h());
    }

    private static long c(RecurrentState state) {
        return state == null ? 0 : Addresses.of(state.c());
    }
}
