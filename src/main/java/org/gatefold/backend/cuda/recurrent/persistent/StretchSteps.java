package org.gatefold.backend.cuda.recurrent.persistent;

import java.util.function.LongSupplier;
import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.backend.cuda.recurrent.StepsVariant;
import org.gatefold.backend.cuda.recurrent.fused.FusedSteps;
import org.gatefold.op.recurrent.RecurrentSpec;

/** All steps of a stretch in one launch, with the steps, operands and packed weights of {@code cuda.fused}. */
abstract class StretchSteps implements StepsVariant {
    final FusedSteps fused = new FusedSteps();

    private final LongSupplier alarm;

    /** @param alarm the address of a word that is set where blocks wait in vain */
    StretchSteps(LongSupplier alarm) {
        this.alarm = alarm;
    }

    final long alarm() {
        return alarm.getAsLong();
    }

    @Override
    public final long recurrentWeightBytes(RecurrentSpec spec) {
        return fused.recurrentWeightBytes(spec);
    }

    @Override
    public final void prepareRecurrentWeights(
            Kernels kernels, CUstream stream, RecurrentSpec spec, long from, long to) {
        fused.prepareRecurrentWeights(kernels, stream, spec, from, to);
    }
}
