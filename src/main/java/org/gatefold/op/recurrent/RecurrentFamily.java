package org.gatefold.op.recurrent;

import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.gatefold.device.Scope;
import org.gatefold.op.Mode;
import org.gatefold.op.plan.Family;
import org.gatefold.op.verify.Workbench;

/** Recurrent layers: how their implementations are named and compared. Stateless. */
public final class RecurrentFamily implements Family<RecurrentOp, RecurrentSpec, RecurrentPlan> {
    /** Sizes of a verification; the reference is slow. */
    private static final int VERIFIED_STEPS = 7;

    private static final int VERIFIED_ROWS = 5;
    private static final int VERIFIED_STEPS_OF_LARGE_LAYERS = 2;
    private static final long LARGE_LAYERS = 20_000_000;

    /** Beyond this the time of a pass grows with the number of steps, for every implementation. */
    private static final int TIMED_STEPS = 256;

    RecurrentFamily() {}

    @Override
    public String name() {
        return "recurrent";
    }

    @Override
    public Class<RecurrentOp> contract() {
        return RecurrentOp.class;
    }

    /** Numbers of steps and rows count by the next power of two. */
    @Override
    public String shapes(RecurrentSpec spec, Mode mode) {
        return String.format(
                Locale.ROOT,
                "%s T%d B%d I%d H%d, %d layers, %s%s%s%s, %s, %s",
                spec.cell(),
                nextPowerOfTwo(spec.steps()),
                nextPowerOfTwo(spec.batch()),
                spec.inputSize(),
                spec.hiddenSize(),
                spec.layers(),
                spec.direction(),
                spec.dropout() > 0f && spec.layers() > 1 ? ", dropout" : "",
                spec.options().equals(CellOptions.PLAIN) ? "" : ", " + spec.options(),
                spec.recomputeSegment() > 0 ? ", recompute " + spec.recomputeSegment() : "",
                spec.precision(),
                mode);
    }

    private static long nextPowerOfTwo(int value) {
        return value == 1 ? 1 : Long.highestOneBit(value - 1L) * 2;
    }

    /**
     * Layers of their own width, with few steps and few rows where the candidate takes these; first rows of all lengths,
     * one of them 0, then full ones, which it may compute in another way.
     */
    @Override
    public List<Trial<RecurrentOp>> trials(RecurrentOp candidate, RecurrentSpec spec, Mode mode) {
        RecurrentSpec reduced = reduced(candidate, spec, mode);
        // Masks of its own cannot be compared.
        RecurrentSpec comparable = candidate.reproducibleDropout() ? reduced : reduced.withDropout(0f);
        return Stream.of(true, false)
                .map(ragged -> new RecurrentCheck(comparable, mode, ragged))
                .map(check -> new Trial<>(check, check.limit()))
                .toList();
    }

    private static RecurrentSpec reduced(RecurrentOp candidate, RecurrentSpec spec, Mode mode) {
        int steps = Math.min(
                spec.steps(), spec.parameters() > LARGE_LAYERS ? VERIFIED_STEPS_OF_LARGE_LAYERS : VERIFIED_STEPS);
        return Stream.of(
                        spec.withSize(steps, Math.min(spec.batch(), VERIFIED_ROWS)), spec.withSize(steps, spec.batch()))
                .filter(smaller -> candidate.unsupported(smaller, mode).isEmpty())
                .findFirst()
                .orElse(spec);
    }

    @Override
    public BiFunction<RecurrentOp, Scope, Runnable> passes(RecurrentSpec spec, Mode mode, Workbench bench) {
        RecurrentArguments arguments = new RecurrentArguments(
                bench, spec.withSize(Math.min(spec.steps(), TIMED_STEPS), spec.batch()), mode, null);
        return arguments::pass;
    }
}
