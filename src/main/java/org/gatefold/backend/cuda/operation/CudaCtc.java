package org.gatefold.backend.cuda.operation;

import java.nio.ByteBuffer;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.op.ctc.CtcOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * Connectionist temporal classification, a block for each row. Thread-safe: paths stand in scratch memory that grows to the
 * largest batch and is used by one call at a time, in stream order.
 */
public final class CudaCtc extends ScratchOperation implements CtcOp {
    private static final int ROW_BLOCK = 128;
    private static final int SUM_BLOCK = 256;
    private static final int STEPS_OF_A_BLOCK = 4;

    /** As in the kernel: rows of more states need room in global memory. */
    private static final int NEAR_STATES = 512;

    private static final int WORDS = 7;

    public CudaCtc(CudaContext context, Kernels kernels) {
        super(context, kernels);
    }

    private static ByteBuffer struct(LossArguments given) {
        ByteBuffer bytes = KernelArguments.room(WORDS * Integer.BYTES);
        bytes.asIntBuffer()
                .put(given.logits().shape().dim(0))
                .put(given.logits().shape().dim(1))
                .put(given.logits().shape().dim(2))
                .put(given.labels().shape().dim(0))
                .put(given.spec().blank())
                .put(given.spec().reduction().code())
                .put(given.spec().zeroInfinity() ? 1 : 0);
        return bytes;
    }

    private static Tensor onDevice(Lengths lengths) {
        return lengths == null ? null : lengths.onDevice();
    }

    /** Where the parts of the scratch memory begin. */
    private record Room(
            long total, long rowLosses, long factors, long logSums, long far, long paths, long chains, long end) {
        static Room of(LossArguments given) {
            int rows = given.logits().shape().dim(1);
            int labels = given.labels().shape().dim(0);
            long states = 2L * labels + 1;
            long places = (long) given.logits().shape().dim(0) * rows;
            boolean gradient = given.dLogits() != null;
            long rowLosses = Double.BYTES;
            long factors = rowLosses + (long) rows * Double.BYTES;
            long logSums = factors + (long) rows * Double.BYTES;
            long far = logSums + places * Double.BYTES;
            long paths = far + (states > NEAR_STATES ? 2L * rows * states * Double.BYTES : 0);
            long chains = paths + (gradient ? Math.multiplyExact(places, states * Double.BYTES) : 0);
            return new Room(
                    0,
                    rowLosses,
                    factors,
                    logSums,
                    far,
                    paths,
                    chains,
                    chains + (gradient ? (long) rows * labels * Integer.BYTES : 0));
        }

        Room at(long address) {
            return new Room(
                    total + address,
                    rowLosses + address,
                    factors + address,
                    logSums + address,
                    far + address,
                    paths + address,
                    chains + address,
                    end + address);
        }
    }

    @Override
    public synchronized void computeLoss(LossArguments given) {
        int rows = given.logits().shape().dim(1);
        int places = Math.multiplyExact(given.logits().shape().dim(0), rows);
        ByteBuffer sizes = struct(given);
        Room offsets = Room.of(given);
        Room room = offsets.at(scratch(offsets.end()));
        boolean gradient = given.dLogits() != null;
        launch(
                "total_weight_f32",
                1,
                SUM_BLOCK,
                KernelArguments.of()
                        .tensor(given.weights())
                        .address(0)
                        .i32(0)
                        .address(0)
                        .i32(0)
                        .address(room.total())
                        .i32(rows));
        launch(
                "ctc_log_sums_f32",
                (places + STEPS_OF_A_BLOCK - 1) / STEPS_OF_A_BLOCK,
                ROW_BLOCK,
                KernelArguments.of()
                        .tensor(given.logits())
                        .tensor(onDevice(given.steps()))
                        .address(room.logSums())
                        .struct(sizes));
        launch(
                "ctc_paths_f32",
                rows,
                ROW_BLOCK,
                labelled(given)
                        .tensor(given.weights())
                        .address(room.total())
                        .address(room.logSums())
                        .address(room.rowLosses())
                        .address(room.factors())
                        .address(room.far())
                        .address(gradient ? room.paths() : 0)
                        .address(room.chains())
                        .struct(sizes));
        if (gradient) {
            launch(
                    "ctc_gradient_f32",
                    places,
                    ROW_BLOCK,
                    labelled(given)
                            .address(room.logSums())
                            .address(room.factors())
                            .address(room.paths())
                            .address(room.chains())
                            .tensor(given.dLogits())
                            .struct(sizes));
        }
        launch(
                "sum_losses_f32",
                1,
                SUM_BLOCK,
                KernelArguments.of()
                        .address(room.rowLosses())
                        .tensor(given.loss())
                        .i32(rows));
    }

    private static KernelArguments labelled(LossArguments given) {
        return KernelArguments.of()
                .tensor(given.logits())
                .tensor(onDevice(given.steps()))
                .tensor(given.labels())
                .tensor(onDevice(given.counts()));
    }

    private void launch(String kernel, int blocks, int threads, KernelArguments arguments) {
        kernels().launch(stream(), kernel, blocks, 1, threads, 1, arguments);
    }
}
