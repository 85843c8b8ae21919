package org.gatefold.layer.attention;

import org.gatefold.autograd.Variable;
import org.gatefold.layer.Context;
import org.gatefold.layer.RealSteps;
import org.gatefold.layer.Sourced;
import org.gatefold.layer.StepMemory;
import org.gatefold.layer.WholeSequenceLayer;

/**
 * Attention whose values are the steps of a source as they are: of sequences {@code [T, B, F]} to their own steps, or to those of another
 * source by {@link #forward(Context, Variable, Variable)}. A decoder that goes step by step makes the {@link #memory} of its source once
 * and attends to that. Steps behind the length of a row are not attended to; a row of none gives 0.
 */
public abstract class SourceAttention extends WholeSequenceLayer implements Sourced {
    private boolean causal;

    SourceAttention() {
        super("reads all steps of a sequence, of which a stream keeps only a bounded number");
    }

    /** The memory of a checked source. */
    abstract AttentionMemory prepare(Context context, Variable source);

    /** Attention of checked queries. */
    abstract Attended attended(Context context, Variable x, AttentionMemory memory);

    /** Whether no step attends to a later one. */
    final boolean isCausal() {
        return causal;
    }

    /** Lets no step attend to a later one. */
    final void setCausal() {
        requireNotBuilt();
        causal = true;
    }

    private AttentionMemory remembered(Context context, Variable source) {
        return prepare(context, RealSteps.ofSource(context, source, isCausal()));
    }

    @Override
    protected final Variable apply(Context context, Variable x) {
        return attended(context, x, remembered(context, x)).output();
    }

    /**
     * Attention of the steps of one sequence to those of another.
     *
     * @param x queries, of the form {@link #input()}
     * @param source what is attended to, of the same form; may have other steps and lengths, of as many rows
     * @return of the form {@link #output()}, with the steps and lengths of x
     */
    @Override
    public final Variable forward(Context context, Variable x, Variable source) {
        return attend(context, x, memory(context, source)).output();
    }

    /**
     * What a source offers to queries; recorded if the context has a tape.
     *
     * @param source of the form {@link #input()}
     */
    public final AttentionMemory memory(Context context, Variable source) {
        requireBuilt();
        input().require(name() + ": source", source.value());
        return remembered(context, source);
    }

    /**
     * Attention to a memory, with its weights; recorded if the context has a tape.
     *
     * @param x queries, of the form {@link #input()}, of as many rows as the memory
     */
    public final Attended attend(Context context, Variable x, AttentionMemory memory) {
        requireBuilt();
        requireInput(x);
        if (memory.values().shape().dim(1) != x.shape().dim(1)) {
            throw new IllegalArgumentException(name() + ": memory: expected "
                    + x.shape().dim(1) + " rows as the queries, got "
                    + memory.values().shape().dim(1));
        }
        return attended(context, x, memory);
    }

    /**
     * Adds what a training step takes with {@link #memory} and {@link #attend}, where both queries and source have gradients.
     *
     * @param queries steps of the queries
     * @param keys steps of the source
     */
    @Override
    public final void footprint(StepMemory memory, int queries, int keys, int batch) {
        requireBuilt();
        account(memory, queries, keys, batch);
        // Queries, keys and values give gradients, of which only the first is written in place where a sequence attends
        // to itself, and only that of the source otherwise, the queries being needed further on.
        memory.tensor(output().elements(queries, batch));
        memory.tensor(output().elements(keys, batch));
    }

    /** Reports tensors of memory and attention, without the gradients of queries and source. */
    abstract void account(StepMemory memory, int queries, int keys, int batch);

    @Override
    protected final void account(StepMemory memory, int steps, int batch) {
        footprint(memory, steps, steps, batch);
    }
}
