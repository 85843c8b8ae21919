package org.gatefold.backend.cpu;

import org.gatefold.op.convolution.ConvolutionOp;
import org.gatefold.op.convolution.ConvolutionShape;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Convolutions by the native engine: unfolded inputs, piece by piece, and its matrix products. Thread-safe. */
final class CpuConvolutionOp extends CpuOperation implements ConvolutionOp {
    CpuConvolutionOp(Engine engine) {
        super(engine);
    }

    @Override
    public void computeForward(ConvolutionShape shape, Tensor x, Lengths lengths, Tensor w, Tensor b, Tensor y) {
        engine.run(
                "convolution",
                e -> NativeLibrary.convolutionForward(
                        e,
                        shape.words(),
                        x.address(),
                        Addresses.of(lengths),
                        w.address(),
                        Addresses.of(b),
                        y.address()));
    }

    @Override
    public void computeBackward(
            ConvolutionShape shape, Tensor x, Lengths lengths, Tensor w, Tensor dy, Tensor dx, Tensor dw, Tensor db) {
        engine.run(
                "convolution backward",
                e -> NativeLibrary.convolutionBackward(
                        e,
                        shape.words(),
                        x.address(),
                        Addresses.of(lengths),
                        w.address(),
                        dy.address(),
                        Addresses.of(dx),
                        Addresses.of(dw),
                        Addresses.of(db)));
    }
}
