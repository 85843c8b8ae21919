package org.gatefold.backend.cuda.recurrent.fused;

import java.util.Optional;
import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.KernelArguments;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.backend.cuda.recurrent.StepKernels;
import org.gatefold.backend.cuda.recurrent.StepsLane;
import org.gatefold.backend.cuda.recurrent.StepsRecurrent;
import org.gatefold.backend.cuda.recurrent.StepsVariant;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * {@code cuda.fused}: product and gates of a step in one kernel, on the tensor cores where the precision has some. Takes
 * plain cells of every kind. Wh is packed twice, for the forward and the backward step.
 */
public final class FusedSteps implements StepsVariant {
    @Override
    public String name() {
        return "cuda.fused";
    }

    @Override
    public Optional<String> unsupported(RecurrentSpec spec, int capability) {
        if (!spec.options().isPlainButForCellClip()) {
            return Optional.of("its kernels compute plain cells, without " + spec.options());
        }
        if (spec.batch() > FusedSize.MOST_ROWS) {
            return Optional.of("its grids take up to " + FusedSize.MOST_ROWS + " rows, not " + spec.batch());
        }
        int needed =
                switch (spec.precision()) {
                    case F32 -> 0;
                    case F16 -> 75;
                    case TF32, BF16 -> 80;
                };
        return StepsRecurrent.needs(spec.precision(), needed, capability);
    }

    @Override
    public StepKernels cell(StepKernels.Setting setting) {
        return new FusedStepKernels(setting);
    }

    @Override
    public Room room(StepsLane.Size size) {
        FusedSize fused = new FusedSize(size.cell(), size.hidden(), size.precision());
        return new Room(
                fused.hiddenBytes(size.batch()), 0, FusedStepKernels.BUFFERS * fused.gateGradientBytes(size.batch()));
    }

    @Override
    public long recurrentWeightBytes(RecurrentSpec spec) {
        FusedSize fused = FusedSize.of(spec);
        return fused.forwardWeightBytes() + fused.backwardWeightBytes();
    }

    @Override
    public void prepareRecurrentWeights(Kernels kernels, CUstream stream, RecurrentSpec spec, long from, long to) {
        FusedSize fused = FusedSize.of(spec);
        pack(kernels, stream, fused, from, to, fused.forwardWeightBytes(), 0);
        pack(kernels, stream, fused, from, to + fused.forwardWeightBytes(), fused.backwardWeightBytes(), 1);
    }

    private static void pack(
            Kernels kernels, CUstream stream, FusedSize size, long from, long to, long bytes, int backward) {
        kernels.launchLoop(
                stream,
                size.kernel("pack_recurrent"),
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
