package org.gatefold.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUstream;
import org.gatefold.op.RecurrentSpec;

/**
 * Copies in half precision of the weights that products read; biases stay where they are. Shared by all plans that run on
 * the same weights, so that graphs recorded by one serve the others.
 */
final class HalfWeights implements AutoCloseable {
    private static final long ALIGNMENT = 256;

    private final Kernels kernels;
    private final Key key;
    private final Scratch memory;
    private final List<StepsCell.Weights> copies = new ArrayList<>();

    /**
     * Which weights.
     *
     * @param spec of any plan that runs on them
     */
    record Key(Operand operand, RecurrentSpec spec, List<StepsCell.Weights> canonical) {
        Key {
            // Steps and batch have no influence on the weights.
            spec = spec.withSize(1, 1);
        }

        private long inputWeights(int set) {
            return (long) gateColumns() * spec.inputOf(set / spec.directions());
        }

        private long recurrentWeights() {
            return (long) gateColumns() * spec.hiddenSize();
        }

        private int gateColumns() {
            return spec.cell().gates() * spec.hiddenSize();
        }

        private long bytes(long weights) {
            return (weights * operand.bytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }
    }

    HalfWeights(CudaContext context, Kernels kernels, Key key) {
        this.kernels = kernels;
        this.key = key;
        this.memory = new Scratch(context);
        long total = 0;
        for (int set = 0; set < key.canonical().size(); set++) {
            total += key.bytes(key.inputWeights(set)) + key.bytes(key.recurrentWeights());
        }
        long at = memory.atLeast(total);
        for (int set = 0; set < key.canonical().size(); set++) {
            long wx = at;
            long wh = wx + key.bytes(key.inputWeights(set));
            at = wh + key.bytes(key.recurrentWeights());
            copies.add(new StepsCell.Weights(wx, wh, key.canonical().get(set).b()));
        }
    }

    /** Converts the weights as they are now. */
    void refresh(CUstream stream) {
        for (int set = 0; set < copies.size(); set++) {
            StepsCell.Weights from = key.canonical().get(set);
            StepsCell.Weights to = copies.get(set);
            key.operand().convert(kernels, stream, from.wx(), to.wx(), key.inputWeights(set));
            key.operand().convert(kernels, stream, from.wh(), to.wh(), key.recurrentWeights());
        }
    }

    /** Where the copies, and the biases, stand: one a set. */
    List<StepsCell.Weights> copies() {
        return copies;
    }

    @Override
    public void close() {
        memory.close();
    }
}
