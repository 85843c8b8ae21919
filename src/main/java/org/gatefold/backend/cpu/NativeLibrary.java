package org.gatefold.backend.cpu;

import java.nio.ByteBuffer;
import org.gatefold.device.OutOfMemoryException;

/**
 * The native functions of {@code native/include/gatefold.h}, which documents them. Addresses are longs, 0 for none.
 * Callable once {@link NativeLoader} has loaded the library; thread-safe.
 */
final class NativeLibrary {
    /** The interface version this class was written for; the library tells its own. */
    static final int ABI_VERSION = 14;

    static final int OK = 0;
    static final int OUT_OF_MEMORY = 2;
    static final int UNKNOWN_ISA = 3;
    static final int ISA_UNAVAILABLE = 4;

    private NativeLibrary() {}

    /** Throws if a status is not {@link #OK}; after the front door's checks this is a defect, or memory is exhausted. */
    static void check(String call, int status) {
        if (status == OUT_OF_MEMORY) {
            throw new OutOfMemoryException(call + ": " + statusName(status));
        }
        if (status != OK) {
            throw new IllegalStateException(call + ": " + statusName(status));
        }
    }

    static native int abiVersion();

    static native String statusName(int status);

    /** {@code handle[0]} is written: the engine, or 0. */
    static native int createEngine(int threads, String isa, long[] handle);

    static native void destroyEngine(long engine);

    static native int engineThreads(long engine);

    static native String engineIsa(long engine);

    /** 0 if there is no such memory. */
    static native long allocate(long bytes);

    static native void free(long address);

    static native ByteBuffer view(long address, long bytes);

    static native void writeFloats(long to, float[] from, int at, int count);

    static native void writeInts(long to, int[] from, int at, int count);

    static native void readFloats(long from, float[] to, int at, int count);

    static native void readInts(long from, int[] to, int at, int count);

    static native void fillWords(long address, long words, int bits);

    static native void copyBytes(long to, long from, long bytes);

    static native long recurrentPackedBytes(long engine, int[] spec);

    static native long recurrentWorkspaceBytes(long engine, int[] spec);

    static native long recurrentReserveBytes(long engine, int[] spec);

    /** {@code weights}: wx, wh, b, p of every set; p is 0 without peepholes. */
    static native int recurrentPack(long engine, int[] spec, long[] weights, long packed);

    static native int recurrentForward(
            long engine,
            int[] spec,
            long packed,
            long x,
            long lengths,
            long h0,
            long c0,
            long y,
            long hn,
            long cn,
            long reserve,
            long workspace,
            long seed);

    /** {@code gradients}: of wx, wh, b, p of every set, or null. */
    static native int recurrentBackward(
            long engine,
            int[] spec,
            long packed,
            long x,
            long lengths,
            long h0,
            long c0,
            long y,
            long dy,
            long dhn,
            long dcn,
            long dx,
            long dh0,
            long dc0,
            long[] gradients,
            long reserve,
            long workspace,
            long seed);

    static native int linearForward(long engine, long rows, long inputs, long outputs, long x, long w, long b, long y);

    static native int linearBackward(
            long engine, long rows, long inputs, long outputs, long x, long w, long dy, long dx, long dw, long db);

    static native int activationForward(long engine, int kind, float alpha, float beta, long count, long x, long y);

    static native int activationBackward(
            long engine, int kind, float alpha, float beta, long count, long x, long y, long dy, long dx);

    static native int binary(long engine, int kind, long count, long a, long b, long y);

    static native int scale(long engine, long count, float alpha, long x, long y);

    static native int scaledAdd(long engine, long count, float alpha, long x, long y);

    static native int dropout(long engine, long count, float p, long seed, int stream, long x, long y);

    static native int softmaxForward(long engine, long rows, long columns, boolean logarithm, long x, long y);

    static native int softmaxBackward(
            long engine, long rows, long columns, boolean logarithm, long y, long dy, long dx);

    static native int pointwiseLoss(
            long engine,
            int kind,
            int parts,
            long terms,
            double first,
            double second,
            long rows,
            long columns,
            long table,
            long x,
            long target,
            long weights,
            long loss,
            long dx);

    static native int crossEntropy(
            long engine,
            long rows,
            long columns,
            long logits,
            long labels,
            int ignoreIndex,
            float smoothing,
            long classWeights,
            long weights,
            long loss,
            long dlogits);

    static native int cosineEmbeddingLoss(
            long engine,
            long rows,
            long columns,
            long a,
            long b,
            long together,
            float margin,
            long weights,
            long loss,
            long da,
            long db);

    /** {@code settings}: steps, batch, classes, labels, blank, reduction, whether infinite losses are 0. */
    static native int ctcLoss(
            long engine,
            int[] settings,
            long logits,
            long lengths,
            long labelClasses,
            long counts,
            long weights,
            long loss,
            long dlogits);

    /** {@code segment}: address of the segments, 6 words each as {@code gf_segment}. */
    static native int gradientNorm(
            long engine,
            long gradient,
            long segments,
            long segment,
            float maxNorm,
            float lossScale,
            long requiredCount,
            long required,
            long squares,
            long result);

    static native int clipValue(long engine, long count, float limit, long gradient);

    static native int gradientNoise(
            long engine, long segments, long segment, float deviation, long key, long scale, long gradient);

    /**
     * {@code integers}: kind, nesterov, centered, decoupled; {@code floats}: rate, momentum, dampening, alpha, beta1,
     * beta2, epsilon, l1, l2.
     */
    static native int optimizerStep(
            long engine,
            int[] integers,
            long step,
            float[] floats,
            long parameters,
            long gradient,
            long state1,
            long state2,
            long state3,
            long segments,
            long segment,
            long scale);

    static native int swapAxes(long engine, long a, long b, long features, long x, long y);

    static native int poolForward(
            long engine, int pooling, long steps, long batch, long features, long x, long lengths, long y);

    static native int poolBackward(
            long engine, int pooling, long steps, long batch, long features, long x, long lengths, long dy, long dx);

    static native int lengthMask(long engine, long steps, long batch, long lengths, long weights);

    static native int concatColumns(long engine, long rows, long p, long q, long a, long b, long y);

    static native int splitColumns(long engine, long rows, long p, long q, long y, long a, long b);

    static native int embeddingForward(
            long engine,
            long steps,
            long batch,
            long vocabulary,
            long width,
            long ids,
            long lengths,
            long w,
            float maxNorm,
            long y);

    static native int embeddingSort(
            long engine,
            long steps,
            long batch,
            long vocabulary,
            long paddingId,
            long ids,
            long lengths,
            long sorted,
            long positions);

    static native int embeddingBackward(
            long engine, long count, long vocabulary, long width, long sorted, long positions, long dy, long dw);

    static native int embeddingRenormalize(
            long engine, long count, long vocabulary, long width, long sorted, float maxNorm, long w);

    static native int embeddingClear(long engine, long count, long vocabulary, long width, long sorted, long dw);

    static native int layerNormForward(
            long engine, long rows, long width, long x, long gamma, long beta, float epsilon, long y);

    static native int layerNormBackward(
            long engine,
            long rows,
            long width,
            long x,
            long gamma,
            float epsilon,
            long dy,
            long dx,
            long dgamma,
            long dbeta);

    static native int batchStatistics(
            long engine,
            long count,
            long channels,
            long places,
            long batch,
            long x,
            long lengths,
            float momentum,
            long mean,
            long variance,
            long runningMean,
            long runningVariance);

    static native int batchNormForward(
            long engine,
            long count,
            long channels,
            long places,
            long batch,
            long x,
            long lengths,
            long mean,
            long variance,
            long gamma,
            long beta,
            float epsilon,
            long y);

    static native int batchNormBackward(
            long engine,
            boolean ofBatch,
            long count,
            long channels,
            long places,
            long batch,
            long x,
            long lengths,
            long mean,
            long variance,
            long gamma,
            float epsilon,
            long dy,
            long dx,
            long dgamma,
            long dbeta);

    /** {@code shape}: the words of a {@link org.gatefold.op.convolution.ConvolutionShape}. */
    static native int convolutionForward(long engine, int[] shape, long x, long lengths, long w, long b, long y);

    static native int convolutionBackward(
            long engine, int[] shape, long x, long lengths, long w, long dy, long dx, long dw, long db);

    /** {@code sizes}: queries, keys, batch, heads, size of a head, size of its values, causal. */
    static native int windowPoolingForward(long engine, int[] shape, long x, long lengths, long y);

    static native int windowPoolingBackward(long engine, int[] shape, long x, long lengths, long dy, long dx);

    /** {@code crf}: the fields of {@code gf_crf}, in their order. */
    static native int crfLogLikelihood(long engine, long[] crf, long right, long y);

    static native int crfLogLikelihoodBackward(
            long engine, long[] crf, long right, long dy, long demissions, long dtransitions, long dstart, long dend);

    static native int crfDecode(long engine, long[] crf, long path, long best);

    static native int attentionForward(
            long engine, int[] sizes, float scale, long q, long k, long v, long lengths, long p, long y);

    static native int attentionBackward(
            long engine,
            int[] sizes,
            float scale,
            long q,
            long k,
            long v,
            long lengths,
            long p,
            long dy,
            long dq,
            long dk,
            long dv);
}
