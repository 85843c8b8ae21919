package org.gatefold.backend.cuda.operation;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.op.crf.CrfOp;
import org.gatefold.op.crf.CrfScores;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/**
 * Conditional random fields by kernels, a block for each row. Thread-safe: sums over beginnings and endings stand in scratch memory
 * that is used by one call at a time, in stream order.
 */
public final class CudaCrf extends ScratchOperation implements CrfOp {
    private static final int BLOCK = 128;
    private static final int WORDS = 8;

    public CudaCrf(CudaContext context, Kernels kernels) {
        super(context, kernels);
    }

    /** The kernels' {@code Crf}. */
    private static ByteBuffer struct(CrfScores scores, Tensor emissions, Lengths lengths) {
        Shape shape = emissions.shape();
        return ByteBuffer.allocateDirect(WORDS * Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(shape.dim(0))
                .putLong(shape.dim(1))
                .putLong(shape.dim(2))
                .putLong(scores.transitions().address())
                .putLong(scores.start().address())
                .putLong(scores.end().address())
                .putLong(emissions.address())
                .putLong(lengths == null ? 0 : lengths.onDevice().address())
                .flip();
    }

    /** Scratch memory for the kernels' {@code CrfWork}, with the factors of the transitions in it. */
    private long work(ByteBuffer crf, Shape shape, boolean backward) {
        long steps = shape.dim(0);
        long batch = shape.dim(1);
        long labels = shape.dim(2);
        long all = steps * batch * labels;
        long numbers = 2 * labels * labels + 1 + 2 * batch + steps * batch + 2 * all;
        numbers += backward ? 2 * all + batch * labels * labels : 0;
        long work = scratch(numbers * Double.BYTES);
        rows("crf_factors_f32", 1, KernelArguments.of().struct(crf).address(work));
        return work;
    }

    private void rows(String kernel, int rows, KernelArguments arguments) {
        kernels().launch(stream(), kernel, rows, 1, BLOCK, 1, arguments);
    }

    @Override
    public synchronized void computeLogLikelihood(LikelihoodArguments given) {
        Shape shape = given.emissions().shape();
        ByteBuffer crf = struct(given.scores(), given.emissions(), given.lengths());
        rows(
                "crf_likelihood_f32",
                shape.dim(1),
                KernelArguments.of()
                        .struct(crf)
                        .tensor(given.labels())
                        .address(work(crf, shape, false))
                        .tensor(given.y()));
    }

    @Override
    public synchronized void computeLogLikelihoodBackward(LikelihoodGradients given) {
        Shape shape = given.emissions().shape();
        int square = Math.multiplyExact(shape.dim(2), shape.dim(2));
        ByteBuffer crf = struct(given.scores(), given.emissions(), given.lengths());
        long work = work(crf, shape, true);
        rows(
                "crf_backward_f32",
                shape.dim(1),
                KernelArguments.of()
                        .struct(crf)
                        .tensor(given.labels())
                        .tensor(given.dy())
                        .address(work)
                        .tensor(given.dEmissions()));
        kernels()
                .launch(
                        stream(),
                        "crf_pairs_f32",
                        (square - 1) / BLOCK + 1,
                        shape.dim(1),
                        BLOCK,
                        1,
                        KernelArguments.of().struct(crf).tensor(given.labels()).address(work));
        long elements = square + 2L * shape.dim(2);
        loop(
                "crf_scores_f32",
                elements,
                KernelArguments.of()
                        .struct(crf)
                        .address(work)
                        .tensor(given.dEmissions())
                        .tensor(given.dScores().transitions())
                        .tensor(given.dScores().start())
                        .tensor(given.dScores().end())
                        .i64(elements));
    }

    @Override
    public synchronized void computeDecode(DecodeArguments given) {
        Shape shape = given.emissions().shape();
        long scores = 2L * shape.dim(1) * shape.dim(2) * Double.BYTES;
        long memory = scratch(scores + shape.elements() * Integer.BYTES);
        rows(
                "crf_decode_f32",
                shape.dim(1),
                KernelArguments.of()
                        .struct(struct(given.scores(), given.emissions(), given.lengths()))
                        .address(memory)
                        .address(memory + scores)
                        .tensor(given.path())
                        .tensor(given.best()));
    }
}
