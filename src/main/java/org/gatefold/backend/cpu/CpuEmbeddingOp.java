package org.gatefold.backend.cpu;

import org.gatefold.op.embedding.EmbeddingOp;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Shape;
import org.gatefold.tensor.Tensor;

/** Look-ups by the native engine. Thread-safe. */
final class CpuEmbeddingOp extends CpuOperation implements EmbeddingOp {
    CpuEmbeddingOp(Engine engine) {
        super(engine);
    }

    @Override
    public void computeForward(Tensor ids, Lengths lengths, Tensor w, float maxNorm, Tensor y) {
        Shape steps = ids.shape();
        Shape table = w.shape();
        engine.run(
                "embedding",
                e -> NativeLibrary.embeddingForward(
                        e,
                        steps.dim(0),
                        steps.dim(1),
                        table.dim(0),
                        table.dim(1),
                        ids.address(),
                        Addresses.of(lengths),
                        w.address(),
                        maxNorm,
                        y.address()));
    }

    @Override
    public void computeSort(
            Tensor ids, Lengths lengths, int vocabulary, int paddingId, Tensor sorted, Tensor positions) {
        Shape steps = ids.shape();
        engine.run(
                "sorting of ids",
                e -> NativeLibrary.embeddingSort(
                        e,
                        steps.dim(0),
                        steps.dim(1),
                        vocabulary,
                        paddingId,
                        ids.address(),
                        Addresses.of(lengths),
                        sorted.address(),
                        positions.address()));
    }

    @Override
    public void computeBackward(Tensor sorted, Tensor positions, Tensor dy, Tensor dw) {
        Shape table = dw.shape();
        engine.run(
                "embedding backward",
                e -> NativeLibrary.embeddingBackward(
                        e,
                        sorted.elements(),
                        table.dim(0),
                        table.dim(1),
                        sorted.address(),
                        positions.address(),
                        dy.address(),
                        dw.address()));
    }

    @Override
    public void computeRenormalize(Tensor sorted, float maxNorm, Tensor w) {
        Shape table = w.shape();
        engine.run(
                "renormalization of rows",
                e -> NativeLibrary.embeddingRenormalize(
                        e, sorted.elements(), table.dim(0), table.dim(1), sorted.address(), maxNorm, w.address()));
    }

    @Override
    public void computeClear(Tensor sorted, Tensor dw) {
        Shape table = dw.shape();
        engine.run(
                "clearing of rows",
                e -> NativeLibrary.embeddingClear(
                        e, sorted.elements(), table.dim(0), table.dim(1), sorted.address(), dw.address()));
    }
}
