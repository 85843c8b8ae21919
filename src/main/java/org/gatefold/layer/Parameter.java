package org.gatefold.layer;

import java.nio.charset.StandardCharsets;
import org.gatefold.op.Philox;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * A named value that is learned: a part of its {@link ParameterStore}, which owns its memory. Reading is thread-safe;
 * gradients and changes belong to the one thread that trains.
 */
public final class Parameter {
    private final ParameterStore store;
    private final String name;
    private final Shape shape;
    private final Filling filling;
    private final long offset;
    private Tensor value;
    private Tensor gradient;
    private float learningRate = 1f;
    private float penalty;
    private TouchedRows touched;
    private boolean statistic;

    /** A parameter's first values. */
    @FunctionalInterface
    public interface Filling {
        /**
         * The values, row-major.
         *
         * @param seed of this parameter alone
         */
        float[] values(Shape shape, long seed);
    }

    Parameter(ParameterStore store, String name, Shape shape, Filling filling, long offset, float penalty) {
        this.store = store;
        this.name = name;
        this.shape = shape;
        this.filling = filling;
        this.offset = offset;
        this.penalty = penalty;
    }

    /** Unique within the store, for instance {@code "lstm.0.forward.wx"}. */
    public String name() {
        return name;
    }

    public Shape shape() {
        return shape;
    }

    /** First element within the flat buffer. */
    public long offset() {
        return offset;
    }

    /**
     * Gives the parameter new values, which whatever was prepared from the old ones then follows.
     *
     * @param values row-major, as many as {@link #shape()} says
     */
    public void set(float... values) {
        value().write(values);
        changed();
    }

    /** Tells that the value was written; see {@link ParameterStore#changed()}. */
    public void changed() {
        store.changed();
    }

    /**
     * The value: part of the store's flat buffer. What was prepared from it follows when it is written, by {@link #set} or through this
     * tensor; whoever lets an operation write it calls {@link ParameterStore#changed()} afterwards.
     *
     * @throws IllegalStateException if the store was not allocated yet
     */
    public Tensor value() {
        if (value == null) {
            throw new IllegalStateException("parameter '" + name + "' has no memory before its model is built");
        }
        return value;
    }

    /** The gradient: part of the store's flat gradient buffer; contributions are added to it. */
    public Tensor gradient() {
        if (gradient == null) {
            gradient = store.gradients().part("d" + name, offset, shape);
        }
        return gradient;
    }

    /** Factor on the learning rate; 0 if frozen. */
    public float learningRate() {
        return learningRate;
    }

    /** Factor on L1 and L2 penalties: 1 for matrices, 0 for biases unless changed. */
    public float penalty() {
        return penalty;
    }

    /** True if the parameter is not trained: its gradient stays 0. */
    public boolean isFrozen() {
        return learningRate == 0f;
    }

    /** Whether forward passes of training write it: {@link ParameterStore#statistic}. */
    public boolean isStatistic() {
        return statistic;
    }

    void beStatistic() {
        statistic = true;
        learningRate = 0f;
    }

    /**
     * Rows that gradients were written to, where the parameter is updated by rows ({@link ParameterStore#updateByRows}); null where all of
     * it is.
     */
    public TouchedRows touchedRows() {
        return touched;
    }

    void updateByRows() {
        touched = new TouchedRows();
    }

    void setLearningRate(float factor) {
        learningRate = factor;
    }

    void setPenalty(float factor) {
        penalty = factor;
    }

    void bind(Tensor flat) {
        value = flat.part(name, offset, shape);
    }

    void initialize(long seed) {
        value().write(filling.values(shape, Philox.derive(seed, hash(name), 0)));
    }

    /** FNV-1a of 64 bits (Fowler, Noll and Vo) over the name in UTF-8. */
    private static long hash(String name) {
        long hash = 0xCBF29CE484222325L;
        for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (octet & 0xFF)) * 0x100000001B3L;
        }
        return hash;
    }

    @Override
    public String toString() {
        return name + " " + shape + (isFrozen() ? ", frozen" : "");
    }
}
