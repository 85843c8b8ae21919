package org.gatefold.backend.cuda.operation;

import java.nio.ByteBuffer;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.Gemm;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.op.convolution.ConvolutionOp;
import org.gatefold.op.convolution.ConvolutionShape;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * Convolutions as matrix products of cuBLAS on unfolded inputs. Thread-safe: these stand in scratch memory, chunk by chunk,
 * that is used by one call at a time, in stream order.
 */
public final class CudaConvolution extends ScratchOperation implements ConvolutionOp {
    private static final long CHUNK_ELEMENTS = 1 << 24;
    private static final int SUM_BLOCK = 256;

    private final Gemm gemm;

    public CudaConvolution(CudaContext context, Kernels kernels, Gemm gemm) {
        super(context, kernels);
        this.gemm = gemm;
    }

    private static Tensor onDevice(Lengths lengths) {
        return lengths == null ? null : lengths.onDevice();
    }

    /** Some places of a part of y, an image or all steps, and a group of channels. */
    private record Chunk(ConvolutionShape shape, int part, int group, long first, int rows, long unfolded) {
        Gemm.Matrix inputs() {
            return new Gemm.Matrix(unfolded, shape.depth());
        }

        /** The group's part of a tensor of the form of weights. */
        Gemm.Matrix weights(Tensor w) {
            long from = (long) group * shape.groupOutputs() * shape.depth();
            return new Gemm.Matrix(w.address() + from * Float.BYTES, shape.depth());
        }

        /** The chunk's part of a tensor of the form of y. */
        Gemm.Matrix outputs(Tensor y) {
            long channel = (long) group * shape.groupOutputs();
            long from = shape.spec().images()
                    ? (part * (long) shape.outputs() + channel) * shape.places() + first
                    : first * shape.outputs() + channel;
            int stride = shape.spec().images() ? Math.toIntExact(shape.places()) : shape.outputs();
            return new Gemm.Matrix(y.address() + from * Float.BYTES, stride);
        }
    }

    private interface Work {
        void on(Chunk chunk);
    }

    private void eachChunk(ConvolutionShape shape, Work work) {
        int most = (int) Math.min(shape.places(), Math.max(1, CHUNK_ELEMENTS / shape.depth()));
        long unfolded = scratch((long) most * shape.depth() * Float.BYTES);
        for (int part = 0; part < shape.parts(); part++) {
            for (int group = 0; group < shape.spec().groups(); group++) {
                for (long first = 0; first < shape.places(); first += most) {
                    int rows = (int) Math.min(most, shape.places() - first);
                    work.on(new Chunk(shape, part, group, first, rows, unfolded));
                }
            }
        }
    }

    private static ByteBuffer struct(ConvolutionShape shape) {
        ByteBuffer bytes = KernelArguments.room(ConvolutionShape.WORDS * Integer.BYTES);
        bytes.asIntBuffer().put(shape.words());
        return bytes;
    }

    private void unfold(Chunk chunk, Tensor x, Lengths lengths) {
        loop(
                "convolution_unfold_f32",
                (long) chunk.rows() * chunk.shape().depth(),
                KernelArguments.of()
                        .tensor(x)
                        .tensor(onDevice(lengths))
                        .address(chunk.unfolded())
                        .struct(struct(chunk.shape()))
                        .i32(chunk.part())
                        .i32(chunk.group())
                        .i64(chunk.first())
                        .i64(chunk.rows()));
    }

    @Override
    public synchronized void computeForward(
            ConvolutionShape shape, Tensor x, Lengths lengths, Tensor w, Tensor b, Tensor y) {
        eachChunk(shape, chunk -> {
            unfold(chunk, x, lengths);
            Gemm.Matrix to = chunk.outputs(y);
            int outputs = shape.groupOutputs();
            if (shape.spec().images()) {
                gemm.timesTransposed(
                        stream(), chunk.weights(w), chunk.inputs(), to, outputs, chunk.rows(), shape.depth(), false);
            } else {
                gemm.timesTransposed(
                        stream(), chunk.inputs(), chunk.weights(w), to, chunk.rows(), outputs, shape.depth(), false);
            }
        });
        if (b != null) {
            loop(
                    "add_channel_bias_f32",
                    y.elements(),
                    KernelArguments.of()
                            .tensor(b)
                            .tensor(y)
                            .i32(shape.outputs())
                            .i64(shape.spec().images() ? shape.places() : 1)
                            .i64(y.elements()));
        }
    }

    @Override
    public synchronized void computeBackward(
            ConvolutionShape shape, Tensor x, Lengths lengths, Tensor w, Tensor dy, Tensor dx, Tensor dw, Tensor db) {
        boolean images = shape.spec().images();
        if (dx != null) {
            dx.fill(0f);
        }
        if (dx != null || dw != null) {
            eachChunk(shape, chunk -> {
                if (dw != null) {
                    ofWeights(chunk, x, lengths, dy, dw);
                }
                if (dx != null) {
                    ofInputs(chunk, lengths, w, dy, dx);
                }
            });
        }
        if (db != null && images) {
            kernels()
                    .launch(
                            stream(),
                            "channel_sums_f32",
                            shape.outputs(),
                            1,
                            SUM_BLOCK,
                            1,
                            KernelArguments.of()
                                    .tensor(dy)
                                    .tensor(db)
                                    .i32(shape.count())
                                    .i32(shape.outputs())
                                    .i64(shape.places()));
        } else if (db != null) {
            CudaLinear.columnSums(
                    kernels(), stream(), dy.address(), db.address(), shape.places(), shape.outputs(), shape.outputs());
        }
    }

    private void ofWeights(Chunk chunk, Tensor x, Lengths lengths, Tensor dy, Tensor dw) {
        ConvolutionShape shape = chunk.shape();
        int outputs = shape.groupOutputs();
        unfold(chunk, x, lengths);
        Gemm.Matrix gradient = chunk.outputs(dy);
        Gemm.Matrix to = chunk.weights(dw);
        if (shape.spec().images()) {
            gemm.times(stream(), gradient, chunk.inputs(), to, outputs, shape.depth(), chunk.rows(), true);
        } else {
            gemm.transposedTimes(stream(), gradient, chunk.inputs(), to, outputs, shape.depth(), chunk.rows(), true);
        }
    }

    private void ofInputs(Chunk chunk, Lengths lengths, Tensor w, Tensor dy, Tensor dx) {
        ConvolutionShape shape = chunk.shape();
        int outputs = shape.groupOutputs();
        Gemm.Matrix gradient = chunk.outputs(dy);
        if (shape.spec().images()) {
            gemm.transposedTimes(
                    stream(), gradient, chunk.weights(w), chunk.inputs(), chunk.rows(), shape.depth(), outputs, false);
        } else {
            gemm.times(
                    stream(), gradient, chunk.weights(w), chunk.inputs(), chunk.rows(), shape.depth(), outputs, false);
        }
        long elements = dx.elements() / shape.parts() / shape.spec().groups();
        loop(
                "convolution_fold_f32",
                elements,
                KernelArguments.of()
                        .address(chunk.unfolded())
                        .tensor(onDevice(lengths))
                        .tensor(dx)
                        .struct(struct(shape))
                        .i32(chunk.part())
                        .i32(chunk.group())
                        .i64(chunk.first())
                        .i64(chunk.rows())
                        .i64(elements));
    }
}
