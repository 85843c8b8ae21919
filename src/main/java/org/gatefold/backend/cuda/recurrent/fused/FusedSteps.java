package org.gatefold.backend.cuda.recurrent.fused;

import java.util.Optional;
import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.backend.cuda.recurrent.StepKernels;
import org.gatefold.backend.cuda.recurrent.StepsLane;
import org.gatefold.backend.cuda.recurrent.StepsRecurrent;
import org.gatefold.backend.cuda.recurrent.StepsVariant;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * {@code cuda.fused}: product and gates of a step in one kernel, on the tensor cores where the precision has some. Takes
 * plain cells of every kind. Wh is packed twice, for the forward and the backward step. {@code cuda.fused.tf32x3} is the same
 * for F32 by products of TF32 parts.
 */
public final class FusedSteps implements StepsVariant {
    private final String name;
    private final boolean inParts;

    private FusedSteps(String name, boolean inParts) {
        this.name = name;
        this.inParts = inParts;
    }

    /** Numbers as they are rounded to the precision. */
    public FusedSteps() {
        this("cuda.fused", false);
    }

    /** Numbers of F32 in parts. */
    public static FusedSteps inParts() {
        return new FusedSteps("cuda.fused.tf32x3", true);
    }

    @Override
    public String name() {
        return name;
    }

    private FusedProduct product(Precision precision) {
        return inParts ? FusedProduct.TF32X3 : FusedProduct.of(precision);
    }

    private FusedSize size(RecurrentSpec spec) {
        return new FusedSize(spec.cell(), spec.hiddenSize(), product(spec.precision()));
    }

    @Override
    public Optional<String> unsupported(RecurrentSpec spec, int capability) {
        if (!spec.options().isPlainButForCellClip()) {
            return Optional.of("its kernels compute plain cells, without " + spec.options());
        }
        if (spec.batch() > FusedSize.MOST_ROWS) {
            return Optional.of("its grids take up to " + FusedSize.MOST_ROWS + " rows, not " + spec.batch());
        }
        FusedProduct product = product(spec.precision());
        if (product.precision() != spec.precision()) {
            return Optional.of("it multiplies in " + product.precision() + ", not in " + spec.precision());
        }
        return StepsRecurrent.needs(inParts ? product : spec.precision(), product.capability(), capability);
    }

    @Override
    public StepKernels cell(StepKernels.Setting setting) {
        return new FusedStepKernels(setting, size(setting.spec()));
    }

    @Override
    public Room room(StepsLane.Size size) {
        FusedSize fused = new FusedSize(size.cell(), size.hidden(), product(size.precision()));
        return new Room(
                fused.hiddenBytes(size.batch()), 0, FusedStepKernels.BUFFERS * fused.gateGradientBytes(size.batch()));
    }

    @Override
    public long recurrentWeightBytes(RecurrentSpec spec) {
        FusedSize fused = size(spec);
        return fused.forwardWeightBytes() + fused.backwardWeightBytes();
    }

    @Override
    public void prepareRecurrentWeights(Kernels kernels, CUstream stream, RecurrentSpec spec, long from, long to) {
        FusedSize fused = size(spec);
        pack(kernels, stream, fused, from, to, fused.forwardWeightBytes(), 0);
        pack(kernels, stream, fused, from, to + fused.forwardWeightBytes(), fused.backwardWeightBytes(), 1);
    }

    private static void pack(
            Kernels kernels, CUstream stream, FusedSize size, long from, long to, long bytes, int backward) {
        kernels.launchLoop(
                stream,
                size.product().kernel("pack_recurrent"),
                bytes / FusedSize.PIECE_BYTES,
                KernelArguments.of()
                        .address(from)
                        .address(to)
                        .i32(size.cell().gates())
                        .i32(size.hidden())
                        .i32(size.forwardUnits())
                        .i32(backward));
    }
}
