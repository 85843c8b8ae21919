package org.gatefold.backend.cpu;

import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.recurrent.RecurrentPlan;
import org.gatefold.op.recurrent.RecurrentSpec;
import org.gatefold.op.recurrent.RecurrentState;
import org.gatefold.op.recurrent.RecurrentWeights;

/**
 * A stack of recurrent layers of fixed size on the native engine. Owns packed weights and workspace through its scope.
 * One thread at a time.
 */
final class CpuRecurrentPlan extends RecurrentPlan {
    private final Engine engine;
    private final int[] words;

    /** Addresses in the plan's scope, which every pass finds open before it comes here. */
    private final long packed;

    private final long workspace;

    CpuRecurrentPlan(CpuRecurrentOp op, Engine engine, RecurrentSpec spec, Mode mode, Scope scope) {
        super(op, spec, mode, scope);
        this.engine = engine;
        this.words = CpuRecurrentOp.words(spec, mode);
        long handle = engine.handle();
        this.packed = scope.bytes("packed weights", NativeLibrary.recurrentPackedBytes(handle, words))
                .address();
        this.workspace = scope.bytes("workspace", NativeLibrary.recurrentWorkspaceBytes(handle, words))
                .address();
    }

    @Override
    protected void computeSetWeights(RecurrentWeights weights) {
        long[] addresses = Addresses.of(weights);
        engine.run("packing recurrent weights", e -> NativeLibrary.recurrentPack(e, words, addresses, packed));
    }

    @Override
    protected void computeForward(ForwardArguments given) {
        engine.run(
                "recurrent forward",
                e -> NativeLibrary.recurrentForward(
                        e,
                        words,
                        packed,
                        given.x().address(),
                        Addresses.of(given.lengths()),
                        h(given.initial()),
                        c(given.initial()),
                        given.y().address(),
                        h(given.last()),
                        c(given.last()),
                        given.reserve() == null ? 0 : given.reserve().memory().address(),
                        workspace,
                        given.dropoutSeed()));
    }

    @Override
    protected void computeBackward(BackwardArguments given) {
        long[] gradients = given.dWeights() == null ? null : Addresses.of(given.dWeights());
        engine.run(
                "recurrent backward",
                e -> NativeLibrary.recurrentBackward(
                        e,
                        words,
                        packed,
                        given.x().address(),
                        Addresses.of(given.lengths()),
                        h(given.initial()),
                        c(given.initial()),
                        given.y().address(),
                        Addresses.of(given.dy()),
                        h(given.dLast()),
                        c(given.dLast()),
                        Addresses.of(given.dx()),
                        h(given.dInitial()),
                        c(given.dInitial()),
                        gradients,
                        given.reserve().memory().address(),
                        workspace,
                        given.reserve().seed()));
    }

    private static long h(RecurrentState state) {
        return state == null ? 0 : Addresses.of(state.h());
    }

    private static long c(RecurrentState state) {
        return state == null ? 0 : Addresses.of(state.c());
    }
}
