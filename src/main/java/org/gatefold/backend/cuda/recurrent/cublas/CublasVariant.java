package org.gatefold.backend.cuda.recurrent.cublas;

import java.util.Optional;
import jcuda.driver.CUstream;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.backend.cuda.kernel.Operand;
import org.gatefold.backend.cuda.recurrent.StepKernels;
import org.gatefold.backend.cuda.recurrent.StepsLane;
import org.gatefold.backend.cuda.recurrent.StepsRecurrent;
import org.gatefold.backend.cuda.recurrent.StepsVariant;
import org.gatefold.op.recurrent.CellOptions;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * {@code cuda.steps}: for every step a product by cuBLAS and one kernel for the gates. Takes every cell and option. Wh is
 * read where it lies, or as a copy in half precision.
 */
public final class CublasVariant implements StepsVariant {
    @Override
    public String name() {
        return "cuda.steps";
    }

    @Override
    public Optional<String> unsupported(RecurrentSpec spec, int capability) {
        int needed =
                switch (spec.precision()) {
                    case F32, TF32 -> 0;
                    case F16 -> 75;
                    case BF16 -> 80;
                };
        return StepsRecurrent.needs(spec.precision(), needed, capability);
    }

    @Override
    public StepKernels cell(StepKernels.Setting setting) {
        CellOptions options = setting.spec().options();
        return switch (setting.spec().cell()) {
            case LSTM ->
                options.layerNorm()
                        ? new NormedLstmStepKernels(setting)
                        : setting.spec().projects()
                                ? new ProjectedLstmStepKernels(setting)
                                : new LstmStepKernels(setting);
            case GRU -> options.layerNorm() ? normedGru(setting) : gru(setting);
            case RNN_TANH, RNN_RELU ->
                options.layerNorm() ? new NormedRnnStepKernels(setting) : new RnnStepKernels(setting);
        };
    }

    private static StepKernels gru(StepKernels.Setting setting) {
        return setting.spec().options().resetBefore()
                ? new ResetBeforeGruStepKernels(setting)
                : new GruStepKernels(setting);
    }

    private static StepKernels normedGru(StepKernels.Setting setting) {
        return setting.spec().options().resetBefore()
                ? new NormedResetBeforeGruStepKernels(setting)
                : new NormedGruStepKernels(setting);
    }

    @Override
    public Room room(StepsLane.Size size) {
        int bytes = Operand.of(size.precision()).bytes();
        return new Room(size.states() * bytes, size.gates() * Float.BYTES, size.gates() * bytes);
    }

    @Override
    public long recurrentWeightBytes(RecurrentSpec spec) {
        Operand operand = Operand.of(spec.precision());
        return operand == Operand.F32 ? 0 : recurrentWeights(spec) * operand.bytes();
    }

    @Override
    public void prepareRecurrentWeights(Kernels kernels, CUstream stream, RecurrentSpec spec, long from, long to) {
        Operand.of(spec.precision()).convert(kernels, stream, from, to, recurrentWeights(spec));
    }

    private static long recurrentWeights(RecurrentSpec spec) {
        return (long) spec.gateRows() * spec.projectionSize();
    }
}
