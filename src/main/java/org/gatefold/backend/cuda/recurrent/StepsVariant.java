package org.gatefold.backend.cuda.recurrent;

import java.util.Optional;
import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.op.recurrent.RecurrentSpec;

/** A way to compute a step: what runs in it, how Wh stands for it, and what room it needs. Thread-safe. */
public interface StepsVariant {
    /** Its name among the recurrent operations. */
    String name();

    /** Why it cannot run a spec on a device of a compute capability, times ten; empty if it can. */
    Optional<String> unsupported(RecurrentSpec spec, int capability);

    /** True if a direction's launches may fill the card, so that the two directions of a layer take turns. */
    default boolean fillsCard() {
        return false;
    }

    /** What a layer and direction does in a step. */
    StepKernels cell(StepKernels.Setting setting);

    /** What its steps need in a lane. */
    Room room(StepsLane.Size size);

    /** Bytes of the recurrent weights of one layer and direction as its steps read them; 0 if they do so where they lie. */
    long recurrentWeightBytes(RecurrentSpec spec);

    /** Makes {@code to}, which the steps read, of Wh at {@code from}. */
    void prepareRecurrentWeights(Kernels kernels, CUstream stream, RecurrentSpec spec, long from, long to);

    /**
     * Bytes of parts of a lane.
     *
     * @param hidden of a hidden state as an operand of products; there are two
     * @param product of the recurrent product of a step
     * @param gateGradients of the gradients of a step's recurrent product as operands of products, all buffers together
     * @param words by which blocks of a launch wait for each other
     */
    public record Room(long hidden, long product, long gateGradients, long words) {
        /** Without words. */
        public Room(long hidden, long product, long gateGradients) {
            this(hidden, product, gateGradients, 0);
        }

        /** With words. */
        public Room withWords(long bytes) {
            return new Room(hidden, product, gateGradients, bytes);
        }
    }
}
