package org.gatefold.backend.cuda.recurrent;

import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.Scratch;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.backend.cuda.kernel.Operand;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * Weights as products and steps read them: copies where that is not how they lie, in half precision or as the steps'
 * variant wants Wh. Shared by all plans that run on the same weights, so that graphs recorded by one serve the others.
 */
final class PreparedWeights implements AutoCloseable {
    private static final long ALIGNMENT = 256;

    private final Kernels kernels;
    private final StepsVariant variant;
    private final Key key;
    private final Scratch memory;
    private final List<StepKernels.Weights> prepared = new ArrayList<>();

    /**
     * Which weights.
     *
     * @param spec of any plan that runs on them
     */
    record Key(RecurrentSpec spec, List<StepKernels.Weights> canonical) {
        Key {
            // Steps and batch have no influence on the weights.
            spec = spec.withSize(1, 1);
        }

        private Operand operand() {
            return Operand.of(spec.precision());
        }

        private long inputWeights(int set) {
            return (long) spec.cell().gates() * spec.hiddenSize() * spec.inputOf(set / spec.directions());
        }

        /** Bytes of the copy of Wx; 0 if it is read where it lies, or not there. */
        private long inputBytes(int set) {
            return operand() == Operand.F32 || spec.skipsInput(set / spec.directions())
                    ? 0
                    : aligned(inputWeights(set) * operand().bytes());
        }

        private long projectionWeights() {
            return spec.projects() ? (long) spec.projectionSize() * spec.hiddenSize() : 0;
        }

        /** Bytes of the copy of Wr; 0 if it is read where it lies, or not there. */
        private long projectionBytes() {
            return operand() == Operand.F32
                    ? 0
                    : aligned(projectionWeights() * operand().bytes());
        }
    }

    PreparedWeights(CudaContext context, Kernels kernels, StepsVariant variant, Key key) {
        this.kernels = kernels;
        this.variant = variant;
        this.key = key;
        this.memory = new Scratch(context);
        long recurrentBytes = aligned(variant.recurrentWeightBytes(key.spec()));
        long total = 0;
        for (int set = 0; set < key.canonical().size(); set++) {
            total += key.inputBytes(set) + recurrentBytes + key.projectionBytes();
        }
        long at = total == 0 ? 0 : memory.atLeast(total);
        for (int set = 0; set < key.canonical().size(); set++) {
            StepKernels.Weights lying = key.canonical().get(set);
            long wh = at + key.inputBytes(set);
            prepared.add(new StepKernels.Weights(
                    key.inputBytes(set) == 0 ? lying.wx() : at,
                    recurrentBytes == 0 ? lying.wh() : wh,
                    lying.b(),
                    lying.p(),
                    key.projectionBytes() == 0 ? lying.wr() : wh + recurrentBytes,
                    lying.norm()));
            at = wh + recurrentBytes + key.projectionBytes();
        }
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** Prepares the weights as they are now. */
    void refresh(CUstream stream) {
        for (int set = 0; set < prepared.size(); set++) {
            StepKernels.Weights from = key.canonical().get(set);
            StepKernels.Weights to = prepared.get(set);
            if (to.wx() != from.wx()) {
                key.operand().convert(kernels, stream, from.wx(), to.wx(), key.inputWeights(set));
            }
            if (to.wh() != from.wh()) {
                variant.prepareRecurrentWeights(kernels, stream, key.spec(), from.wh(), to.wh());
            }
            if (to.wr() != from.wr()) {
                key.operand().convert(kernels, stream, from.wr(), to.wr(), key.projectionWeights());
            }
        }
    }

    /** Where they stand: one a set. */
    List<StepKernels.Weights> addresses() {
        return prepared;
    }

    @Override
    public void close() {
        memory.close();
    }
}
