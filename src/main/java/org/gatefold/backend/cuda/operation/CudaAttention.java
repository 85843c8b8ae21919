package org.gatefold.backend.cuda.operation;

import java.nio.ByteBuffer;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.op.attention.AttentionOp;
import org.gatefold.op.attention.AttentionSpec;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * Attention by kernels. Thread-safe: gradients of scores stand in scratch memory that is used by one call at a time, in
 * stream order.
 */
public final class CudaAttention extends ScratchOperation implements AttentionOp {
    private static final int ROW_BLOCK = 128;
    private static final int WORDS = 8;

    public CudaAttention(CudaContext context, Kernels kernels) {
        super(context, kernels);
    }

    private static Tensor onDevice(Lengths lengths) {
        return lengths == null ? null : lengths.onDevice();
    }

    private static ByteBuffer struct(AttentionSpec spec, Tensor q, Tensor k, Tensor v) {
        ByteBuffer bytes = KernelArguments.room(WORDS * Integer.BYTES);
        bytes.asIntBuffer()
                .put(q.shape().dim(0))
                .put(k.shape().dim(0))
                .put(q.shape().dim(1))
                .put(spec.heads())
                .put(q.shape().dim(2) / spec.heads())
                .put(v.shape().dim(2) / spec.heads())
                .put(spec.causal() ? 1 : 0)
                .put(Float.floatToRawIntBits(spec.scale()));
        return bytes;
    }

    private void queries(String kernel, Tensor p, KernelArguments arguments) {
        int blocks = Math.toIntExact(p.elements() / p.shape().last());
        kernels().launch(stream(), kernel, blocks, 1, ROW_BLOCK, 1, arguments);
    }

    @Override
    public void computeForward(ForwardArguments given) {
        ByteBuffer sizes = struct(given.spec(), given.q(), given.k(), given.v());
        queries(
                "attention_weights_f32",
                given.p(),
                KernelArguments.of()
                        .tensor(given.q())
                        .tensor(given.k())
                        .tensor(onDevice(given.lengths()))
                        .tensor(given.p())
                        .struct(sizes));
        loop(
                "attention_values_f32",
                given.y().elements(),
                KernelArguments.of()
                        .tensor(given.p())
                        .tensor(given.v())
                        .tensor(onDevice(given.lengths()))
                        .tensor(given.y())
                        .struct(sizes)
                        .i64(given.y().elements()));
    }

    @Override
    public synchronized void computeBackward(BackwardArguments given) {
        ByteBuffer sizes = struct(given.spec(), given.q(), given.k(), given.v());
        long scores = scratch(given.p().bytes());
        queries(
                "attention_scores_backward_f32",
                given.p(),
                KernelArguments.of()
                        .tensor(given.p())
                        .tensor(given.v())
                        .tensor(onDevice(given.lengths()))
                        .tensor(given.dy())
                        .address(scores)
                        .struct(sizes));
        loop(
                "attention_queries_backward_f32",
                given.dq().elements(),
                KernelArguments.of()
                        .address(scores)
                        .tensor(given.k())
                        .tensor(onDevice(given.lengths()))
                        .tensor(given.dq())
                        .struct(sizes)
                        .i64(given.dq().elements()));
        keys(
                scores,
                given.q(),
                given.lengths(),
                given.dk(),
                sizes,
                given.dk().shape().dim(2) / given.spec().heads());
        keys(
                given.p().address(),
                given.dy(),
                given.lengths(),
                given.dv(),
                sizes,
                given.dv().shape().dim(2) / given.spec().heads());
    }

    private void keys(long weights, Tensor from, Lengths lengths, Tensor to, ByteBuffer sizes, int size) {
        loop(
                "attention_keys_backward_f32",
                to.elements(),
                KernelArguments.of()
                        .address(weights)
                        .tensor(from)
                        .tensor(onDevice(lengths))
                        .tensor(to)
                        .struct(sizes)
                        .i32(size)
                        .i64(to.elements()));
    }
}
