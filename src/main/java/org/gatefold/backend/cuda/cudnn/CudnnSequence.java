package org.gatefold.backend.cuda.cudnn;

import java.util.Arrays;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnRNNDataDescriptor;
import jcuda.jcudnn.cudnnRNNDataLayout;

/**
 * Describes a padded time-major sequence {@code [T, B, features]} to cuDNN: owns an RNN data descriptor. One thread at a
 * time.
 *
 * <p>Lengths go in by the host array alone, which cuDNN copies. A length of 0 is given as 1, because cuDNN is not safe with
 * empty rows; who uses the descriptor clears such rows. cuDNN is given no value to fill the padding of outputs with: JCudnn
 * passes on native pointers only, and drops the arrays of Java without a word.
 */
final class CudnnSequence implements AutoCloseable {
    private final cudnnRNNDataDescriptor descriptor = new cudnnRNNDataDescriptor();
    private final CudnnType type;
    private final int steps;
    private final int features;
    private final int[] rows;

    CudnnSequence(CudnnType type, int steps, int batch, int features) {
        this.type = type;
        this.steps = steps;
        this.features = features;
        this.rows = new int[batch];
        Arrays.fill(rows, steps);
        CudnnStatus.check("cudnnCreateRNNDataDescriptor", JCudnn.cudnnCreateRNNDataDescriptor(descriptor));
        try {
            set();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Says how long the rows are; null if all are of T steps. */
    void setLengths(int[] lengths) {
        boolean changed = false;
        for (int row = 0; row < rows.length; row++) {
            int length = lengths == null ? steps : Math.max(1, lengths[row]);
            changed |= rows[row] != length;
            rows[row] = length;
        }
        if (changed) {
            set();
        }
    }

    private void set() {
        CudnnStatus.check(
                "cudnnSetRNNDataDescriptor",
                JCudnn.cudnnSetRNNDataDescriptor(
                        descriptor,
                        type.dataType(),
                        cudnnRNNDataLayout.CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED,
                        steps,
                        rows.length,
                        features,
                        rows,
                        new Pointer()));
    }

    cudnnRNNDataDescriptor descriptor() {
        return descriptor;
    }

    @Override
    public void close() {
        CudnnStatus.check("cudnnDestroyRNNDataDescriptor", JCudnn.cudnnDestroyRNNDataDescriptor(descriptor));
    }
}
